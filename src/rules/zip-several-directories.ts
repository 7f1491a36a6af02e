// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

const codes: ReadonlySet<string> = new Set(['zip/several-directories']);

export default rule({
  id: 'zip-several-directories',
  title: 'A zip has several directories',
  why: 'Readers that pick different end records see different archives, so what was scanned need not be what is loaded.',
  fix: 'Do not load it. Fetch the file again from its publisher and repack it with an ordinary tool.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-436', 'APPNOTE.TXT 4.3'],
  provisions: ['5.1.2-2', '5.2.3-1'],
  example: ['zip/fake-end.zip', 'zip/nested.zip'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) if (codes.has(code)) yield { message: what, ...(at === undefined ? {} : { at }) };
  },
});
