// SPDX-License-Identifier: Apache-2.0
// The rows of a database's largest table, with the names that its CREATE TABLE gives the columns.
import type { Cell as Value, RowBatch, Wanted } from '../../src/model/scanner.ts';
import { columns, type Cell, type Column, type Pages } from './pages.ts';

export interface Table {
  readonly name: string;
  readonly root: number;
  readonly columns: readonly string[];
  /** The column that stands for the row's number and is stored as null; -1 when there is none. */
  readonly key: number;
}

/** Fewer rows are a configuration or a shelf, not data. */
export const fewest = 20;
const most = { row: 16 << 20, columns: 2000, sql: 256 << 10 } as const;
const batch = { rows: 512, bytes: 8 << 20 } as const;

/** Names in 'CREATE TABLE t (a INTEGER PRIMARY KEY, "b c" TEXT, CHECK (…))': what stands first in each part between commas. */
export function columnsIn(sql: string): { readonly columns: string[]; readonly key: number } {
  const text = sql.slice(0, most.sql);
  const out: string[] = [];
  let key = -1;
  let depth = 0;
  let part = '';
  const take = (): void => {
    const [, quoted, plain] = /^\s*(?:["'`[]((?:[^"'`\]]){0,256})["'`\]]|([^\s,()]{1,256}))/.exec(part) ?? [];
    const name = quoted ?? plain;
    if (name !== undefined && !(quoted === undefined && /^(?:primary|unique|check|foreign|constraint)$/i.test(name)) && out.length < most.columns) {
      if (/\binteger\s{1,20}primary\s{1,20}key\b/i.test(part)) key = out.length;
      out.push(name);
    }
    part = '';
  };
  for (let i = text.indexOf('('); i >= 0 && i < text.length; i += 1) {
    const letter = text[i]!;
    if (letter === '(') depth += 1;
    else if (letter === ')') depth -= 1;
    if (depth === 0) break;
    if (letter === ',' && depth === 1) take();
    else if (!(letter === '(' && depth === 1)) part = part.length < 4096 ? part + letter : part;
  }
  take();
  return { columns: out, key };
}

/** Cells of a row; undefined for one that cannot be read, or has more than 16 MiB. */
export async function valuesOf(pages: Pages, table: Table, cell: Cell): Promise<Value[] | undefined> {
  if (cell.length > most.row) return undefined;
  if (cell.overflow !== 0) pages.source.budget.spend('inflated', cell.length);
  const payload = await pages.payload(cell);
  const found = columns(payload, cell.length);
  return found === undefined ? undefined : table.columns.map((_, i) => (i === table.key ? cell.rowid : valueOf(payload, found[i], pages.encoding)));
}

function valueOf(payload: Buffer, column: Column | undefined, encoding: number): Value {
  if (column === undefined || column.offset + column.length > payload.length) return null; // a column that was added later
  const { offset, length, serial, type } = column;
  if (type === 'text') {
    const bytes = payload.subarray(offset, offset + length);
    return encoding === 2 ? bytes.toString('utf16le') : encoding === 3 ? Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16().toString('utf16le') : bytes.toString('utf8');
  }
  if (type === 'blob') return new Uint8Array(payload.subarray(offset, offset + length));
  if (serial === 7) return payload.readDoubleBE(offset);
  if (serial === 8 || serial === 9) return serial - 8;
  if (serial === 6) {
    const value = payload.readBigInt64BE(offset);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  return serial >= 1 && serial <= 5 ? payload.readIntBE(offset, length) : null;
}

export async function* tableRows(pages: Pages, table: Table, wanted: Wanted): AsyncGenerator<RowBatch> {
  let rows: Value[][] = [];
  let numbers: number[] = [];
  let size = 0;
  let index = -1;
  for await (const cell of pages.rows(table.root)) {
    index += 1;
    if (!wanted(index)) continue;
    const values = await valuesOf(pages, table, cell);
    if (values === undefined) continue;
    rows.push(values);
    numbers.push(cell.rowid);
    size += cell.length;
    if (rows.length < batch.rows && size < batch.bytes) continue;
    yield { columns: table.columns, first: numbers[0]!, rows, numbers };
    [rows, numbers, size] = [[], [], 0];
  }
  if (rows.length > 0) yield { columns: table.columns, first: numbers[0]!, rows, numbers };
}
