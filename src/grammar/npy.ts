// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy (numpy.lib.format) as rows of plain numbers and texts; whatever else it may hold is for the scanner to tell.
import { Malformed } from '../bytes/errors.ts';
import type { ByteSource } from '../bytes/source.ts';
import { parseLiteral, type Literal } from './python-literal.ts';

/** An array of a type that is read here. */
export interface Npy {
  readonly shape: readonly number[];
  /** Kind as numpy writes it: b, i, u, f, S, U. */
  readonly kind: string;
  /** Bytes of one element. */
  readonly size: number;
  /** Elements of one row: the product of all dimensions but the first. */
  readonly width: number;
  /** Elements `begin * width` to `end * width`, in order. */
  read(begin: number, end: number): Promise<readonly (number | string)[] | Uint8Array>;
}

const longestHeader = 64 << 10;

/** Opens an array; undefined for Fortran order, objects, structures, complex numbers and anything that is not whole. */
export async function openNpy(source: ByteSource): Promise<Npy | undefined> {
  if (source.size < 12) return undefined;
  const start = Buffer.from(await source.read(0, 12));
  if (start.toString('latin1', 0, 6) !== '\x93NUMPY') return undefined;
  const wide = start[6]! > 1;
  const begin = wide ? 12 : 10;
  const length = wide ? start.readUInt32LE(8) : start.readUInt16LE(8);
  if (length > longestHeader || begin + length > source.size) return undefined;
  const fields = fieldsOf(Buffer.from(await source.read(begin, length)).toString('latin1'));
  const descr = fields?.get('descr');
  const shape = fields?.get('shape');
  const order = fields?.get('fortran_order');
  const type = descr?.type === 'str' ? /^([<>|=])([biufSU])(\d{1,6})$/.exec(descr.value) : null;
  if (type === null || shape?.type !== 'tuple') return undefined;
  const sizes = shape.items.map((item) => (item.type === 'int' ? Number(item.text) : Number.NaN));
  if (sizes.length === 0 || sizes.length > 8 || !sizes.every((n) => Number.isSafeInteger(n) && n >= 0)) return undefined;
  if (order?.type === 'bool' && order.value && sizes.length > 1) return undefined;
  const [, byteOrder, kind] = type as unknown as [string, string, string];
  const size = Number(type[3]) * (kind === 'U' ? 4 : 1);
  const width = sizes.slice(1).reduce((product, n) => product * n, 1);
  if (!(width * size * sizes[0]! <= source.size - begin - length)) return undefined;
  const decode = decoder(kind, size, byteOrder !== '>');
  if (decode === undefined) return undefined;
  const data = begin + length;
  return {
    shape: sizes, kind, size, width,
    read: async (from, to) => decode(await source.read(data + from * width * size, (to - from) * width * size)),
  };
}

function fieldsOf(text: string): Map<string, Literal> | undefined {
  let literal: Literal;
  try {
    literal = parseLiteral(text);
  } catch (error) {
    if (error instanceof Malformed) return undefined; // said by the scanner of the array itself
    throw error;
  }
  return literal.type === 'dict' ? new Map(literal.entries.flatMap(([key, value]) => (key.type === 'str' ? [[key.value, value] as const] : []))) : undefined;
}

type Decode = (bytes: Uint8Array) => readonly (number | string)[] | Uint8Array;

function decoder(kind: string, size: number, little: boolean): Decode | undefined {
  if (kind === 'S' && size > 0) return (bytes) => pieces(bytes, size, (part) => Buffer.from(part).toString('latin1').replace(/\0+$/, ''));
  if (kind === 'U' && size > 0) return (bytes) => pieces(bytes, size, (part) => codePoints(part, little));
  if ((kind === 'u' || kind === 'b') && size === 1) return (bytes) => new Uint8Array(bytes);
  const get = getters[`${kind}${size}`];
  if (get === undefined) return undefined;
  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => get(view, i * size, little));
  };
}

const getters: Readonly<Record<string, (view: DataView, at: number, little: boolean) => number>> = {
  i1: (view, at) => view.getInt8(at), i2: (view, at, little) => view.getInt16(at, little), u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little), u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)), u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little), f8: (view, at, little) => view.getFloat64(at, little), f2: (view, at, little) => half(view.getUint16(at, little)),
};

function pieces(bytes: Uint8Array, size: number, text: (part: Uint8Array) => string): string[] {
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => text(bytes.subarray(i * size, (i + 1) * size)));
}

function codePoints(part: Uint8Array, little: boolean): string {
  const view = new DataView(part.buffer, part.byteOffset, part.length);
  let out = '';
  for (let at = 0; at + 4 <= part.length; at += 4) {
    const point = view.getUint32(at, little);
    if (point === 0) break;
    out += point <= 0x10ffff ? String.fromCodePoint(point) : '\uFFFD';
  }
  return out;
}

function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 === 0 ? 1 : -1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
