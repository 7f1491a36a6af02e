// SPDX-License-Identifier: Apache-2.0
import { crc32c } from '../../src/bytes/crc32c.ts';
import { scanner, type Cell, type RowBatch } from '../../src/model/scanner.ts';
import { Columns, typeOfJson } from '../../src/sketch/columns.ts';
import { exampleOf } from './example.ts';
import { masked, records } from './records.ts';

const batch = { rows: 256, bytes: 8 << 20 } as const;
/** Records whose features are looked at for their columns; all others only for their checksums. */
const typed = 4096;

export default scanner({
  id: 'tfrecord',
  title: 'TFRecord: a sequence of tf.train.Example',
  extensions: ['.tfrecord', '.tfrecords'],
  holds: 'data',
  says: ['region', 'column', 'malformed', 'anomaly'],
  recognise({ head, size }) {
    // Nothing but the checksum of the first length tells the format.
    if (size < 16 || head.length < 16) return 'no';
    const first = Buffer.from(head.buffer, head.byteOffset, 12);
    return first.readUInt32LE(4) === 0 && masked(crc32c(first.subarray(0, 8))) === first.readUInt32LE(8) ? 'yes' : 'no';
  },
  async *inspect(source) {
    const columns = new Columns();
    let [rows, broken, others] = [0, 0, 0];
    let first = -1;
    for await (const { at, bytes, sound } of records(source)) {
      if (!sound) {
        broken += 1;
        if (first < 0) first = at;
      }
      if (rows < typed) {
        const example = await exampleOf(bytes, source.budget);
        if (example === undefined) others += 1;
        else for (const [name, value] of example) columns.add(name, value instanceof Uint8Array ? 'mixed' : typeOfJson(typeof value === 'bigint' ? 0 : value));
      }
      rows += 1;
    }
    yield { kind: 'region', name: 'records', at: [0, source.size] };
    if (others === 0) for (const column of columns.all()) yield { kind: 'column', ...column };
    yield { kind: 'anomaly', measure: 'rows', value: rows };
    if (broken > 0) yield { kind: 'malformed', code: 'tfrecord/checksum', what: `${broken} of ${rows} records do not sum to their checksums; the first is at ${first}: readers that check leave off there, others read on`, at: [first, first] };
    if (others > 0) yield { kind: 'anomaly', measure: 'tfrecord-no-example', value: others };
  },
  async *rows(source, _sample, wanted) {
    const columns: string[] = [];
    const known = new Set<string>();
    let held: Map<string, Cell>[] = [];
    let numbers: number[] = [];
    let [row, size] = [-1, 0];
    const give = (): RowBatch => {
      const names = [...columns];
      const out: RowBatch = { columns: names, first: numbers[0]!, rows: held.map((one) => names.map((name) => one.get(name) ?? null)), numbers };
      [held, numbers, size] = [[], [], 0];
      return out;
    };
    for await (const { bytes } of records(source)) {
      row += 1;
      if (!wanted(row)) continue;
      const example = await exampleOf(bytes, source.budget);
      if (example === undefined) continue;
      for (const name of example.keys()) {
        if (known.has(name) || columns.length >= 2000) continue;
        known.add(name);
        columns.push(name);
      }
      held.push(example);
      numbers.push(row);
      size += bytes.length;
      if (held.length >= batch.rows || size >= batch.bytes) yield give();
    }
    if (held.length > 0) yield give();
  },
});
