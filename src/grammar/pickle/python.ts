// SPDX-License-Identifier: Apache-2.0
// What Python's own types can do: where a loader would stop with a TypeError or an AttributeError, and on which pairs of
// types the C unpickler (Modules/_pickle.c) and the one in Python (Lib/pickle.py) part.
import { BOOL, BYTES, DICT, FLOAT, INT, NONE, SET, STR, TUPLE, type Container, type Literal, type Value } from './values.ts';

/** Whether Python's type of a value is known: it is no global, call, persistent id or buffer. */
export function known(value: Value): boolean {
  return value.kind <= SET;
}

const typeNames: readonly string[] = ['None', 'bool', 'int', 'float', 'str', 'bytes', 'tuple', 'list', 'dict', 'set'];

/** Python's name of the type, for a value whose type is known. */
export function typeName(value: Value): string {
  if (value.kind === BYTES && value.writable !== undefined) return value.writable ? 'bytearray' : 'memoryview';
  return value.kind === SET && value.hashable ? 'frozenset' : typeNames[value.kind] ?? 'object';
}

/** BYTEARRAY8's value, unless READONLY_BUFFER has made a view of it. */
export function isBytearray(value: Value): value is Literal {
  return value.kind === BYTES && value.writable === true;
}

/** Whether a value can be a key; what is not known is taken to be one. */
export function hashable(value: Value): boolean {
  const { kind } = value;
  if (kind < BYTES || kind > SET) return true;
  return kind === BYTES ? value.writable === undefined : (value as Container).hashable;
}

/** False for None, zero, and what is empty; undefined where that is not known. */
export function truth(value: Value): boolean | undefined {
  const { kind } = value;
  if (kind <= FLOAT) return (value as { readonly number: number }).number !== 0;
  return kind <= SET ? (value as Container | Literal).length > 0 : undefined;
}

/**
 * Whether BUILD gives `state` to an object of a type of Python's own, which has neither `__setstate__` nor `__dict__`:
 * only a state that says nothing passes, and the two readers differ on what says nothing.
 */
export function buildsNothing(state: Value): { readonly c: boolean; readonly python: boolean } {
  const pair = state.kind === TUPLE && state.length === 2 ? state.items : undefined;
  const [own, slots] = pair === undefined ? [state, undefined] : [pair[0]!, pair[1]];
  return {
    c: (own.kind === NONE || !known(own)) && (slots === undefined || !known(slots) || (slots.kind === DICT && slots.length === 0)),
    python: truth(own) !== true && (slots === undefined || truth(slots) !== true),
  };
}

/** Whether a list of `length` has the index; what is not known is taken to be one. */
export function indexes(key: Value, length: number): boolean {
  if (!known(key)) return true;
  return (key.kind === INT || key.kind === BOOL) && key.number >= -length && key.number < length;
}

/** Whether a bytearray takes the item; what is not known is taken to be a byte. */
export function isByte(value: Value): boolean {
  return !known(value) || ((value.kind === INT || value.kind === BOOL) && value.number >= 0 && value.number < 256);
}

/** Whether `f(*value)` works in Python, so that the unpickler written in it calls where the C one refuses. */
export function iterable(value: Value): boolean {
  return value.kind >= STR && value.kind <= SET;
}
