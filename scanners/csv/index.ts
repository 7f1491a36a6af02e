// SPDX-License-Identifier: Apache-2.0
import { Columns, typeOfText } from '../../src/sketch/columns.ts';
import { scanner, type Sample } from '../../src/model/scanner.ts';
import { Emissions } from './emissions.ts';
import { Records } from './records.ts';

export default scanner({
  id: 'csv',
  title: 'Tables of text: comma-, semicolon- or tab-separated values (RFC 4180)',
  extensions: ['.csv', '.tsv'],
  holds: 'data',
  says: ['region', 'column', 'malformed', 'anomaly', 'claim'],
  recognise: ({ name, head }) => (/\.(csv|tsv)$/i.test(name) && !head.includes(0) ? 'yes' : 'no'),
  async *inspect(source, sample) {
    const columns = new Columns();
    const emissions = new Emissions();
    let header: readonly string[] | undefined;
    let [rows, uneven, firstUneven] = [0, 0, -1];
    const records = new Records(delimiterOf(sample), (fields, at) => {
      if (header === undefined) {
        header = fields;
        emissions.header(fields);
        for (const name of fields) columns.declare(name);
        return;
      }
      rows += 1;
      emissions.row(fields);
      if (fields.length !== header.length) {
        uneven += 1;
        if (firstUneven < 0) firstUneven = at;
      }
      for (let i = 0; i < fields.length; i += 1) columns.add(header[i] ?? `(column ${i + 1})`, typeOfText(fields[i]!));
    });
    const decoder = new TextDecoder('utf-8');
    for await (const block of source.sweep()) records.push(decoder.decode(block, { stream: true }));
    records.push(decoder.decode());
    records.end();
    yield { kind: 'region', name: 'table', at: [0, source.size] };
    for (const column of columns.all()) yield { kind: 'column', ...column };
    yield* emissions.claims();
    yield { kind: 'anomaly', measure: 'rows', value: rows };
    if (uneven > 0) yield { kind: 'malformed', code: 'csv/uneven', what: `${uneven} of ${rows} rows have another number of fields than the header; the first begins at character ${firstUneven}` };
    if (records.open) yield { kind: 'malformed', code: 'csv/quote', what: 'a quoted field is never closed: the rest of the file is one field' };
    if (records.cut > 0) yield { kind: 'malformed', code: 'csv/long-field', what: `${records.cut} fields have more than ${records.longest} characters and were looked at only at their beginning` };
  },
});

/** The delimiter that the first line has most of, outside quotes. */
function delimiterOf({ name, head }: Sample): string {
  if (/\.tsv$/i.test(name)) return '\t';
  const first = Buffer.from(head).toString('utf8').split('\n', 1)[0]!.replaceAll(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((delimiter) => [first.split(delimiter).length, delimiter] as const);
  return counts.toSorted((a, b) => b[0] - a[0])[0]![1];
}
