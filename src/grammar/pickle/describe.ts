// SPDX-License-Identifier: Apache-2.0
import {
  BOOL, BYTES, CALL, DICT, FLOAT, GLOBAL, INT, LIST, NONE, PERSISTENT, preview, SET, STR, targetOf, textOf, TUPLE, UNKNOWN,
  type Container, type Literal, type Value,
} from './values.ts';

/** A symbolic value as JSON; the same shape as the `Operand` of call facts. */
export type Described =
  | { readonly type: 'none' }
  | { readonly type: 'bool'; readonly text: string }
  | { readonly type: 'int' | 'float'; readonly text: string }
  | { readonly type: 'str' | 'bytes'; readonly text: string; readonly length: number }
  | { readonly type: 'tuple' | 'list' | 'dict' | 'set'; readonly items: readonly Described[]; readonly length: number }
  | { readonly type: 'global'; readonly target: string }
  | { readonly type: 'call'; readonly target: string; readonly args: readonly Described[] }
  | { readonly type: 'persistent-id'; readonly id: Described }
  | { readonly type: 'various' | 'unknown' };

const names = { [TUPLE]: 'tuple', [LIST]: 'list', [DICT]: 'dict', [SET]: 'set' } as const;
const deepest = 8;

/** How many values a description may still spell out: expansion by sharing ends here. */
export interface Room {
  left: number;
}

/** Spells a value out as far as there is room. With `vague`, data other than text is only said to be various. */
export function describe(value: Value, room: Room, vague = false, depth = 0): Described {
  room.left -= 1;
  if (room.left < 0 || depth > deepest) return { type: 'unknown' };
  if (vague && (value.kind === INT || value.kind === FLOAT || value.kind === BYTES)) return { type: 'various' };
  switch (value.kind) {
    case NONE:
      return { type: 'none' };
    case BOOL:
      return { type: 'bool', text: value.number === 1 ? 'True' : 'False' };
    case INT:
      return { type: 'int', text: value.digits ?? String(value.number) };
    case FLOAT:
      return { type: 'float', text: String(value.number) };
    case STR:
    case BYTES:
      return literal(value);
    case TUPLE:
    case LIST:
    case DICT:
    case SET: {
      const { kind, items, length } = value;
      return { type: names[kind], items: describeAll(items, room, vague, depth + 1), length };
    }
    case GLOBAL:
      return { type: 'global', target: cut(targetOf(value)) };
    case CALL: {
      const call = value;
      return { type: 'call', target: cut(call.target), args: describeAll(call.args, room, vague, depth + 1) };
    }
    case PERSISTENT:
      return { type: 'persistent-id', id: describe(value.id, room, vague, depth + 1) };
    case UNKNOWN:
      return { type: 'unknown' };
    default:
      throw new Error('a kind of value that does not exist');
  }
}

function describeAll(values: readonly Value[], room: Room, vague: boolean, depth: number): Described[] {
  const out: Described[] = [];
  for (const value of values) {
    if (room.left <= 0) break;
    out.push(describe(value, room, vague, depth));
  }
  return out;
}

function literal(value: Literal): Described {
  const text = textOf(value);
  return { type: value.kind === STR ? 'str' : 'bytes', text: cut(text), length: value.length };
}


/** At most 256 characters of somebody else's text. */
export function cut(text: string): string {
  return text.length > preview ? `${text.slice(0, preview - 1)}…` : text;
}

/** What was met while signing. */
export interface Met {
  /** Text that is data. */
  texts: boolean;
  /** A global, a call or a persistent id. */
  code: boolean;
  left: number;
}

const letters = ['N', 'B', 'i', 'f'];

/**
 * What makes two calls the same kind of call: texts (unless `withTexts` is false), globals and inner calls count, other
 * data only by its type; runs of the same collapse.
 */
export function sign(value: Value, met: Met, withTexts: boolean, depth = 0): string {
  met.left -= 1;
  if (met.left < 0 || depth > deepest) return '~';
  const { kind } = value;
  if (kind <= FLOAT) return letters[kind]!;
  if (kind === BYTES) return 'b';
  if (kind === STR) {
    met.texts = true;
    return withTexts ? `s${value.length}:${textOf(value)};` : 's';
  }
  if (kind === GLOBAL) {
    met.code = true;
    return `g${value.module}:${value.name};`;
  }
  if (kind === CALL) {
    met.code = true;
    return `c${value.entry};`;
  }
  if (kind === PERSISTENT) {
    met.code = true;
    return `p${sign(value.id, met, withTexts, depth + 1)}`;
  }
  if (kind === UNKNOWN) {
    met.code = true;
    return '?';
  }
  let text = `${kind}(`;
  let last = '';
  for (const item of (value as Container).items) {
    const part = sign(item, met, withTexts, depth + 1);
    if (part !== last) text += part;
    last = part;
  }
  return `${text})`;
}
