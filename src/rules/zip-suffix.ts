// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

const codes: ReadonlySet<string> = new Set(['zip/suffix']);

export default rule({
  id: 'zip-suffix',
  title: 'Bytes lie after the zip archive',
  why: 'Data behind the end record are no part of the archive: another file may be appended, or something be smuggled along.',
  fix: 'Find out what the trailing bytes are; models have no use for them.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-436', 'APPNOTE.TXT 4.3'],
  provisions: ['5.2.3-1'],
  example: ['zip/suffix.zip', 'zip/comment.zip'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) if (codes.has(code)) yield { message: what, ...(at === undefined ? {} : { at }) };
  },
});
