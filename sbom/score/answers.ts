// SPDX-License-Identifier: Apache-2.0
// What a document answers to the questions that the profiles ask, whatever its format.
import { pointerOf } from '../schema/pointer.ts';
import { isObject, type Json } from '../check/lint.ts';
import type { Read } from '../check/index.ts';
import { elementsOf } from '../check/spdx/graph.ts';
import { cyclonedxPaths, spdxPaths } from './paths.ts';
import { find, type At } from './path.ts';
import type { FieldId } from './fields.ts';

/** One value that a document gives. */
export interface Answer {
  readonly pointer: string;
  readonly value: string;
  /** Index of the component it is about, where a field asks each component. */
  readonly of?: number;
}

export interface Answers {
  readonly format: string;
  readonly given: ReadonlyMap<FieldId, readonly Answer[]>;
  /** Components that fields about each component ask: what is here, not what is only referred to. */
  readonly components: number;
}

/** Reads all answers of a document of a format that is checked here. */
export function answersOf(read: Extract<Read, { document: Json }>): Answers {
  return read.kind === 'cyclonedx' ? fromCyclonedx(read.document, read.version) : fromSpdx(read.document, read.version);
}

function fromCyclonedx(document: Json, version: string): Answers {
  const root: At = { value: document, place: undefined };
  const subject = find(root, 'metadata/component');
  const top = [...subject, ...find(root, 'components')];
  const all: At[] = [...top];
  for (let i = 0; i < all.length && all.length < 200_000; i += 1) all.push(...find(all[i]!, 'components'));
  const external = (at: At): boolean => isObject(at.value) && at.value['isExternal'] === true;
  const typed = (type: string): At[] => all.filter(({ value }) => isObject(value) && value['type'] === type);
  const models = typed('machine-learning-model').filter((at) => !external(at));
  const starts: Record<string, readonly At[]> = {
    '@': [root],
    '@subject': subject,
    // The subject speaks for the models in it.
    '@model': isObject(subject[0]?.value) && subject[0].value['type'] === 'machine-learning-model' ? subject : models,
    '@base': typed('machine-learning-model').filter(external),
    '@dataset': typed('data'),
    '@each': all.filter((at) => !external(at)),
  };
  return collect(`CycloneDX ${version}`, starts, cyclonedxPaths);
}

function fromSpdx(document: Json, version: string): Answers {
  const elements = elementsOf(document);
  const of = (test: (type: string) => boolean): At[] => elements.filter(({ type }) => test(type)).map(({ value, place }) => ({ value, place }));
  const roots = new Set(elements.flatMap(({ type, value }) => (type === 'SpdxDocument' || type === 'software_Sbom' ? [value['rootElement']].flat() : [])));
  const subject = elements.filter(({ id, type }) => roots.has(id) && !/^(software_Sbom|SpdxDocument|Bom|Bundle)$/.test(type)).map(({ value, place }) => ({ value, place }));
  const starts: Record<string, readonly At[]> = {
    '@': [{ value: document, place: undefined }],
    '@info': of((type) => type === 'CreationInfo').slice(0, 1),
    '@tool': of((type) => type === 'Tool'),
    '@sbom': of((type) => type === 'software_Sbom' || type === 'SpdxDocument'),
    '@subject': subject.length > 0 ? subject : of((type) => type === 'ai_AIPackage').slice(0, 1),
    '@model': of((type) => type === 'ai_AIPackage'),
    '@dataset': of((type) => type === 'dataset_DatasetPackage'),
    '@each': of((type) => /^(software_Package|software_File|ai_AIPackage|dataset_DatasetPackage)$/.test(type)),
    '@relation': of((type) => type.endsWith('Relationship')),
    '@vulnerability': of((type) => type === 'security_Vulnerability'),
  };
  return collect(`SPDX ${version}`, starts, spdxPaths);
}

function collect(format: string, starts: Readonly<Record<string, readonly At[]>>, paths: Readonly<Partial<Record<FieldId, readonly string[]>>>): Answers {
  const given = new Map<FieldId, Answer[]>();
  for (const [field, list] of Object.entries(paths) as [FieldId, readonly string[]][]) {
    const answers: Answer[] = [];
    for (const path of list) {
      if (path.startsWith('=')) {
        answers.push({ pointer: '', value: path.slice(1) });
        continue;
      }
      const slash = path.indexOf('/');
      const [start, rest] = slash < 0 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)];
      const [name, filter] = start.split('?');
      (starts[name!] ?? []).forEach((from, of) => {
        if (filter !== undefined) {
          const [member, wanted] = filter.split('=') as [string, string];
          if (!isObject(from.value) || !wanted.split('|').includes(String(from.value[member]))) return;
        }
        for (const { value, place } of find(from, rest)) answers.push({ pointer: pointerOf(place), value: textOf(value), of });
      });
    }
    if (answers.length > 0) given.set(field, answers);
  }
  return { format, given, components: starts['@each']?.length ?? 0 };
}

/** A value as text; an object that says nothing is an empty text. */
function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0 ? '' : '{…}';
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
