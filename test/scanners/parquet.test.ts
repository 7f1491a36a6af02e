// SPDX-License-Identifier: Apache-2.0
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { readFooter } from '../../scanners/parquet/footer.ts';
import scanner from '../../scanners/parquet/index.ts';
import { pagesOf, rowsBegun } from '../../scanners/parquet/pages.ts';
import { Budget } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Sample } from '../../src/model/scanner.ts';

const count = 30_000;
const rows = Array.from({ length: count }, (_, i) => ({ id: i, text: `${i} ${'x'.repeat(2000)}` }));
const large = Buffer.from(parquetWriteBuffer({
  columnData: [{ name: 'id', data: rows.map(({ id }) => id), type: 'INT32' }, { name: 'text', data: rows.map(({ text }) => text), type: 'STRING' }], codec: 'UNCOMPRESSED', rowGroupSize: count,
}));

/** Knows the longest piece that was read at once. */
class Watched extends MemorySource {
  longest = 0;
  override async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    this.longest = Math.max(this.longest, length);
    return super.read(offset, length, into);
  }
}

test.for([['all', () => true], ['some', (row: number) => Math.floor(row / 64) % 50 === 3]] as const)('a row group that is too large to hold is read page by page: %s of its rows', async ([, wanted]) => {
  const source = new Watched(large, new Budget());
  let seen = 0;
  for await (const { rows: cells, numbers } of scanner.rows!(source, {} as Sample, wanted)) {
    for (const [at, [id, text]] of cells.entries()) {
      const row = numbers![at]!;
      if (id !== row || text !== rows[row]!.text) throw new Error(`row ${row} is another one`);
      seen += 1;
    }
  }
  expect(seen).toBe(rows.filter(({ id }) => wanted(id)).length);
  expect(source.longest).toBeLessThan(50 << 20);
  expect(large.length).toBeGreaterThan(50 << 20);
});

test('pages are found with their rows, and not where they do not add up', async () => {
  const source = new MemorySource(large, new Budget());
  const { groups: [group] } = await readFooter(source);
  const text = group!.chunks.find(({ path }) => path === 'text')!;
  const pages = await pagesOf(source, text, count, 0, undefined);
  expect(pages!.length).toBeGreaterThan(10);
  expect(pages!.at(-1)!.first + pages!.at(-1)!.rows).toBe(count);
  expect(await pagesOf(source, text, count + 1, 0, undefined)).toBeUndefined();
  expect(await pagesOf(source, { ...text, begin: text.begin + 1 }, count, 0, undefined)).toBeUndefined();
});

/** Repetition levels with the length before them, as they stand at the beginning of a page. */
function levels(...bytes: number[]): Uint8Array {
  return Uint8Array.of(bytes.length, 0, 0, 0, ...bytes, 99, 99);
}

test.for([
  ['a run of rows', levels(10 << 1, 0), 10, 1, { rows: 10, within: false }],
  ['a run within a row', levels(4 << 1, 1, 6 << 1, 0), 10, 1, { rows: 6, within: true }],
  ['packed bits, lowest first', levels((1 << 1) | 1, 0b0101_0110), 8, 1, { rows: 4, within: false }],
  ['packed bits, the last ones unused', levels((1 << 1) | 1, 0b1111_1110), 3, 1, { rows: 1, within: false }],
  ['two bits for each level', levels((1 << 1) | 1, 0b00_01_10_00, 0b11_00_01_00), 8, 3, { rows: 4, within: false }],
  ['levels that end early', levels(4 << 1, 0), 10, 1, undefined],
  ['a length beyond the page', Uint8Array.of(200, 0, 0, 0, 2, 0), 1, 1, undefined],
  ['a run of nothing', levels(0, 0, 0, 0), 10, 1, undefined],
  ['no levels', Uint8Array.of(0), 10, 1, undefined],
] as const)('rows that begin in a page: %s', ([, body, values, repeats, expected]) => {
  expect(rowsBegun(body, values, repeats)).toEqual(expected);
});
