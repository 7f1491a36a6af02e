// SPDX-License-Identifier: Apache-2.0

// Kinds are plain numbers: the machine makes millions of values a second and asks each for its kind.
export const NONE = 0;
export const BOOL = 1;
export const INT = 2;
export const FLOAT = 3;
export const STR = 4;
export const BYTES = 5;
export const TUPLE = 6;
export const LIST = 7;
export const DICT = 8;
export const SET = 9;
export const GLOBAL = 10;
export const CALL = 11;
export const PERSISTENT = 12;
export const UNKNOWN = 13;

/** None, True, False and numbers. A whole number too long for a double has its digits in `digits`. */
export interface Scalar {
  readonly kind: 0 | 1 | 2 | 3;
  readonly number: number;
  readonly digits: string | undefined;
}
/** Text or bytes: the first `kept` ones from `begin` of a chunk, or decoded text where the opcode escapes it. */
export interface Literal {
  readonly kind: 4 | 5;
  readonly begin: number;
  /** Bytes as written (characters for escaped text). */
  readonly length: number;
  /** Absolute offset of the first byte of the payload. */
  readonly at: number;
  readonly chunk: Buffer | string;
  /** True for a bytearray, false for a read-only view of one; absent for bytes and text. */
  readonly writable?: boolean;
}
/** A container: its first items and the telling ones of the rest. A dict's items are keys and values in turn. */
export interface Container {
  readonly kind: 6 | 7 | 8 | 9;
  readonly items: Value[];
  /** Elements (pairs of a dict) in truth. */
  length: number;
  /** How many values a walk over it meets; grows with sharing, so that a few bytes can stand for 2^60. */
  weight: number;
  /** Levels of values inside. */
  depth: number;
  /** Whether Python can hash it: a frozenset, or a tuple of what can be hashed. */
  hashable: boolean;
}
export interface Global {
  readonly kind: 10;
  readonly module: string;
  readonly name: string;
  /** What was looked up to find it, when it was not two literals. */
  readonly computed: readonly [Value, Value] | undefined;
}
/** The result of a call. Its class or function is `callee`. */
export interface Call {
  readonly kind: 11;
  readonly callee: Value;
  readonly target: string;
  readonly args: readonly Value[];
  /** Number of the ledger's entry, by which enclosing calls name it. */
  readonly entry: number;
  state: Value | undefined;
  used: boolean;
  readonly depth: number;
}
export interface Persistent {
  readonly kind: 12;
  readonly id: Value;
}
export interface Unknown {
  readonly kind: 13;
}
export type Value = Scalar | Literal | Container | Global | Call | Persistent | Unknown;

/** Characters kept of a literal; the `Operand` contract of the facts. */
export const preview = 256;
/** Items of a container kept whatever they are, and telling ones beyond. */
export const keptItems = 24;
const keptTelling = 72;
/** Texts kept of a tuple: the names that a code object uses are one. */
const keptTexts = 512;

const scalar = (kind: 0 | 1 | 2 | 3, number: number, digits?: string): Scalar => ({ kind, number, digits });
export const none = scalar(NONE, 0);
export const yes = scalar(BOOL, 1);
export const no = scalar(BOOL, 0);
export const unknown: Unknown = { kind: UNKNOWN };
const small = Array.from({ length: 1024 }, (_, index) => scalar(INT, index));

export function int(number: number): Scalar {
  return number >= 0 && number < 1024 ? small[number]! : { kind: INT, number, digits: undefined };
}
export function bigInt(value: bigint): Scalar {
  const number = Number(value);
  return Number.isSafeInteger(number) ? int(number) : scalar(INT, number, value.toString().slice(0, preview));
}
export function float(number: number): Scalar {
  return { kind: FLOAT, number, digits: undefined };
}
/** Text that was decoded on the way (lines of protocol 0). `length` counts what was written. */
export function text(value: string, length = value.length, at = -1, kind: 4 | 5 = STR): Literal {
  // Copied: a part of a text would keep the whole line in memory.
  const chunk = value.length > preview ? Buffer.from(value.slice(0, preview), 'utf16le').toString('utf16le') : value;
  return { kind, begin: 0, length, at, chunk };
}
export function container(kind: 6 | 7 | 8 | 9): Container {
  return { kind, items: [], length: 0, weight: 1, depth: 0, hashable: kind === TUPLE };
}

/** How much a walk over a value meets. */
export function weightOf(value: Value): number {
  return value.kind >= TUPLE && value.kind <= SET ? (value as Container).weight : 1;
}

const maxWeight = 1e18;

/** Deeper values are forgotten: a chain of millions would hold as many in memory, and nobody describes that far. */
const deepest = 1_000;

/** Levels of values inside; 0 for what holds none. */
export function depthOf(value: Value): number {
  const { kind } = value;
  return (kind >= TUPLE && kind <= SET) || kind === CALL ? (value as Container | Call).depth : kind === PERSISTENT || kind === GLOBAL ? 1 : 0;
}

/** The value, or `unknown` where it is nested too deeply to be kept. */
export function kept(value: Value): Value {
  return value.kind > BYTES && depthOf(value) >= deepest ? unknown : value;
}

/** Puts a value in the place of another of a list, as far as that one was kept. */
export function replace(list: Container, index: number, value: Value): void {
  const place = index < 0 ? index + list.length : index;
  if (place >= keptItems) {
    add(list, value); // what stood there was hardly kept: count it as one more
    return;
  }
  const inside = kept(value);
  list.depth = Math.max(list.depth, depthOf(inside) + 1);
  list.items[place] = inside;
}

/** Adds one element (a pair of a dict with `second`); keeps the first and the telling ones. */
export function add(into: Container, first: Value, second?: Value): void {
  into.length += 1;
  const weight = into.weight + weightOf(first) + (second === undefined ? 0 : weightOf(second));
  into.weight = weight < maxWeight ? weight : maxWeight;
  const { items } = into;
  const room = second === undefined ? items.length : items.length >> 1;
  if (room >= keptItems && (room >= keptTelling || !telling(first, second)) && !(into.kind === TUPLE && first.kind === STR && room < keptTexts)) return;
  hold(into, first);
  if (second !== undefined) hold(into, second);
}

function hold(into: Container, value: Value): void {
  if (value.kind > BYTES) {
    const inside = kept(value);
    into.depth = Math.max(into.depth, depthOf(inside) + 1);
    into.items.push(inside);
  } else into.items.push(value);
}

/** Worth keeping behind the first items: whatever holds code, and special method names. */
function telling(first: Value, second: Value | undefined): boolean {
  if (!plain(first)) return true;
  if (second === undefined) return false;
  return !plain(second) || (first.kind === STR && first.length > 4 && textOf(first).startsWith('__'));
}

/** A scalar, a literal, or an empty-handed container (looked at no deeper than its first level). */
function plain(value: Value): boolean {
  if (value.kind <= BYTES) return true;
  if (value.kind > SET) return false;
  for (const item of (value as Container).items) if (item.kind > SET) return false;
  return true;
}

/** The kept beginning of a literal as text; bytes as Latin-1. */
export function textOf(value: Literal): string {
  if (typeof value.chunk === 'string') return value.chunk;
  const end = value.begin + Math.min(value.length, preview);
  return value.kind === STR ? value.chunk.toString('utf8', value.begin, end) : value.chunk.toString('latin1', value.begin, end);
}

/** The whole text of a string no longer than the preview; undefined for anything else. */
export function wholeText(value: Value | undefined): string | undefined {
  if (value?.kind !== STR) return undefined;
  const literal = value;
  return literal.length <= preview ? textOf(literal) : undefined;
}

/** A whole number that a double holds; undefined for anything else. */
export function wholeNumber(value: Value | undefined): number | undefined {
  return value?.kind === INT && Number.isSafeInteger(value.number) ? value.number : undefined;
}

/** Dotted name of what a value would be when it is called; '?' where that is not written anywhere. */
export function targetOf(value: Value): string {
  if (value.kind === GLOBAL) return `${value.module}.${value.name}`;
  if (value.kind === CALL) return `${value.target}()`.slice(0, preview);
  return '?';
}

/** The value of a string key in a dict whose keys were kept. */
export function lookUp(value: Value | undefined, key: string): Value | undefined {
  if (value?.kind !== DICT) return undefined;
  const { items } = value;
  for (let i = items.length - 2; i >= 0; i -= 2) if (wholeText(items[i]) === key) return items[i + 1]; // the last one counts
  return undefined;
}
