// SPDX-License-Identifier: Apache-2.0
// Columns of a record batch as cells. Offsets inside the buffers are attacker-controlled: a cell that leads outside is null.
import { zstdDecompressSync } from 'node:zlib';
import { LimitReached, Malformed, Unsupported } from '../../src/bytes/errors.ts';
import { MemorySource, type ByteSource } from '../../src/bytes/source.ts';
import type { FlatTable } from '../../src/grammar/flatbuffers.ts';
import { Frames } from '../../src/grammar/lz4/frames.ts';
import type { Cell } from '../../src/model/scanner.ts';
import { types, type Field } from './schema.ts';

/** A column's cells by row. */
export type Column = (row: number) => Cell;

/** Rows of a batch that may be without a single bit: columns of nulls, or of runs. */
export const mostEmptyRows = 1_000_000;

export interface Dictionary {
  readonly values: Column;
  readonly length: number;
}

/** Bodies that are held in memory, and what they may unpack to. */
const most = { body: 256 << 20, unpacked: 384 << 20, listed: 4096 } as const;

interface Buffers {
  readonly nodes: readonly (readonly [length: number, nulls: number])[];
  readonly buffers: readonly (() => Uint8Array)[];
  readonly variadic: readonly number[];
}

/** RecordBatch: 0 length, 1 nodes, 2 buffers, 3 compression, 4 counts of variadic buffers. */
export function lengthOf(batch: FlatTable): number {
  return Number(batch.i64(0));
}

/** Null counts of the first columns, as the nodes say; `fields` tells which nodes are columns. */
export function nullsOf(batch: FlatTable, fields: readonly Field[]): number[] {
  const nodes = nodesOf(batch);
  let at = 0;
  return fields.map((field) => {
    const nulls = nodes[at]?.[1] ?? 0;
    at += nodesIn(field);
    return nulls;
  });
}

function nodesIn(field: Field): number {
  return field.dictionary === undefined ? 1 + field.children.reduce((sum, child) => sum + nodesIn(child), 0) : 1;
}

function nodesOf(batch: FlatTable): (readonly [number, number])[] {
  const vector = batch.vector(1, 16);
  return Array.from({ length: vector?.length ?? 0 }, (_, i) => [Number(batch.buffer.i64(vector!.at + 16 * i)), Number(batch.buffer.i64(vector!.at + 16 * i + 8))] as const);
}

/** Reads the body of a record batch and gives its columns. */
export async function readBatch(source: ByteSource, batch: FlatTable, begin: number, end: number, fields: readonly Field[], dictionaries: ReadonlyMap<bigint, Dictionary>): Promise<{ length: number; columns: Column[] }> {
  const length = lengthOf(batch);
  if (!(length >= 0 && Number.isSafeInteger(length))) throw new Malformed('arrow/batch', `a batch has ${length} rows`);
  if (end - begin > most.body) throw new LimitReached('body', `a batch of ${end - begin} bytes, held in memory are ${most.body}`);
  const body = Uint8Array.from(await source.read(begin, end - begin)); // aligned, and its own: cells may be views of it
  const buffers = await buffersOf(batch, body, source);
  const bits = 8 * buffers.buffers.reduce((sum, buffer) => sum + buffer().length, 0);
  if (length > bits + mostEmptyRows) throw new Malformed('arrow/batch', `a batch has ${length} rows in ${bits} bits`);
  const reader = new Decoder(buffers, dictionaries);
  const columns = fields.map((field) => reader.column(field, length));
  return { length, columns };
}

async function buffersOf(batch: FlatTable, body: Uint8Array, source: ByteSource): Promise<Buffers> {
  const vector = batch.vector(2, 16);
  const compression = batch.table(3);
  const codec = compression?.u8(0); // 0 LZ4 frame, 1 zstd
  let left: number = most.unpacked;
  const buffers: (() => Uint8Array)[] = [];
  for (let i = 0; i < (vector?.length ?? 0); i += 1) {
    const at = vector!.at + 16 * i;
    const [offset, length] = [Number(batch.buffer.i64(at)), Number(batch.buffer.i64(at + 8))];
    if (!(offset >= 0 && length >= 0 && offset + length <= body.length)) throw new Malformed('arrow/buffer', `buffer ${i} at ${offset}..${offset + length} lies outside the batch of ${body.length} bytes`);
    const raw = body.subarray(offset, offset + length);
    if (codec === undefined || length === 0) {
      buffers.push(() => raw);
      continue;
    }
    if (length < 8) throw new Malformed('arrow/buffer', `packed buffer ${i} of ${length} bytes lacks its length`);
    const told = Number(new DataView(raw.buffer, raw.byteOffset, 8).getBigInt64(0, true));
    if (told === -1) {
      buffers.push(() => raw.subarray(8));
      continue;
    }
    if (!(told >= 0 && told <= left)) throw new LimitReached('unpacked', `a batch unpacks to more than ${most.unpacked} bytes`);
    left -= told;
    source.budget.spend('inflated', told);
    const unpacked = await unpack(raw.subarray(8), codec, told, source);
    buffers.push(() => unpacked);
  }
  const counts = batch.vector(4, 8);
  return { nodes: nodesOf(batch), buffers, variadic: Array.from({ length: counts?.length ?? 0 }, (_, i) => Number(batch.buffer.i64(counts!.at + 8 * i))) };
}

async function unpack(bytes: Uint8Array, codec: number, length: number, source: ByteSource): Promise<Uint8Array> {
  let out: Uint8Array;
  if (codec === 1) {
    try {
      out = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) });
    } catch (error) {
      throw new Malformed('arrow/packed', `a buffer does not unpack: ${(error as Error).message.slice(0, 100)}`);
    }
  } else if (codec === 0) {
    const parts: Uint8Array[] = [];
    let total = 0;
    for await (const part of new Frames(new MemorySource(bytes, source.budget)).bytes()) {
      total += part.length;
      if (total > length) break;
      parts.push(Uint8Array.from(part));
    }
    out = Buffer.concat(parts);
  } else throw new Unsupported(`buffers are packed by method ${codec}, known are 0 and 1`);
  if (out.length !== length) throw new Malformed('arrow/packed', `a buffer unpacks to ${out.length} bytes, it says ${length}`);
  return out;
}

/** Takes nodes and buffers in the order of the fields, depth first. */
class Decoder {
  readonly #from: Buffers;
  readonly #dictionaries: ReadonlyMap<bigint, Dictionary>;
  #node = 0;
  #buffer = 0;
  #variadic = 0;

  constructor(from: Buffers, dictionaries: ReadonlyMap<bigint, Dictionary>) {
    this.#from = from;
    this.#dictionaries = dictionaries;
  }

  column(field: Field, length: number): Column {
    const node = this.#from.nodes[this.#node];
    this.#node += 1;
    if (node === undefined) throw new Malformed('arrow/batch', `a batch has fewer columns than the schema: ${field.name.slice(0, 64)} is missing`);
    const { type } = field;
    if (type === types.null) return () => null;
    if (type === types.union) return this.#union(field, length);
    if (type === types.runEnd) return this.#runs(field, length);
    const valid = this.#bits(this.#next(), length);
    const inner = this.#values(field, length);
    return (row) => (row >= 0 && row < length && valid(row) ? inner(row) : null);
  }

  #next(): Uint8Array {
    const buffer = this.#from.buffers[this.#buffer];
    this.#buffer += 1;
    if (buffer === undefined) throw new Malformed('arrow/batch', 'a batch has fewer buffers than its columns need');
    return buffer();
  }

  /** Validity: all are there when the buffer is empty. */
  #bits(bytes: Uint8Array, length: number): (row: number) => boolean {
    if (bytes.length === 0) return () => true;
    if (bytes.length * 8 < length) throw new Malformed('arrow/buffer', `${bytes.length} bytes of validity for ${length} rows`);
    return (row) => ((bytes[row >> 3]! >> (row & 7)) & 1) === 1;
  }

  #values(field: Field, length: number): Column {
    switch (field.type) {
      case types.binary: case types.utf8: return this.#variable(field.type === types.utf8, 4);
      case types.largeBinary: case types.largeUtf8: return this.#variable(field.type === types.largeUtf8, 8);
      case types.binaryView: case types.utf8View: return this.#view(field.type === types.utf8View);
      case types.list: case types.map: return this.#list(field, 4);
      case types.largeList: return this.#list(field, 8);
      case types.listView: case types.largeListView: return this.#listView(field, field.type === types.listView ? 4 : 8);
      case types.fixedList: return this.#fixedList(field, length);
      case types.struct: return this.#struct(field, length);
      case types.fixedBinary: return this.#fixedBinary(field.width);
      default: return this.#fixed(field);
    }
  }

  #variable(text: boolean, size: 4 | 8): Column {
    const offsets = this.#offsets(this.#next(), size);
    const data = this.#next();
    return (row) => {
      const [begin, end] = [offsets(row), offsets(row + 1)];
      return begin >= 0 && begin <= end && end <= data.length ? content(data, begin, end, text) : null;
    };
  }

  /** A view: length i32, then up to 12 bytes in place, or four of them, a buffer and an offset. */
  #view(text: boolean): Column {
    const bytes = this.#next();
    const views = viewOf(bytes);
    const count = this.#from.variadic[this.#variadic] ?? 0;
    this.#variadic += 1;
    const data = Array.from({ length: Math.min(count, this.#from.buffers.length) }, () => this.#next());
    return (row) => {
      const at = 16 * row;
      if (at + 16 > views.byteLength) return null;
      const length = views.getInt32(at, true);
      if (length >= 0 && length <= 12) return content(bytes, at + 4, at + 4 + length, text);
      const from = data[views.getInt32(at + 8, true)];
      const begin = views.getInt32(at + 12, true);
      return from !== undefined && length >= 0 && begin >= 0 && begin + length <= from.length ? content(from, begin, begin + length, text) : null;
    };
  }

  #offsets(bytes: Uint8Array, size: 4 | 8): (row: number) => number {
    const view = viewOf(bytes);
    return (row) => (size * (row + 1) > view.byteLength ? -1 : size === 4 ? view.getInt32(4 * row, true) : Number(view.getBigInt64(8 * row, true)));
  }

  #list(field: Field, size: 4 | 8): Column {
    const offsets = this.#offsets(this.#next(), size);
    const { child, length } = this.#child(field);
    return (row) => listed(child, offsets(row), offsets(row + 1), length);
  }

  #listView(field: Field, size: 4 | 8): Column {
    const offsets = this.#offsets(this.#next(), size);
    const sizes = this.#offsets(this.#next(), size);
    const { child, length } = this.#child(field);
    return (row) => listed(child, offsets(row), offsets(row) + sizes(row), length);
  }

  #fixedList(field: Field, rows: number): Column {
    const { child, length } = this.#child(field);
    if (field.width < 0 || field.width * rows > length) throw new Malformed('arrow/batch', `lists of ${field.width} for ${rows} rows need more than the ${length} values there are`);
    return (row) => listed(child, row * field.width, (row + 1) * field.width, length);
  }

  /** The one child of a list, as long as its own node says. */
  #child(field: Field): { child: Column; length: number } {
    const [only] = field.children;
    if (only === undefined) throw new Malformed('arrow/schema', `list ${field.name.slice(0, 64)} has no field for its elements`);
    const length = this.#from.nodes[this.#node]?.[0] ?? 0;
    return { child: this.column(only, length), length };
  }

  #struct(field: Field, length: number): Column {
    const names = field.children.map(({ name }) => name);
    const children = field.children.map((child) => this.column(child, length));
    return (row) => Object.fromEntries(children.map((child, i) => [names[i]!, child(row)]));
  }

  #union(field: Field, length: number): Column {
    const ids = this.#next();
    const offsets = field.mode === 1 ? this.#offsets(this.#next(), 4) : undefined;
    const children = field.children.map((child) => this.column(child, offsets === undefined ? length : (this.#from.nodes[this.#node]?.[0] ?? 0)));
    return (row) => children[ids[row] ?? 255]?.(offsets === undefined ? row : offsets(row)) ?? null;
  }

  /** Run-end encoding: the ends of runs, and a value for each. */
  #runs(field: Field, length: number): Column {
    const [ends, values] = field.children;
    if (ends === undefined || values === undefined) throw new Malformed('arrow/schema', `runs of ${field.name.slice(0, 64)} lack a field`);
    const count = this.#from.nodes[this.#node]?.[0] ?? 0;
    const end = this.column(ends, count);
    const value = this.column(values, count);
    return (row) => {
      if (row < 0 || row >= length) return null;
      let [low, high] = [0, count];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (Number(end(middle) ?? 0) <= row) low = middle + 1;
        else high = middle;
      }
      return value(low);
    };
  }

  #fixedBinary(width: number): Column {
    const data = this.#next();
    return (row) => (width > 0 && (row + 1) * width <= data.length ? data.slice(row * width, (row + 1) * width) : null);
  }

  #fixed(field: Field): Column {
    const bytes = this.#next();
    const value = numbers(field, viewOf(bytes), bytes);
    if (field.dictionary === undefined) return value;
    const { id } = field.dictionary;
    const dictionaries = this.#dictionaries;
    return (row) => {
      const index = value(row);
      const dictionary = dictionaries.get(id);
      return typeof index === 'number' && dictionary !== undefined && index >= 0 && index < dictionary.length ? dictionary.values(index) : null;
    };
  }
}

/** A part of a buffer as text, or as bytes of its own. */
function content(data: Uint8Array, begin: number, end: number, text: boolean): Cell {
  return text ? Buffer.from(data.buffer, data.byteOffset + begin, end - begin).toString('utf8') : data.slice(begin, end);
}

function listed(child: Column, begin: number, end: number, length: number): Cell {
  if (!(begin >= 0 && begin <= end && end <= length)) return null;
  return Array.from({ length: Math.min(end - begin, most.listed) }, (_, i) => child(begin + i));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Readers of cells of a fixed width; null past the end. */
function numbers(field: Field, view: DataView, bytes: Uint8Array): Column {
  const there = (row: number, size: number): boolean => (row + 1) * size <= view.byteLength;
  const { type, width, signed, unit } = field;
  if (type === types.bool) return (row) => (row >> 3 < bytes.length ? ((bytes[row >> 3]! >> (row & 7)) & 1) === 1 : null);
  if (type === types.float) {
    if (width === 64) return (row) => (there(row, 8) ? view.getFloat64(8 * row, true) : null);
    if (width === 32) return (row) => (there(row, 4) ? view.getFloat32(4 * row, true) : null);
    return (row) => (there(row, 2) ? half(view.getUint16(2 * row, true)) : null);
  }
  const whole = integers(view, type === types.int || type === types.time || type === types.interval ? width : type === types.date ? (unit === 0 ? 32 : 64) : type === types.decimal ? width : 64, type !== types.int || signed);
  if (type === types.date) return (row) => moment(whole(row), unit === 0 ? 86_400_000 : 1);
  if (type === types.timestamp) return (row) => moment(whole(row), [1000, 1, 1e-3, 1e-6][unit] ?? 1);
  if (type === types.decimal) return (row) => scaled(whole(row), field.scale);
  return whole;
}

function integers(view: DataView, bits: number, signed: boolean): Column {
  const size = bits / 8;
  const there = (row: number): boolean => (row + 1) * size <= view.byteLength;
  switch (bits) {
    case 8: return (row) => (there(row) ? (signed ? view.getInt8(row) : view.getUint8(row)) : null);
    case 16: return (row) => (there(row) ? (signed ? view.getInt16(2 * row, true) : view.getUint16(2 * row, true)) : null);
    case 32: return (row) => (there(row) ? (signed ? view.getInt32(4 * row, true) : view.getUint32(4 * row, true)) : null);
    case 64: return (row) => (there(row) ? small(signed ? view.getBigInt64(8 * row, true) : view.getBigUint64(8 * row, true)) : null);
    case 128: case 256: return (row) => {
      if (!there(row)) return null;
      let value = view.getBigInt64(size * row + size - 8, true);
      for (let part = size - 16; part >= 0; part -= 8) value = (value << 64n) | view.getBigUint64(size * row + part, true);
      return small(value);
    };
    default: throw new Malformed('arrow/schema', `integers of ${bits} bits`);
  }
}

function small(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function moment(value: Cell, factor: number): Cell {
  if (typeof value !== 'number' && typeof value !== 'bigint') return null;
  const date = new Date(Number(value) * factor);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function scaled(value: Cell, scale: number): Cell {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) / 10 ** scale : null;
}

function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 === 0 ? 1 : -1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
