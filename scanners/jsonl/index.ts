// SPDX-License-Identifier: Apache-2.0
import { encodingOf, inUtf8, mayBeText } from '../../src/bytes/encoding.ts';
import { lines, linesOf, type Line } from '../../src/bytes/lines.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { Columns, typeOfJson } from '../../src/sketch/columns.ts';
import { scanner, type Cell, type RowBatch, type Sample, type Wanted } from '../../src/model/scanner.ts';

/** A longer line is no row; it is told, and its columns are not. */
const longest = 32 << 20;
/** Rows of one batch, and bytes of lines after which it is given. */
const batch = { rows: 1024, bytes: 4 << 20 } as const;
const most = { columns: 2000 } as const;

export default scanner({
  id: 'jsonl',
  title: 'JSON Lines: a dataset with one JSON value on each line',
  extensions: ['.jsonl', '.ndjson'],
  holds: 'data',
  says: ['region', 'column', 'malformed', 'anomaly'],
  recognise: ({ name, head }) => (/\.(jsonl|ndjson)$/i.test(name) && mayBeText(head) ? 'yes' : 'no'),
  async *inspect(source, sample) {
    const columns = new Columns();
    let [rows, broken, long] = [0, 0, 0];
    let first: { at: number; why: string } | undefined;
    for await (const { value, at, fault } of values(source, sample, () => true)) {
      if (fault === 'long') {
        long += 1;
        first ??= { at, why: `it has more than ${longest} bytes` };
      } else if (fault === 'broken') {
        broken += 1; // no JSON, or no UTF-8: counted, and told with the first of them
        first ??= { at, why: 'it is no JSON value in UTF-8' };
      } else {
        addRow(columns, value);
        rows += 1;
      }
    }
    yield { kind: 'region', name: 'lines', at: [0, source.size] };
    for (const column of columns.all()) yield { kind: 'column', ...column };
    yield { kind: 'anomaly', measure: 'rows', value: rows };
    if (first !== undefined) {
      yield { kind: 'malformed', code: 'jsonl/line', what: `${broken + long} of ${rows + broken + long} lines are no rows; the first, at byte ${first.at}, because ${first.why}`, at: [first.at, first.at] };
    }
    if (columns.dropped > 0) yield { kind: 'malformed', code: 'jsonl/wide', what: `the rows have more columns than the ${columns.kept} that were looked at: ${columns.dropped} values lie in others` };
  },
  async *rows(source, sample, wanted) {
    const columns: string[] = [];
    const index = new Map<string, number>();
    let held: { row: number; value: object }[] = [];
    let bytes = 0;
    for await (const { value, fault, row, size } of values(source, sample, wanted)) {
      if (fault !== undefined) continue;
      const record = typeof value !== 'object' || value === null || Array.isArray(value) ? { '': value } : value;
      held.push({ row, value: record });
      bytes += size;
      if (held.length < batch.rows && bytes < batch.bytes) continue;
      yield rowsOf(held, columns, index);
      [held, bytes] = [[], 0];
    }
    if (held.length > 0) yield rowsOf(held, columns, index);
  },
});

interface Value {
  readonly value?: unknown;
  /** Counts the lines that are not empty. */
  readonly row: number;
  /** Offset of the line, and its bytes. */
  readonly at: number;
  readonly size: number;
  readonly fault?: 'long' | 'broken';
}

/** The values of all lines that are wanted, and the lines that are none. */
async function* values(source: ByteSource, sample: Sample, wanted: Wanted): AsyncGenerator<Value> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let row = -1;
  for await (const { bytes, at, cut } of linesIn(source, sample)) {
    const size = bytes.length;
    if (cut) {
      row += 1;
      yield { row, at, size, fault: 'long' };
      continue;
    }
    if (size === 0) continue;
    row += 1;
    if (!wanted(row)) continue;
    let value: unknown;
    try {
      value = JSON.parse(utf8.decode(bytes));
    } catch {
      yield { row, at, size, fault: 'broken' };
      continue;
    }
    yield { value, row, at, size };
  }
}

/** JSON is UTF-8; files from elsewhere are UTF-16 or Latin-1 from their beginning on. */
function linesIn(source: ByteSource, { head }: Sample): AsyncGenerator<Line> {
  const bom = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const encoding = encodingOf(head);
  return encoding === 'utf-8' && !bom ? lines(source, longest) : linesOf(inUtf8(source, encoding), longest);
}

/** One cell for each column seen so far; a key that comes up later makes a new list, so that readers see that it grew. */
function rowsOf(held: readonly { readonly row: number; readonly value: object }[], columns: string[], index: Map<string, number>): RowBatch {
  for (const { value } of held) {
    for (const key in value) {
      if (index.has(key) || columns.length >= most.columns) continue;
      index.set(key, columns.length);
      columns.push(key);
    }
  }
  const names = [...columns];
  const rows = held.map(({ value }) => names.map((name): Cell => (Object.hasOwn(value, name) ? ((value as Record<string, Cell>)[name] ?? null) : null)));
  return { columns: names, first: held[0]!.row, rows, numbers: held.map(({ row }) => row) };
}

function addRow(columns: Columns, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) columns.add('', typeOfJson(value));
  else for (const [name, inner] of Object.entries(value)) columns.add(name, typeOfJson(inner));
}
