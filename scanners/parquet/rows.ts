// SPDX-License-Identifier: Apache-2.0
// The door of hyparquet: rows in bounded pieces, out of files whose footer was checked before.
import { parquetMetadata, parquetRead, type AsyncBuffer, type FileMetaData, type ParquetReadOptions } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { LimitReached, Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { Budget } from '../../src/bytes/limits.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import type { Cell, RowBatch, Wanted } from '../../src/model/scanner.ts';
import type { Chunk, Footer, Group } from './footer.ts';
import { offsetIndex, pagesOf, type Page, type Unpack } from './pages.ts';

/** Unpacked bytes and rows decoded at once; bytes of a column's pages, or of a whole chunk of a nested one, and of one page unpacked. */
const held = { unpacked: 48 << 20, rows: 200_000, chunk: 192 << 20, page: 128 << 20 } as const;
/** Indexes that are made here lie far from each other, so that no two are fetched as one. */
const apart = 2 ** 40;
/** Rows of one batch. */
const batchRows = 1024;

/** The file, with indexes of pages behind its end that are made here. */
class Virtual implements AsyncBuffer {
  readonly byteLength: number;
  readonly #source: ByteSource;
  readonly #indexes = new Map<number, Uint8Array>();

  constructor(source: ByteSource) {
    this.#source = source;
    this.byteLength = source.size;
  }

  /** Puts the indexes of one row group in place of those of the one before; returns where each begins. */
  place(indexes: readonly Uint8Array[]): number[] {
    this.#indexes.clear();
    return indexes.map((index, number) => {
      const begin = this.#source.size + (number + 1) * apart;
      this.#indexes.set(begin, index);
      return begin;
    });
  }

  async slice(begin: number, end: number = this.byteLength): Promise<ArrayBuffer> {
    const index = this.#indexes.get(begin);
    if (index !== undefined) return Uint8Array.from(index.subarray(0, end - begin)).buffer;
    if (end - begin > held.chunk) throw new LimitReached('chunk', `${end - begin} bytes of a column to hold in memory, allowed ${held.chunk}`);
    const own = new Uint8Array(Math.max(0, end - begin)); // decoded cells may be views of it
    const read = await this.#source.read(begin, own.length, own);
    if (read !== own) own.set(read); // a view of the whole file
    return own.buffer;
  }
}

export async function* rowsOf(source: ByteSource, footer: Footer, wanted: Wanted): AsyncGenerator<RowBatch> {
  if (footer.groups.some(({ chunks }) => chunks.some((chunk) => chunk.file !== undefined))) throw new Unsupported('columns lie in other files');
  const { budget } = source;
  const file = new Virtual(source);
  const metadata = metadataOf(footer);
  for (const group of metadata.row_groups) for (const chunk of group.columns) delete chunk.offset_index_offset; // what a file says of its pages is not believed
  const decompress = guarded(budget);
  const read = async (what: Pick<ParquetReadOptions, 'columns' | 'rowStart' | 'rowEnd' | 'onChunk'> & { onComplete?: (rows: unknown[][]) => void }): Promise<void> => {
    try {
      await parquetRead({ file, metadata, utf8: false, useOffsetIndex: true, geoparquet: false, compressors: decompress, ...what });
    } catch (error) {
      if (error instanceof LimitReached || error instanceof Malformed || error instanceof Unsupported) throw error;
      // The decoder's own words: it throws plain errors, and RangeError where numbers lead outside.
      throw new Malformed('parquet/data', `rows ${what.rowStart}..${what.rowEnd} cannot be decoded: ${(error as Error).message.slice(0, 160)}`);
    }
  };
  /** One column, without a list for each row as whole rows have. */
  const columnOf = async (name: string, rowStart: number, rowEnd: number): Promise<unknown[]> => {
    const cells: unknown[] = [];
    await read({
      columns: [name], rowStart, rowEnd,
      onChunk: ({ columnData, rowStart: from }) => {
        for (let i = Math.max(0, rowStart - from); i < Math.min(columnData.length, rowEnd - from); i += 1) cells[from + i - rowStart] = cellOf(columnData[i], 0);
      },
    });
    return cells;
  };
  const names = footer.columns.map(({ name }) => name);
  let first = 0;
  for (const [number, group] of footer.groups.entries()) {
    const unpacked = group.chunks.reduce((sum, chunk) => sum + Math.max(0, chunk.uncompressed), 0);
    if (unpacked <= held.unpacked && group.rows <= held.rows) {
      let rows: unknown[][] = [];
      if (anyWanted(wanted, first, first + group.rows)) await read({ columns: names, rowStart: first, rowEnd: first + group.rows, onComplete: (all) => void (rows = all) });
      yield* batches(names, rows, first, wanted);
    } else {
      const paged = (chunk: Chunk): Promise<Page[] | undefined> => pagesOf(source, chunk, group.rows, footer.repeats.get(chunk.path) ?? 0, unpacking(chunk.codec, decompress));
      const { pages, largest } = await pagesOfColumns(group, metadata.row_groups[number], file, paged);
      const base = first;
      const cursors = names.map((name) => new Cursor(pages.get(name) ?? [], group.rows, (begin, end) => columnOf(name, base + begin, base + end)));
      for (const [begin, end] of stepsOf(group.rows, unpacked, largest)) {
        budget.tick();
        if (!anyWanted(wanted, first + begin, first + end)) continue;
        const cells: (readonly unknown[])[] = [];
        for (const cursor of cursors) cells.push(await cursor.take(begin, end)); // one after the other: each holds pages while it decodes
        yield* batches(names, Array.from({ length: end - begin }, (_, row) => cells.map((column) => column[row])), first + begin, wanted);
      }
    }
    first += group.rows;
  }
}

/** One column of a row group, from its beginning on: each page is decoded once, however many steps it is needed in. */
class Cursor {
  readonly #bounds: readonly number[];
  readonly #decode: (begin: number, end: number) => Promise<unknown[]>;
  #values: unknown[] = [];
  #begin = 0;
  #end = 0;

  constructor(pages: readonly Page[], rows: number, decode: (begin: number, end: number) => Promise<unknown[]>) {
    this.#bounds = [0, ...pages.map((page) => page.first), rows];
    this.#decode = decode;
  }

  async take(begin: number, end: number): Promise<readonly unknown[]> {
    if (begin > this.#end) {
      this.#begin = this.#end = this.#bounds.findLast((bound) => bound <= begin)!;
      this.#values = [];
    }
    this.#values = this.#values.slice(begin - this.#begin);
    if (end > this.#end) {
      const [from, to] = [this.#end, this.#bounds.find((bound) => bound >= end)!];
      const read = await this.#decode(from, to);
      if (read.length !== to - from) throw new Malformed('parquet/data', `pages of ${to - from} rows hold ${read.length}`);
      this.#values = this.#values.concat(from < begin ? read.slice(begin - from) : read);
      this.#end = to;
    }
    this.#begin = begin;
    return this.#values.slice(0, end - begin);
  }
}

function metadataOf({ bytes }: Footer): FileMetaData {
  try {
    return parquetMetadata(bytes, { geoparquet: false });
  } catch (error) {
    throw new Malformed('parquet/data', `metadata cannot be decoded: ${(error as Error).message.slice(0, 160)}`); // plain errors and TypeErrors, as below
  }
}

interface Largest {
  readonly uncompressed: number;
  readonly pages: readonly Page[];
}

/** The pages of the columns of a large row group, those of its largest leaf for a nested one; the decoder is told of them. */
async function pagesOfColumns(group: Group, told: FileMetaData['row_groups'][number] | undefined, file: Virtual, paged: (chunk: Chunk) => Promise<Page[] | undefined>): Promise<{ pages: ReadonlyMap<string, readonly Page[]>; largest: Largest | undefined }> {
  const found: { index: Uint8Array; place: number }[] = [];
  const columns = new Map<string, Largest>();
  for (const [place, { path, uncompressed }] of group.chunks.entries()) {
    const pages = await paged(group.chunks[place]!);
    if (pages === undefined) continue;
    found.push({ index: offsetIndex(pages), place });
    const name = told?.columns[place]?.meta_data?.path_in_schema[0] ?? path;
    if (uncompressed > (columns.get(name)?.uncompressed ?? 0)) columns.set(name, { uncompressed, pages });
  }
  for (const [at, begin] of file.place(found.map(({ index }) => index)).entries()) {
    const chunk = told?.columns[found[at]!.place];
    if (chunk !== undefined) [chunk.offset_index_offset, chunk.offset_index_length] = [BigInt(begin), found[at]!.index.length];
  }
  const [largest] = [...columns.values()].toSorted((a, b) => b.uncompressed - a.uncompressed);
  return { pages: new Map([...columns].map(([name, { pages }]) => [name, pages])), largest };
}

/** Rows that are decoded at once, so that about `held.unpacked` bytes are: steps end where pages of the largest column do, or are even where none are known. */
function* stepsOf(rows: number, unpacked: number, largest: Largest | undefined): Generator<readonly [begin: number, end: number]> {
  const even = Math.max(1, Math.min(held.rows, Math.ceil(rows / Math.ceil(unpacked / held.unpacked))));
  let [begin, gathered] = [0, 0];
  for (const page of largest?.pages ?? Array.from({ length: Math.ceil(rows / even) }, (_, i) => ({ first: i * even, rows: even, unpacked: held.unpacked }))) {
    // The other columns' share of the rows is taken to be the same all over.
    const share = largest === undefined ? page.unpacked : (page.unpacked * unpacked) / largest.uncompressed;
    if (page.first > begin && (gathered + share > held.unpacked || page.first + page.rows - begin > held.rows)) {
      yield [begin, page.first];
      [begin, gathered] = [page.first, 0];
    }
    gathered += share;
    // A page of many small values is gone through in pieces.
    for (; page.first + page.rows - begin > held.rows; begin += held.rows) yield [begin, begin + held.rows];
  }
  if (rows > begin) yield [begin, rows];
}

/** CompressionCodec of parquet.thrift. */
const codecs = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'] as const;

function unpacking(codec: number, decompress: typeof compressors): Unpack | undefined {
  const name = codecs[codec];
  return name === 'UNCOMPRESSED' ? (packed) => packed : name === undefined ? undefined : decompress[name];
}

function anyWanted(wanted: Wanted, begin: number, end: number): boolean {
  for (let row = begin; row < end; row += 16) if (wanted(row)) return true;
  return false;
}

function* batches(columns: readonly string[], rows: readonly unknown[][], first: number, wanted: Wanted): Generator<RowBatch> {
  for (let at = 0; at < rows.length; at += batchRows) {
    const out: Cell[][] = [];
    const numbers: number[] = [];
    for (let i = at; i < Math.min(at + batchRows, rows.length); i += 1) {
      if (!wanted(first + i)) continue;
      numbers.push(first + i);
      out.push(rows[i]!.map((cell) => cellOf(cell, 0)));
    }
    if (out.length > 0) yield { columns, first: numbers[0]!, rows: out, numbers };
  }
}

function cellOf(value: unknown, depth: number): Cell {
  if (value === null || value === undefined || depth > 8) return null;
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string' || value instanceof Uint8Array) return value;
  if (typeof value === 'bigint') return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  if (Array.isArray(value)) return (value as readonly unknown[]).map((one) => cellOf(one, depth + 1));
  if (typeof value !== 'object') return null;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cellOf(inner, depth + 1)]));
}

/** Decompressors that look at the length they are told before they allocate it. */
function guarded(budget: Budget): typeof compressors {
  return Object.fromEntries(Object.entries(compressors).map(([codec, decompress]) => [codec, (input: Uint8Array, length: number) => {
    if (length > held.page) throw new LimitReached('page', `a page says that it unpacks to ${length} bytes, allowed ${held.page}`);
    budget.tick();
    return decompress(input, length);
  }]));
}
