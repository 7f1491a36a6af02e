// SPDX-License-Identifier: Apache-2.0
import type { Literal } from '../../src/grammar/python-literal.ts';

/** A type of element; `object` when any part is a Python object, so that the array is a pickle. */
export interface Dtype {
  /** Short form: F32, I64, BOOL, S10; STRUCT and OBJECT. */
  readonly name: string;
  /** Bytes of an element as stored; undefined where only numpy knows. */
  readonly itemsize: number | undefined;
  readonly object: boolean;
}

const shortest: Readonly<Record<string, string>> = { f: 'F', i: 'I', u: 'U', c: 'C', m: 'TIMEDELTA', M: 'DATETIME' };
const deepest = 16;

/** The type that a header's `descr` names (numpy.lib.format, "descr: dtype.descr"); undefined when it is none that is written. */
export function dtypeOf(descr: Literal): Dtype | undefined {
  const dtype = read(descr, 0);
  return dtype?.itemsize === undefined || Number.isSafeInteger(dtype.itemsize) ? dtype : undefined;
}

function read(descr: Literal, depth: number): Dtype | undefined {
  if (depth > deepest) return undefined;
  if (descr.type === 'str') return plain(descr.value);
  if (descr.type === 'list') return structured(descr.items, depth);
  if (descr.type === 'tuple' && descr.items.length === 2) return repeated(read(descr.items[0]!, depth + 1), descr.items[1]!);
  return undefined;
}

/** Byte order, kind, and bytes: '<f4'. numpy also reads names and comma lists ('float32', 'i4,O'), which it never writes. */
function plain(text: string): Dtype | undefined {
  const found = /^[<>|=]?([biufcSaUVOmM?])(\d{0,9})(?:\[[\w/]{1,12}\])?$/.exec(text);
  if (found === null) return undefined;
  const kind = found[1]!;
  const size = found[2] === '' ? undefined : Number(found[2]);
  if (kind === 'O') return { name: 'OBJECT', itemsize: undefined, object: true };
  if (kind === '?' || kind === 'b') return { name: kind === 'b' && size !== 1 ? 'I8' : 'BOOL', itemsize: 1, object: false };
  if (kind === 'U') return { name: `U${size ?? 0}`, itemsize: 4 * (size ?? 0), object: false };
  if (kind === 'S' || kind === 'a' || kind === 'V') return { name: `${kind === 'a' ? 'S' : kind}${size ?? 0}`, itemsize: size ?? 0, object: false };
  if (kind === 'm' || kind === 'M') return { name: shortest[kind]!, itemsize: size ?? 8, object: false };
  if (size === undefined || size === 0 || size > 32) return undefined;
  return { name: `${shortest[kind]!}${8 * size}`, itemsize: size, object: false };
}

/** Fields: (name, type) or (name, type, shape). */
function structured(fields: readonly Literal[], depth: number): Dtype | undefined {
  let itemsize: number | undefined = 0;
  let object = false;
  for (const field of fields) {
    if (field.type !== 'tuple' || field.items.length < 2 || field.items.length > 3) return undefined;
    const base = read(field.items[1]!, depth + 1);
    const dtype = field.items[2] === undefined ? base : repeated(base, field.items[2]);
    if (dtype === undefined) return undefined;
    object ||= dtype.object;
    itemsize = itemsize === undefined || dtype.itemsize === undefined ? undefined : itemsize + dtype.itemsize;
  }
  return { name: object ? 'OBJECT' : 'STRUCT', itemsize: object ? undefined : itemsize, object };
}

function repeated(base: Dtype | undefined, shape: Literal): Dtype | undefined {
  const dimensions = shapeOf(shape.type === 'int' ? { type: 'tuple', items: [shape] } : shape);
  if (base === undefined || dimensions === undefined) return undefined;
  return { ...base, itemsize: base.itemsize === undefined ? undefined : dimensions.reduce((product, n) => product * n, base.itemsize) };
}

/** Dimensions; undefined when they are no tuple of numbers from 0 up to 2⁵³. */
export function shapeOf(literal: Literal): number[] | undefined {
  if (literal.type !== 'tuple' || literal.items.length > 64) return undefined;
  const shape = literal.items.map((item) => (item.type === 'int' ? Number(item.text) : Number.NaN));
  return shape.every((n) => Number.isSafeInteger(n) && n >= 0) ? shape : undefined;
}
