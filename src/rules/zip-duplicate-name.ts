// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

const codes: ReadonlySet<string> = new Set(['zip/duplicate-name']);

export default rule({
  id: 'zip-duplicate-name',
  title: 'Two zip members share a name',
  why: 'Which of two members with one name is used depends on the reader, so a checked copy can hide another one.',
  fix: 'Do not load it. Fetch the file again from its publisher and repack it with an ordinary tool.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-436', 'APPNOTE.TXT 4.3'],
  provisions: ['5.2.3-1'],
  example: ['zip/duplicate.zip', 'zip/plain.zip'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) if (codes.has(code)) yield { message: what, ...(at === undefined ? {} : { at }) };
  },
});
