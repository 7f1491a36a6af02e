// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'tar-duplicate-name',
  title: 'Tar archive with two members of one name',
  why: 'Which one counts depends on the reader: unpacking keeps the last, searching by name finds the last or the first, streaming sees both. A reviewed member can be replaced by another behind it.',
  fix: 'Compare the two members. Pack the archive anew with one of them.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-694'],
  provisions: ['5.2.1-4.1', '5.2.3-1'],
  example: ['tar/duplicate.tar', 'tar/plain.tar'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) if (code === 'tar/duplicate-name') yield { message: what, ...(at === undefined ? {} : { at }) };
  },
});
