// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

const codes: ReadonlySet<string> = new Set(['zip/hidden-member']);

export default rule({
  id: 'zip-hidden-member',
  title: 'A zip member is missing from the directory',
  why: 'Readers that trust the central directory never show this member, while streaming readers unpack it.',
  fix: 'Do not load it. Fetch the file again from its publisher and repack it with an ordinary tool.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-436', 'APPNOTE.TXT 4.3'],
  provisions: ['5.2.3-1'],
  example: ['zip/hidden.zip', 'zip/nested.zip'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) if (codes.has(code)) yield { message: what, ...(at === undefined ? {} : { at }) };
  },
});
