import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { scanners } from '../../scanners/index.ts';
import { Changed, LimitReached, Malformed, Unsupported } from '../../src/bytes/errors.ts';
import { Budget, defaultLimits } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Cell, Scanner } from '../../src/model/scanner.ts';
import { fixtures, samples } from '../support/samples.ts';

const tight = { ...defaultLimits, timeout: 5, inflated: 64 << 20, read: 16 << 20 };

/** All rows, or the error that ended them. */
async function read(scanner: Scanner, bytes: Buffer, name: string): Promise<{ rows: number; columns: readonly string[]; first?: readonly Cell[]; error?: unknown }> {
  const source = new MemorySource(bytes, new Budget(tight, bytes.length));
  const sample = { name, size: bytes.length, head: bytes.subarray(0, 65_536), tail: bytes.subarray(-66 * 1024) };
  let rows = 0;
  let columns: readonly string[] = [];
  let first: readonly Cell[] | undefined;
  if (scanner.recognise(sample) === 'no') return { rows, columns };
  try {
    for await (const batch of scanner.rows!(source, sample, () => true)) {
      for (const row of batch.rows) if (row.length > batch.columns.length && scanner.id !== 'csv') throw new Error(`row of ${row.length} cells for ${batch.columns.length} columns`);
      first ??= batch.rows[0];
      rows += batch.rows.length;
      columns = batch.columns;
    }
  } catch (error) {
    return { rows, columns, error };
  }
  return { rows, columns, ...(first === undefined ? {} : { first }) };
}

const readers = scanners.filter(({ rows }) => rows !== undefined);
const tables = samples().flatMap((sample) => readers.filter(({ id }) => sample.startsWith(`${id}/`)).map((scanner) => ({ sample, scanner })));

test('every scanner that tells columns has rows, and the other way round', () => {
  expect(scanners.filter(({ says }) => says.includes('column')).map(({ id }) => id)).toEqual(readers.map(({ id }) => id));
});

test.for(tables)('rows of damaged copies of $sample end, with an error that has a name', async ({ sample, scanner }) => {
  const bytes = readFileSync(join(fixtures, sample));
  const step = Math.max(1, Math.floor(bytes.length / 40));
  const copies: Buffer[] = [bytes];
  for (let at = 0; at < bytes.length; at += step) {
    const flipped = Buffer.from(bytes);
    flipped[at] = flipped[at]! ^ (1 << (at % 8));
    const lying = Buffer.from(bytes);
    lying.fill(0xff, at, Math.min(at + 4, lying.length));
    copies.push(flipped, lying, bytes.subarray(0, at));
  }
  for (const copy of copies) {
    const begun = performance.now();
    const { error } = await read(scanner, copy, basename(sample));
    expect(performance.now() - begun).toBeLessThan(8000);
    if (error !== undefined && !(error instanceof Malformed || error instanceof LimitReached || error instanceof Unsupported || error instanceof Changed)) throw error;
  }
});

test.for([
  ['parquet', 'plain.parquet', 40, ['text', 'label', 'score'], ['a sentence of some words, number 0', 0, null]],
  ['parquet', 'groups.parquet', 40, ['text', 'label', 'score'], ['a sentence of some words, number 0', 0, null]],
  ['arrow', 'stream.arrow', 24, ['text', 'label'], ['sentence 0 of a small corpus', 0]],
  ['arrow', 'zstd.arrow', 24, ['text', 'label'], ['sentence 0 of a small corpus', 0]],
  ['arrow', 'file.feather', 24, ['text', 'label'], ['sentence 0 of a small corpus', 0]],
  ['tfrecord', 'examples.tfrecord', 30, ['text', 'label', 'point'], ['words of example 0, to be read', 0, [0, 0]]],
  ['tar', 'webdataset.tar', 24, ['__key__', 'txt', 'cls'], ['s/0000', 'caption 0 of some words', 0]],
  ['csv', 'semicolon.csv', 2, ['id', 'flag'], ['1', 'true']],
] as const)('rows of %s/%s', async ([id, name, rows, columns, first]) => {
  const scanner = scanners.find((one) => one.id === id)!;
  expect(await read(scanner, readFileSync(join(fixtures, id, name)), name)).toEqual({ rows, columns, first });
});
