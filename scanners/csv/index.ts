// SPDX-License-Identifier: Apache-2.0
import { encodingOf, mayBeText, type Encoding } from '../../src/bytes/encoding.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { Columns, typeOfText } from '../../src/sketch/columns.ts';
import { scanner, type Cell, type RowBatch, type Sample } from '../../src/model/scanner.ts';
import { Emissions } from './emissions.ts';
import { Records } from './records.ts';

export default scanner({
  id: 'csv',
  title: 'Tables of text: comma-, semicolon- or tab-separated values (RFC 4180)',
  extensions: ['.csv', '.tsv'],
  holds: 'data',
  says: ['region', 'column', 'malformed', 'anomaly', 'claim'],
  recognise: ({ name, head }) => (/\.(csv|tsv)$/i.test(name) && mayBeText(head) ? 'yes' : 'no'),
  async *inspect(source, sample) {
    const columns = new Columns();
    const table = new Table(sample);
    const emissions = new Emissions();
    let [rows, uneven, firstUneven] = [0, 0, -1];
    for await (const fields of table.read(source)) {
      for (const { values, at } of fields) {
        const names = table.names!;
        if (rows === 0) {
          emissions.header(names);
          for (const name of names) columns.declare(name);
        }
        rows += 1;
        emissions.row(values);
        if (values.length !== names.length) {
          uneven += 1;
          if (firstUneven < 0) firstUneven = at;
        }
        for (let i = 0; i < values.length; i += 1) columns.add(names[i] ?? `(column ${i + 1})`, typeOfText(values[i]!));
      }
    }
    const { records } = table;
    for (const name of rows === 0 ? (table.names ?? []) : []) columns.declare(name);
    yield { kind: 'region', name: 'table', at: [0, source.size] };
    for (const column of columns.all()) yield { kind: 'column', ...column };
    yield* emissions.claims();
    yield { kind: 'anomaly', measure: 'rows', value: rows };
    if (uneven > 0) yield { kind: 'malformed', code: 'csv/uneven', what: `${uneven} of ${rows} rows have another number of fields than the header; the first begins at character ${firstUneven}` };
    if (records.open) yield { kind: 'malformed', code: 'csv/quote', what: 'a quoted field is never closed: the rest of the file is one field' };
    if (records.cut > 0) yield { kind: 'malformed', code: 'csv/long-field', what: `${records.cut} fields have more than ${records.longest} characters and were looked at only at their beginning` };
    if (records.most > records.widest) yield { kind: 'malformed', code: 'csv/wide', what: `a row has ${records.most} fields, of which ${records.widest} were looked at` };
    if (table.strange > 0) yield { kind: 'malformed', code: 'csv/encoding', what: `${table.strange} characters are no ${table.encoding === 'utf-8' ? 'UTF-8' : table.encoding}, as the beginning is: encodings are mixed, or something was spliced in` };
  },
  async *rows(source, sample, wanted) {
    const table = new Table(sample);
    let row = -1;
    let columns: readonly string[] = [];
    for await (const fields of table.read(source)) {
      if (fields.length > 0 && row === -1) columns = table.names!;
      const rows: Cell[][] = [];
      const numbers: number[] = [];
      for (const { values } of fields) {
        row += 1;
        if (!wanted(row)) continue;
        numbers.push(row);
        rows.push(values.map((value) => (value === '' ? null : value)));
      }
      if (rows.length > 0) yield { columns, first: numbers[0]!, rows, numbers } satisfies RowBatch;
    }
  },
});

interface Fields {
  readonly values: readonly string[];
  /** Character at which the record begins. */
  readonly at: number;
}

/** Records of a table as pieces of text come in, without the header. */
class Table {
  readonly encoding: Encoding;
  readonly records: Records;
  /** Of the columns; undefined until the first record. */
  names: readonly string[] | undefined;
  /** Characters that the encoding could not read. */
  strange = 0;
  #held: Fields[] = [];

  constructor(sample: Sample) {
    this.encoding = encodingOf(sample.head);
    this.records = new Records(delimiterOf(sample, this.encoding), (values, at) => {
      if (this.names !== undefined) this.#held.push({ values, at });
      else if (isHeader(values)) this.names = values;
      else {
        this.names = values.map((_, index) => `column ${index + 1}`);
        this.#held.push({ values, at });
      }
    });
  }

  async *read(source: ByteSource): AsyncGenerator<Fields[]> {
    const decoder = new TextDecoder(this.encoding); // leaves a byte order mark out
    for await (const block of source.sweep()) {
      for (let at = 0; at < block.length; at += piece) { // a block of short rows would make a million objects
        this.#push(decoder.decode(block.subarray(at, at + piece), { stream: true }));
        if (this.#held.length > 0) yield this.#take();
      }
    }
    this.#push(decoder.decode());
    this.records.end();
    if (this.#held.length > 0) yield this.#take();
  }

  #push(text: string): void {
    for (let at = text.indexOf('\uFFFD'); at !== -1; at = text.indexOf('\uFFFD', at + 1)) this.strange += 1;
    this.records.push(text);
  }

  #take(): Fields[] {
    const taken = this.#held;
    this.#held = [];
    return taken;
  }
}

const piece = 128 << 10;

/** A first record of which half or more are numbers is data already. */
function isHeader(values: readonly string[]): boolean {
  const numbers = values.slice(0, 100).filter((value) => ['int', 'float'].includes(typeOfText(value.trim()))).length;
  return values.length < 2 ? numbers === 0 : 2 * numbers < Math.min(values.length, 100);
}

/** The delimiter that the first line has most of, outside quotes. */
function delimiterOf({ name, head }: Sample, encoding: Encoding): string {
  if (/\.tsv$/i.test(name)) return '\t';
  const first = new TextDecoder(encoding).decode(head).split('\n', 1)[0]!.replaceAll(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((delimiter) => [first.split(delimiter).length, delimiter] as const);
  return counts.toSorted((a, b) => b[0] - a[0])[0]![1];
}
