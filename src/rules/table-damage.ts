// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

const about = /^(?:csv|jsonl|json|parquet|arrow|tfrecord|sqlite)\/(?:quote|long-field|wide|encoding|line|long-record|uneven|footer-slack|schema|offset|overlap|rows|values|size|footer-difference|batch|checksum|length)$/;
/** Counts, offsets and checksums do not come to lie by themselves. */
const lies = /^(?:parquet\/(?:schema|offset|overlap|rows|values|size)|arrow\/(?:footer-difference|batch|schema)|tfrecord\/(?:checksum|length)|csv\/(?:quote|encoding|wide))$/;

export default rule({
  id: 'table-damage',
  title: 'Table that its readers would understand differently',
  why: 'Rows that one reader drops and another keeps, a quote that is never closed, or metadata that lie about the rows: what was reviewed is then not what is trained on, and a decoder may be led astray.',
  fix: 'Write the table again with the tool that made it, and compare the number of rows. Where nobody can say how it came about, take the file from its source again.',
  severity: 'low',
  confidence: 'high',
  references: ['CWE-20', 'CWE-436'],
  provisions: [],
  reads: ['malformed'],
  example: ['parquet/rows-lie.parquet', 'parquet/plain.parquet'],
  *check({ facts }) {
    for (const { code, what, at } of facts) {
      if (about.test(code)) yield { message: what, key: `${code} ${what}`, ...(lies.test(code) ? { severity: 'medium' as const } : {}), ...(at === undefined ? {} : { at }) };
    }
  },
});
