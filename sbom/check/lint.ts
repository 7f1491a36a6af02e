// SPDX-License-Identifier: Apache-2.0
// What a lint is, and the one walk over a document that all lints share.
import { pointerOf, type Place } from '../schema/pointer.ts';

/** `error`: the document is wrong, or useless to who relies on it · `warning`: wants a human · `note`: could be better. */
export const levels = ['error', 'warning', 'note'] as const;
export type Level = (typeof levels)[number];

/** One thing to look for that a schema cannot say. */
export interface Lint {
  /** Kebab-case and stable. */
  readonly id: string;
  readonly level: Level;
  readonly title: string;
  readonly why: string;
  readonly fix: string;
}

/** Something wrong in a document. */
export interface Problem {
  /** Id of the lint; 'schema' for what the schema says. */
  readonly code: string;
  readonly level: Level;
  /** JSON pointer (RFC 6901) to the place. */
  readonly pointer: string;
  readonly message: string;
}

export type Json = Readonly<Record<string, unknown>>;

/** An object of the document. */
export interface Node {
  readonly value: Json;
  readonly place: Place | undefined;
  /** Name of the member that holds it, or holds the array it is in; '' for the root. */
  readonly key: string;
  readonly up: Node | undefined;
}

export type Say = (lint: Lint, place: Place | undefined, message: string) => void;

/** What a group does during the walk: `object` and `text` for each, in document order; `finish` afterwards. */
export interface Visitor {
  readonly object?: (node: Node) => void;
  /** `key`: name of the member that holds the text, or its array. */
  readonly text?: (text: string, place: Place, key: string, holder: Node) => void;
  readonly finish?: () => void;
}

/** Lints that look at the same things: one file. */
export interface Group {
  readonly lints: readonly Lint[];
  readonly start: (say: Say, document: Json) => Visitor;
}

/** Problems that are kept. A document can hold millions; after a thousand nobody reads on. */
export const mostProblems = 1000;

/** Runs the groups over a parsed document, ours or not. At most a thousand problems, in the order they are met. */
export function run(groups: readonly Group[], document: unknown): Problem[] {
  const problems: Problem[] = [];
  if (!isObject(document)) return problems;
  const say: Say = ({ id, level }, place, message) => {
    if (problems.length < mostProblems) problems.push({ code: id, level, pointer: pointerOf(place), message });
  };
  const visitors = groups.map((group) => group.start(say, document));
  walk(document, visitors);
  for (const { finish } of visitors) finish?.();
  return problems;
}

interface Step {
  readonly value: unknown;
  readonly place: Place | undefined;
  readonly key: string;
  readonly up: Node | undefined;
}

/** Depth-first over a stack of its own: documents may be nested deeper than ours. */
function walk(document: Json, visitors: readonly Visitor[]): void {
  const stack: Step[] = [{ value: document, place: undefined, key: '', up: undefined }];
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    const { value, place, key, up } = step;
    if (Array.isArray(value)) {
      for (let i = value.length - 1; i >= 0; i -= 1) stack.push({ value: value[i], place: { up: place, key: i }, key, up });
    } else if (isObject(value)) {
      const node: Node = { value, place, key, up };
      for (const { object } of visitors) object?.(node);
      const names = Object.keys(value);
      for (let i = names.length - 1; i >= 0; i -= 1) {
        const name = names[i]!;
        stack.push({ value: value[name], place: { up: place, key: name }, key: name, up: node });
      }
    } else if (typeof value === 'string' && place !== undefined && up !== undefined) {
      for (const { text } of visitors) text?.(value, place, key, up);
    }
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a list; none when it is no list. */
export function objects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isObject) : [];
}

/** The texts of a list, with their places in it; none when it is no list. */
export function texts(value: unknown): readonly (readonly [text: string, index: number])[] {
  return Array.isArray(value) ? (value as unknown[]).flatMap((item, index) => (typeof item === 'string' ? [[item, index] as const] : [])) : [];
}

/** A place below another. */
export function below(place: Place | undefined, ...keys: readonly (string | number)[]): Place | undefined {
  return keys.reduce<Place | undefined>((up, key) => ({ up, key }), place);
}

/** A value of the document for a message: quoted, and cut to 200 characters. */
export function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value) ?? 'nothing';
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 199)}…` : text);
}

const componentKeys = new Set(['component', 'components', 'ancestors', 'descendants', 'variants']);

/** Whether an object of a CycloneDX document is a component. */
export function isComponent({ value, key }: Node): boolean {
  return componentKeys.has(key) && typeof value['name'] === 'string';
}
