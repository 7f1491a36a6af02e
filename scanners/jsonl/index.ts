// SPDX-License-Identifier: Apache-2.0
import { lines } from '../../src/bytes/lines.ts';
import { Columns, typeOfJson } from '../../src/sketch/columns.ts';
import { scanner } from '../../src/model/scanner.ts';

/** A longer line is no row; it is told, and its columns are not. */
const longest = 32 << 20;

export default scanner({
  id: 'jsonl',
  title: 'JSON Lines: a dataset with one JSON value on each line',
  extensions: ['.jsonl', '.ndjson'],
  holds: 'data',
  says: ['region', 'column', 'malformed', 'anomaly'],
  recognise: ({ name, head }) => (/\.(jsonl|ndjson)$/i.test(name) && !head.includes(0) ? 'yes' : 'no'),
  async *inspect(source) {
    const columns = new Columns();
    const utf8 = new TextDecoder('utf-8', { fatal: true });
    let [rows, broken, long] = [0, 0, 0];
    let first: { at: number; why: string } | undefined;
    for await (const { bytes, at, cut } of lines(source, longest)) {
      if (cut) {
        long += 1;
        first ??= { at, why: `it has more than ${longest} bytes` };
        continue;
      }
      if (bytes.length === 0) continue;
      let value: unknown;
      try {
        value = JSON.parse(utf8.decode(bytes));
      } catch {
        broken += 1; // no JSON, or no UTF-8: counted, and told with the first of them
        first ??= { at, why: 'it is no JSON value in UTF-8' };
        continue;
      }
      addRow(columns, value);
      rows += 1;
    }
    yield { kind: 'region', name: 'lines', at: [0, source.size] };
    for (const column of columns.all()) yield { kind: 'column', ...column };
    yield { kind: 'anomaly', measure: 'rows', value: rows };
    if (first !== undefined) {
      yield { kind: 'malformed', code: 'jsonl/line', what: `${broken + long} of ${rows + broken + long} lines are no rows; the first, at byte ${first.at}, because ${first.why}`, at: [first.at, first.at] };
    }
  },
});

function addRow(columns: Columns, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) columns.add('', typeOfJson(value));
  else for (const [name, inner] of Object.entries(value)) columns.add(name, typeOfJson(inner));
}
