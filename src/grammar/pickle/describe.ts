// SPDX-License-Identifier: Apache-2.0
import {
  BOOL, BYTES, CALL, DICT, FLOAT, GLOBAL, INT, LIST, NONE, PERSISTENT, preview, SET, STR, targetOf, textOf, TUPLE,
  type Call, type Container, type Literal, type Persistent, type Scalar, type Value,
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
      return { type: 'bool', text: (value as Scalar).number === 1 ? 'True' : 'False' };
    case INT:
      return { type: 'int', text: (value as Scalar).digits ?? String((value as Scalar).number) };
    case FLOAT:
      return { type: 'float', text: String((value as Scalar).number) };
    case STR:
    case BYTES:
      return literal(value as Literal);
    case TUPLE:
    case LIST:
    case DICT:
    case SET: {
      const { kind, items, length } = value as Container;
      return { type: names[kind], items: describeAll(items, room, vague, depth + 1), length };
    }
    case GLOBAL:
      return { type: 'global', target: cut(targetOf(value)) };
    case CALL: {
      const call = value as Call;
      return { type: 'call', target: cut(call.target), args: describeAll(call.args, room, vague, depth + 1) };
    }
    case PERSISTENT:
      return { type: 'persistent-id', id: describe((value as Persistent).id, room, vague, depth + 1) };
    default:
      return { type: 'unknown' };
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

/** What makes two calls the same kind of call: texts, globals and inner calls count, other data only by its type. */
export interface Signature {
  text: string;
  /** Holds text that is data. */
  texts: boolean;
  /** Holds a global, a call or a persistent id. */
  code: boolean;
  left: number;
}

const letters = ['N', 'B', 'i', 'f'];

/** Appends a value to a signature; runs of the same data collapse. `texts` false leaves texts out. */
export function sign(value: Value, into: Signature, withTexts: boolean, depth = 0): void {
  into.left -= 1;
  if (into.left < 0 || depth > deepest) {
    into.text += '~';
    return;
  }
  const { kind } = value;
  if (kind <= FLOAT) into.text += letters[kind]!;
  else if (kind === BYTES) into.text += 'b';
  else if (kind === STR) {
    into.texts = true;
    into.text += withTexts ? `${JSON.stringify(textOf(value as Literal))}:${(value as Literal).length}` : 's';
  } else if (kind <= SET) {
    into.text += '(['.charAt(kind === TUPLE ? 0 : 1) + kind;
    let last: string | undefined;
    for (const item of (value as Container).items) {
      const before = into.text;
      sign(item, into, withTexts, depth + 1);
      const added = into.text.slice(before.length);
      if (added === last) into.text = before;
      last = added;
    }
    into.text += ')';
  } else {
    into.code = true;
    if (kind === GLOBAL) into.text += `g${targetOf(value)} `;
    else if (kind === CALL) into.text += `c${(value as Call).entry} `;
    else if (kind === PERSISTENT) {
      into.text += 'p';
      sign((value as Persistent).id, into, withTexts, depth + 1);
    } else into.text += '?';
  }
}
