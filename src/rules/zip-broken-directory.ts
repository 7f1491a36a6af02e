// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

const codes: ReadonlySet<string> = new Set(['zip/no-directory', 'zip/directory-broken', 'zip/count-differs', 'zip/local-header-missing', 'zip/member-outside', 'zip/zip64-record-missing', 'zip/too-many-members']);

export default rule({
  id: 'zip-broken-directory',
  title: 'The directory of a zip cannot be trusted',
  why: 'A truncated or broken directory leaves it to each reader what it finds, and some still load such a file.',
  fix: 'Fetch the file again and compare its digest with the publisher.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-436', 'APPNOTE.TXT 4.3'],
  provisions: ['5.1.2-2', '5.2.3-1'],
  example: ['zip/truncated.zip', 'zip/zip64.zip'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) if (codes.has(code)) yield { message: what, ...(at === undefined ? {} : { at }) };
  },
});
