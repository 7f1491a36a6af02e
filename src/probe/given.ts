// SPDX-License-Identifier: Apache-2.0
// Inputs that the user gives: .npy arrays (https://numpy.org/neps/nep-0001-npy-format.html), one file a row or a batch of rows.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Port, Values } from './session.ts';

/** Rows for one image input, all of one shape, as float32. */
export interface Given {
  /** Sizes of one row: [channels, height, width] or [height, width, channels]. */
  readonly dims: readonly number[];
  readonly rows: readonly Float32Array[];
}

const mostRows = 64;
const mostFiles = 4096;
const largest = 256 << 20;

/** Reads the rows that fit the port, at most 64; a text says why there are none. */
export function givenRows(folder: string, port: Port): Given | string {
  const dims = port.shape.slice(1);
  if (dims.length !== 3) return `the input ${JSON.stringify(port.name)} has ${port.shape.length} dimensions; pictures have 4 (batch, channels, height, width)`;
  const rows: Float32Array[] = [];
  let shape: readonly number[] | undefined;
  const refused: string[] = [];
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.npy')).toSorted().slice(0, mostFiles)) {
    const array = readArray(join(folder, name));
    const fitting = typeof array === 'string' ? undefined : rowDims(array.shape, dims, shape);
    if (typeof array === 'string' || fitting === undefined) {
      refused.push(typeof array === 'string' ? `${name}: ${array}` : `${name} has shape ${array.shape.join('×')}`);
      continue;
    }
    shape = fitting;
    const size = fitting.reduce((product, one) => product * one, 1);
    for (let at = 0; at + size <= array.data.length && rows.length < mostRows; at += size) rows.push(array.data.subarray(at, at + size));
    if (rows.length === mostRows) break;
  }
  if (shape !== undefined && rows.length > 0) return { dims: shape, rows };
  return refused.length > 0 ? `no array in --probe-inputs fits ${dims.join('×')}: ${refused[0]}` : 'there is no .npy file in --probe-inputs';
}

/** Sizes of one row, when an array is one row or a batch of rows of an input with these sizes (a text or 0 stands for any). */
function rowDims(shape: readonly number[], dims: readonly (number | string)[], before: readonly number[] | undefined): readonly number[] | undefined {
  const row = shape.length === 4 ? shape.slice(1) : shape.length === 3 ? shape : undefined;
  const fits = row?.every((size, at) => size > 0 && (typeof dims[at] !== 'number' || dims[at] <= 0 || dims[at] === size) && (before === undefined || before[at] === size));
  return fits === true ? row : undefined;
}

interface Plain {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A plain array of numbers in C order, or why it is none. Bytes become 0…1, as pictures are scaled. */
function readArray(path: string): Plain | string {
  const bytes = readFileSync(path);
  if (bytes.length > largest) return `it has ${bytes.length} bytes, allowed ${largest}`;
  // 0 - "\x93NUMPY", 6 - major, 7 - minor, 8 - header length (u16; u32 from version 2 on), then the header
  if (bytes.length < 12 || bytes.toString('latin1', 0, 6) !== '\x93NUMPY') return 'it is no .npy file';
  const begin = bytes[6] === 1 ? 10 : 12;
  const end = begin + (bytes[6] === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  if (end > bytes.length || end - begin > 4096) return 'its header does not fit';
  const header = bytes.toString('latin1', begin, end);
  const descr = /'descr': *'([<|>=]?[a-z]\d)'/.exec(header)?.[1];
  const shape = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1]?.split(',').map((one) => one.trim()).filter((one) => one !== '').map(Number);
  if (descr === undefined || shape === undefined || !/'fortran_order': *False/.test(header)) return 'only plain arrays in C order are read';
  const kind = readers[descr.replace(/^[|=]/, '<')];
  if (kind === undefined) return `its element type is ${descr}`;
  const count = shape.reduce((product, one) => product * one, 1);
  if (!Number.isSafeInteger(count) || count * kind.size > bytes.length - end) return `it claims ${count} elements, ${Math.floor((bytes.length - end) / kind.size)} are there`;
  const data = new Float32Array(count);
  for (let i = 0; i < count; i += 1) data[i] = kind.read(bytes, end + i * kind.size);
  return { shape, data };
}

const readers: Readonly<Record<string, { readonly size: number; readonly read: (bytes: Buffer, at: number) => number }>> = {
  '<f4': { size: 4, read: (bytes, at) => bytes.readFloatLE(at) },
  '>f4': { size: 4, read: (bytes, at) => bytes.readFloatBE(at) },
  '<f8': { size: 8, read: (bytes, at) => bytes.readDoubleLE(at) },
  '<u1': { size: 1, read: (bytes, at) => bytes[at]! / 255 },
  '<i4': { size: 4, read: (bytes, at) => bytes.readInt32LE(at) },
  '<i8': { size: 8, read: (bytes, at) => Number(bytes.readBigInt64LE(at)) },
};

/** A batch as the runtime takes it. */
export function batchOf(rows: readonly Float32Array[], dims: readonly number[]): Values {
  const size = rows[0]!.length;
  const data = new Float32Array(rows.length * size);
  rows.forEach((row, index) => data.set(row, index * size));
  return { type: 'float32', dims: [rows.length, ...dims], data };
}
