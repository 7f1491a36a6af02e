// SPDX-License-Identifier: Apache-2.0
import type { Place } from '../../schema/pointer.ts';
import { below, isObject, objects, type Json } from '../lint.ts';

/** An element or blank node of an SPDX 3 document. */
export interface Element {
  readonly value: Json;
  readonly place: Place | undefined;
  readonly type: string;
  /** spdxId, or @id of a blank node; '' when it has none. */
  readonly id: string;
}

/** The elements of a document in its order: those of `@graph`, or the one that the document is. */
export function elementsOf(document: Json): Element[] {
  const graph = document['@graph'];
  const all: readonly (readonly [unknown, Place | undefined])[] = Array.isArray(graph) ? (graph as unknown[]).map((value, i) => [value, below(undefined, '@graph', i)]) : [[document, undefined]];
  return all.flatMap(([value, place]) => (isObject(value) ? [{ value, place, type: text(value['type']), id: text(value['spdxId']) || text(value['@id']) }] : []));
}

/** Ids that stand for elements of other documents (ExternalMap of the SpdxDocument). */
export function importedIds(elements: readonly Element[]): Set<string> {
  return new Set(elements.flatMap(({ value }) => objects(value['import']).map((map) => text(map['externalSpdxId']))));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What a relationship's `to` holds, always as a list. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
}
