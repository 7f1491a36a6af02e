// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import { worthOpening } from '../../src/grammar/pickle/embedded.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner, type Child } from '../../src/model/scanner.ts';
import { Columns, typeOfJson } from '../../src/sketch/columns.ts';
import { columns, Pages, type Cell } from './pages.ts';
import { columnsIn, fewest, tableRows, valuesOf, type Table } from './rows.ts';

const magic = 'SQLite format 3\0';
const most = { tables: 10_000, names: 200, typed: 2000 } as const;

type Said = FactOf<'region' | 'malformed' | 'gap' | 'column' | 'anomaly'> | Child;

/** SQLite databases, among them `shelve` files of Python 3.13: values that begin like a pickle are children. */
export default scanner({
  id: 'sqlite',
  title: 'SQLite database (shelve since Python 3.13)',
  extensions: ['.db', '.sqlite', '.sqlite3'],
  holds: 'code', // a shelf's values are pickles
  says: ['region', 'malformed', 'gap', 'column', 'anomaly'],
  recognise: ({ head }) => (asBuffer(head.subarray(0, 16)).toString('latin1') === magic ? 'yes' : 'no'),
  async *inspect(source) {
    const pages = await Pages.open(source);
    const whole = pages.count * pages.size;
    const tables = await tablesOf(pages);
    let largest: { table?: Table; rows: number } = { rows: 0 };
    yield { kind: 'region', name: `database of ${pages.count} pages, ${tables.length} tables`, at: [0, whole] };
    if (whole < source.size) yield { kind: 'malformed', code: 'sqlite/size', what: `file of ${source.size} bytes is no multiple of its pages of ${pages.size}`, at: [whole, whole] };
    for (const table of tables) {
      let rows = 0;
      for await (const cell of pages.rows(table.root)) {
        rows += 1;
        yield* values(pages, table, cell);
      }
      if (rows > largest.rows) largest = { table, rows };
    }
    if (largest.rows >= fewest) yield* columnsOf(pages, largest.table!, largest.rows);
    for (const { code, what, at } of pages.odd) yield { kind: 'malformed', code, what, at: [at, at] };
    if (pages.odd.length > 0) yield { kind: 'gap', what: `rows behind ${pages.odd.length} broken places were not read`, why: 'damaged', holds: 'code' };
  },
  async *rows(source, _sample, wanted) {
    const pages = await Pages.open(source);
    let largest: { table?: Table; rows: number } = { rows: 0 };
    for (const table of await tablesOf(pages)) {
      let rows = 0;
      for await (const _ of pages.rows(table.root)) rows += 1;
      if (rows > largest.rows) largest = { table, rows };
    }
    if (largest.table !== undefined && largest.rows >= fewest) yield* tableRows(pages, largest.table, wanted);
  },
});

/** Tables of the schema, which is one itself. */
async function tablesOf(pages: Pages): Promise<Table[]> {
  const tables: Table[] = [];
  for await (const cell of pages.rows(1)) {
    const table = await tableOf(pages, cell);
    if (table !== undefined && tables.length < most.tables) tables.push(table);
  }
  return tables;
}

/** Columns of the largest table, by its first rows. */
async function* columnsOf(pages: Pages, table: Table, rows: number): AsyncGenerator<FactOf<'column' | 'anomaly'>> {
  const sketch = new Columns();
  for (const name of table.columns) sketch.declare(name);
  let looked = 0;
  for await (const cell of pages.rows(table.root)) {
    if (looked === most.typed) break;
    looked += 1;
    const cells = await valuesOf(pages, table, cell);
    cells?.forEach((value, i) => sketch.add(table.columns[i]!, value instanceof Uint8Array ? 'mixed' : typeof value === 'bigint' ? 'int' : typeOfJson(value)));
  }
  for (const { name, type, nulls } of sketch.all()) yield { kind: 'column', name, type, rows, nulls };
  yield { kind: 'anomaly', measure: 'rows', value: rows };
}

/** A row of the schema: type, name, table's name, root page, SQL. Indexes hold copies, virtual tables nothing. */
async function tableOf(pages: Pages, cell: Cell): Promise<Table | undefined> {
  if (cell.length > pages.source.budget.limits.memory) return undefined;
  const payload = await pages.payload(cell);
  const [type, name, , root, sql] = columns(payload, cell.length) ?? [];
  if (type === undefined || name === undefined || root === undefined) return undefined;
  const text = ({ offset, length }: { readonly offset: number; readonly length: number }, longest = 256): string => {
    const bytes = payload.subarray(offset, offset + Math.min(length, longest));
    return pages.encoding === 2 ? bytes.toString('utf16le') : pages.encoding === 3 ? Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16().toString('utf16le') : bytes.toString('utf8');
  };
  const number = root.length === 0 || root.length > 6 ? 0 : payload.readUIntBE(root.offset, root.length);
  return text(type) === 'table' && number > 0 ? { name: text(name).replaceAll(/[^\w .-]/g, '_').slice(0, 64), root: number, ...columnsIn(sql === undefined ? '' : text(sql, 512 << 10)) } : undefined;
}

async function* values(pages: Pages, table: Table, cell: Cell): AsyncGenerator<Said> {
  const { budget } = pages.source;
  const found = columns(cell.local, cell.length);
  if (found === undefined) {
    if (cell.overflow === 0) return;
    yield { kind: 'gap', what: `row ${cell.rowid} of ${table.name} has a header that passes its page`, why: 'unsupported', holds: 'code' };
    return;
  }
  let payload = cell.local;
  for (const [index, { type, offset, length }] of found.entries()) {
    if (type === 'other' || length < 4) continue;
    if (cell.overflow !== 0 && payload === cell.local) {
      // The value's beginning tells whether the rest is of interest, where the leaf holds enough of it.
      const head = cell.local.subarray(offset, Math.min(offset + length, cell.local.length));
      if (head.length >= Math.min(length, 64) && !worthOpening(head, length)) continue;
      if (cell.length > budget.limits.memory) {
        yield { kind: 'gap', what: `row ${cell.rowid} of ${table.name} has ${cell.length} bytes, held in memory are ${budget.limits.memory}`, why: 'limit', limit: 'memory', holds: 'code' };
        return;
      }
      budget.spend('inflated', cell.length);
      payload = await pages.payload(cell);
    }
    const value = payload.subarray(offset, offset + length);
    if (!worthOpening(value.subarray(0, 65_536), length)) continue;
    const name = `${table.name}/${cell.rowid}.${index}`;
    const at = cell.at + offset;
    if (payload === cell.local) yield { kind: 'child', name, source: pages.source.slice(at, at + length), at: [at, at + length] };
    else yield { kind: 'child', name, source: new MemorySource(value, budget) };
  }
}
