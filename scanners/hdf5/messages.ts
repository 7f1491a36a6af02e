// SPDX-License-Identifier: Apache-2.0
// Bodies of header messages (HDF5 File Format Specification 3.0, IV.A.2).
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { Cursor, File } from './file.ts';

export interface Datatype {
  readonly class: number;
  /** Bytes of one element. */
  readonly size: number;
  /** In the field's short form; undefined for what is no plain number. */
  readonly dtype?: string;
  readonly bigEndian: boolean;
  /** Text of variable length (class 9, type 1), kept in the global heap. */
  readonly vlenText: boolean;
}

/** Floats by the bits of exponent and mantissa. */
const floats: Readonly<Record<string, string>> = { '11 52': 'F64', '8 23': 'F32', '5 10': 'F16', '8 7': 'BF16' };

/** Class, bit field, size and properties. Classes: 0 whole number, 1 float, 3 text, 6 compound, 8 enumeration, 9 variable length. */
export function datatype(body: Cursor): Datatype {
  const kind = body.number(1) & 15;
  const bits = body.number(3);
  const size = body.number(4);
  const plain = { class: kind, size, bigEndian: (bits & 1) !== 0, vlenText: kind === 9 && (bits & 15) === 1 };
  if (kind === 0 && [1, 2, 4, 8].includes(size)) return { ...plain, dtype: `${bits & 8 ? 'I' : 'U'}${8 * size}` };
  if (kind === 8 && size === 1) return { ...plain, dtype: 'BOOL' }; // h5py's booleans
  if (kind !== 1 || body.left < 12) return plain;
  body.skip(4);
  const [, exponent, , mantissa] = [body.number(1), body.number(1), body.number(1), body.number(1)];
  const name = floats[`${exponent} ${mantissa}`];
  return name === undefined ? plain : { ...plain, dtype: name };
}

/** Sizes; empty for a scalar, undefined for no data at all. */
export function dataspace(body: Cursor): readonly number[] | undefined {
  const [version, rank] = [body.number(1), body.number(1)];
  body.skip(1);
  if (version === 1) body.skip(5);
  else if (version === 2) {
    if (body.number(1) === 2) return undefined;
  } else throw new Unsupported(`an HDF5 dataspace of version ${version}`);
  if (rank > 32) throw new Malformed('hdf5/rank', `a dataspace has ${rank} dimensions; allowed are 32`, body.at);
  return Array.from({ length: rank }, () => body.length());
}

/** Where the bytes of a dataset are. */
export type Layout =
  | { readonly kind: 'compact'; readonly at: number; readonly size: number }
  | { readonly kind: 'contiguous'; readonly address: number | undefined; readonly size: number }
  | { readonly kind: 'chunked' | 'virtual' };

export function layout(body: Cursor): Layout {
  const version = body.number(1);
  if (version < 3) {
    const rank = body.number(1);
    const kind = body.number(1);
    body.skip(5);
    if (kind === 2) return { kind: 'chunked' };
    const address = kind === 1 ? body.address() : undefined;
    const sizes = Array.from({ length: Math.min(rank, 32) }, () => body.number(4));
    if (kind === 1) return { kind: 'contiguous', address, size: sizes.reduce((product, size) => product * size, 1) };
    const size = body.number(4);
    return { kind: 'compact', at: body.at + body.position, size };
  }
  const kind = body.number(1);
  if (kind === 0) {
    const size = body.number(2);
    return { kind: 'compact', at: body.at + body.position, size: Math.min(size, body.left) };
  }
  if (kind === 1) return { kind: 'contiguous', address: body.address(), size: body.length() };
  if (kind === 2 || kind === 3) return { kind: kind === 2 ? 'chunked' : 'virtual' };
  throw new Unsupported(`an HDF5 data layout of class ${kind}`);
}

/** A named value of an object; `data` is as it lies in the header. */
export interface Attribute {
  readonly name: string;
  readonly type: Datatype;
  readonly shape: readonly number[] | undefined;
  readonly data: Cursor;
}

export function attribute(body: Cursor): Attribute {
  const version = body.number(1);
  const flags = body.number(1);
  if (version < 1 || version > 3) throw new Unsupported(`an HDF5 attribute of version ${version}`);
  if (version > 1 && (flags & 3) !== 0) throw new Unsupported('an HDF5 attribute whose type is kept elsewhere');
  const sizes = [body.number(2), body.number(2), body.number(2)] as const;
  if (version === 3) body.skip(1);
  const padded = (size: number): number => (version === 1 ? Math.ceil(size / 8) * 8 : size);
  const [name, type, space] = sizes.map((size) => body.part(Math.min(padded(size), body.left))) as [Cursor, Cursor, Cursor];
  return { name: name.text(), type: datatype(type), shape: dataspace(space), data: body.part(body.left) };
}

export type Link =
  | { readonly kind: 'hard'; readonly name: string; readonly address: number }
  | { readonly kind: 'soft'; readonly name: string; readonly path: string }
  | { readonly kind: 'external'; readonly name: string; readonly file: string; readonly path: string }
  | { readonly kind: 'other'; readonly name: string; readonly type: number };

export function link(body: Cursor): Link | undefined {
  body.skip(1);
  const flags = body.number(1);
  const type = flags & 8 ? body.number(1) : 0;
  body.skip((flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0));
  const name = body.take(body.number(1 << (flags & 3))).toString('utf8');
  if (type === 0) {
    const address = body.address();
    return address === undefined ? undefined : { kind: 'hard', name, address };
  }
  const value = body.part(body.number(2));
  if (type === 1) return { kind: 'soft', name, path: value.bytes.toString('utf8') };
  if (type !== 64) return { kind: 'other', name, type };
  value.skip(1); // version and flags
  return { kind: 'external', name, file: value.text(), path: value.text() };
}

/** Identifiers of the filters that chunks went through (1 deflate, 2 shuffle, 3 fletcher32, 4 szip …). */
export function filters(body: Cursor): number[] {
  const version = body.number(1);
  const count = body.number(1);
  if (version === 1) body.skip(6);
  const out: number[] = [];
  for (let i = 0; i < count && body.left >= 2; i += 1) {
    const id = body.number(2);
    const nameLength = version === 1 || id >= 256 ? body.number(2) : 0;
    body.skip(2);
    const values = body.number(2);
    body.skip(Math.min(body.left, (version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength) + 4 * values + (version === 1 && values % 2 === 1 ? 4 : 0)));
    out.push(id);
  }
  return out;
}

/** Files outside that hold a dataset's bytes: names, where they begin there, how many. */
export async function externalFiles(file: File, body: Cursor): Promise<{ readonly name: string; readonly offset: number; readonly size: number }[]> {
  body.skip(4);
  body.skip(2);
  const used = body.number(2);
  const heap = body.address();
  const names = heap === undefined ? undefined : await localHeap(file, heap);
  return Array.from({ length: Math.min(used, 4096) }, () => {
    const [name, offset, size] = [body.length(), body.length(), body.length()];
    return { name: names?.(name) ?? '', offset, size };
  });
}

const largestHeap = 64 << 20;

/** Names of an old-style group: text by its offset in the heap (III.D). */
export async function localHeap(file: File, address: number): Promise<(offset: number) => string> {
  const head = await file.cursor(address, 8 + 2 * file.lengths + file.offsets, 'a local heap');
  if (head.take(4).toString('latin1') !== 'HEAP') throw new Malformed('hdf5/heap', `a local heap at byte ${head.at} does not begin with HEAP`, head.at);
  head.skip(4);
  const size = head.length();
  head.length();
  const at = head.address();
  if (at === undefined || size > largestHeap) throw new Malformed('hdf5/heap', `a local heap at byte ${head.at} has ${size} bytes; allowed are ${largestHeap}`, head.at);
  const { bytes } = await file.cursor(at, size, 'the data of a local heap');
  return (offset) => {
    const end = bytes.indexOf(0, offset);
    return offset < bytes.length ? bytes.toString('utf8', offset, end === -1 ? bytes.length : end) : '';
  };
}

/** One object of a global heap (III.E): the text of an attribute of variable length. */
export async function globalObject(file: File, address: number, index: number): Promise<{ readonly at: number; readonly bytes: Buffer } | undefined> {
  const head = await file.cursor(address, 8 + file.lengths, 'a global heap');
  if (head.take(4).toString('latin1') !== 'GCOL') throw new Malformed('hdf5/heap', `a global heap at byte ${head.at} does not begin with GCOL`, head.at);
  head.skip(4);
  const size = head.length();
  if (size > largestHeap) throw new Malformed('hdf5/heap', `a global heap at byte ${head.at} has ${size} bytes; allowed are ${largestHeap}`, head.at);
  const heap = await file.cursor(address, size, 'a global heap');
  heap.skip(8 + file.lengths);
  while (heap.left >= 8 + file.lengths) {
    const id = heap.number(2);
    heap.skip(6);
    const length = heap.length();
    if (id === 0) return undefined; // free space, the last
    const at = heap.at + heap.position;
    const bytes = heap.take(length);
    if (id === index) return { at, bytes };
    heap.skip(Math.min(heap.left, (8 - (length % 8)) % 8));
  }
  return undefined;
}
