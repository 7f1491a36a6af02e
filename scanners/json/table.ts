// SPDX-License-Identifier: Apache-2.0
// Documents that are a table: an array of records, at the top or under a key such as "data".
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { elements, rowsKey } from '../../src/grammar/json-records.ts';
import type { FactOf } from '../../src/model/fact.ts';
import type { Cell, RowBatch, Sample, Wanted } from '../../src/model/scanner.ts';
import { Columns, typeOfJson } from '../../src/sketch/columns.ts';

/** A longer record is no row. */
const longest = 16 << 20;
/** Lists in configurations (modules, added tokens) are shorter, or their elements have few fields of their own. */
const fewest = 20;
const batch = { rows: 1024, bytes: 4 << 20, columns: 2000 } as const;
/** Files of models that hold long lists and are no data. */
const config = /(?:^|[/._-])(?:tokenizer|vocab|merges|config|index|package(?:-lock)?|modules|preprocessor|generation_config|special_tokens_map|added_tokens|tsconfig|manifest|schema|model|weights?)(?:[._-][\w-]*)?\.json$/i;

/** A document up to this long is parsed at once, which is several times faster than record by record. */
const atOnce = 8 << 20;

/** Where the rows of a document are, or undefined when it is no table. */
export function tableKey({ name, head }: Sample): string | undefined {
  return config.test(name) || /\.ipynb$/i.test(name) ? undefined : rowsKey(head);
}

/** Columns of a table; nothing when there are too few records, or something else in the array. */
export async function* tableFacts(source: ByteSource, key: string): AsyncGenerator<FactOf<'column' | 'anomaly' | 'malformed'>> {
  const columns = new Columns();
  let [rows, others, long] = [0, 0, 0];
  for await (const some of records(source, key)) {
    for (const { value, cut } of some) {
      if (cut) long += 1;
      else if (value === undefined) others += 1;
      else {
        rows += 1;
        for (const name in value) columns.add(name, typeOfJson(value[name]));
      }
    }
    if (others > 16 && others > rows) return;
  }
  if (rows < fewest || others > rows / 10) return;
  for (const column of columns.all()) yield { kind: 'column', ...column };
  yield { kind: 'anomaly', measure: 'rows', value: rows };
  if (long > 0) yield { kind: 'malformed', code: 'json/long-record', what: `${long} records have more than ${longest} bytes and were not looked at` };
}

/** Rows of a table in order. Records that are none, or too long, keep their number and are left out. */
export async function* tableRows(source: ByteSource, key: string, wanted: Wanted): AsyncGenerator<RowBatch> {
  const columns: string[] = [];
  const index = new Set<string>();
  let held: Record<string, Cell>[] = [];
  let numbers: number[] = [];
  let size = 0;
  let row = -1;
  const give = (): RowBatch => {
    const names = [...columns];
    const rows = held.map((record) => names.map((name): Cell => (Object.hasOwn(record, name) ? (record[name] ?? null) : null)));
    const out: RowBatch = { columns: names, first: numbers[0]!, rows, numbers };
    [held, numbers, size] = [[], [], 0];
    return out;
  };
  for await (const some of records(source, key, wanted)) {
    for (const { value, length } of some) {
      row += 1;
      if (value === undefined) continue;
      for (const name in value) {
        if (index.has(name) || columns.length >= batch.columns) continue;
        index.add(name);
        columns.push(name);
      }
      held.push(value);
      numbers.push(row);
      size += length;
      if (held.length >= batch.rows || size >= batch.bytes) yield give();
    }
  }
  if (held.length > 0) yield give();
}

interface Parsed {
  /** Undefined where it is no object, too long or not wanted. */
  readonly value: Record<string, Cell> | undefined;
  readonly cut: boolean;
  /** Bytes, or their mean over the document. */
  readonly length: number;
}

/** All elements of the array in order, many at a time: waiting for each would take longer than parsing it. A document that is no JSON has those before the damage. */
async function* records(source: ByteSource, key: string, wanted: Wanted = () => true): AsyncGenerator<readonly Parsed[]> {
  const list = source.size <= atOnce ? await whole(source, key) : undefined;
  if (list !== undefined) {
    const length = Math.ceil(source.size / list.length);
    yield list.map((item, i) => ({ value: wanted(i) ? record(item) : undefined, cut: false, length }));
    return;
  }
  let row = -1;
  let held: Parsed[] = [];
  let size = 0;
  for await (const { bytes, cut } of elements(source, key, longest)) {
    row += 1;
    held.push({ value: cut || !wanted(row) ? undefined : record(parsed(bytes)), cut, length: bytes.length });
    size += bytes.length;
    if (held.length < batch.rows && size < 1 << 20) continue;
    yield held;
    [held, size] = [[], 0];
  }
  if (held.length > 0) yield held;
}

/** The array of a short document; undefined when it is damaged or not there. */
async function whole(source: ByteSource, key: string): Promise<readonly unknown[] | undefined> {
  const blocks: Uint8Array[] = [];
  for await (const block of source.sweep()) blocks.push(block.length === source.size ? block : Buffer.from(block)); // a copy: blocks are used again
  const [first] = blocks;
  const bytes = blocks.length === 1 ? asBuffer(first!) : Buffer.concat(blocks);
  const document = parsed(bytes);
  const list = key === '' ? document : record(document)?.[key];
  return Array.isArray(list) ? list : undefined;
}

function record(value: unknown): Record<string, Cell> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, Cell>) : undefined;
}

/** Undefined for what is no JSON: what is wrong with a document is said where it is looked at whole. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
