// SPDX-License-Identifier: Apache-2.0
// The door of hyparquet: rows in bounded pieces, out of files whose footer was checked before.
import { parquetMetadata, parquetRead, type AsyncBuffer } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { LimitReached, Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { Budget } from '../../src/bytes/limits.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import type { Cell, RowBatch, Wanted } from '../../src/model/scanner.ts';
import type { Footer, Group } from './footer.ts';

/** Unpacked bytes decoded at once, and the largest column chunk that is held in memory. */
const held = { unpacked: 48 << 20, chunk: 192 << 20, page: 128 << 20 } as const;
/** Rows of one batch. */
const batchRows = 1024;

export function asyncBufferFrom(source: ByteSource): AsyncBuffer {
  return {
    byteLength: source.size,
    async slice(begin, end = source.size) {
      if (end - begin > held.chunk) throw new LimitReached('chunk', `a column chunk of ${end - begin} bytes, held in memory are ${held.chunk}`);
      const bytes = await source.read(begin, end - begin);
      return Uint8Array.from(bytes).buffer; // a copy: decoded cells may be views of it
    },
  };
}

export async function* rowsOf(file: AsyncBuffer, footer: Footer, wanted: Wanted, budget: Budget): AsyncGenerator<RowBatch> {
  const metadata = parquetMetadata(footer.bytes, { geoparquet: false });
  const columns = footer.columns.map(({ name }) => name);
  let first = 0;
  for (const group of footer.groups) {
    const step = stepOf(group);
    for (let begin = 0; begin < group.rows; begin += step) {
      budget.tick();
      const end = Math.min(begin + step, group.rows);
      if (!anyWanted(wanted, first + begin, first + end)) continue;
      let rows: unknown[][] = [];
      try {
        await parquetRead({
          file, metadata, columns, rowStart: first + begin, rowEnd: first + end, utf8: false, useOffsetIndex: false, geoparquet: false, compressors: guarded(budget),
          onComplete: (read) => void (rows = read),
        });
      } catch (error) {
        if (error instanceof LimitReached || error instanceof Malformed || error instanceof Unsupported) throw error;
        // The decoder's own words: it throws plain errors, and RangeError where numbers lead outside.
        throw new Malformed('parquet/data', `rows ${first + begin}..${first + end} cannot be decoded: ${(error as Error).message.slice(0, 160)}`);
      }
      yield* batches(columns, rows, first + begin, wanted);
    }
    first += group.rows;
  }
}

/** Rows decoded at once, so that about `held.unpacked` bytes are. */
function stepOf({ rows, chunks }: Group): number {
  const unpacked = chunks.reduce((sum, chunk) => sum + Math.max(0, chunk.uncompressed), 0);
  const parts = Math.ceil(unpacked / held.unpacked);
  return Math.max(1, Math.min(200_000, Math.ceil(rows / Math.max(1, parts))));
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
