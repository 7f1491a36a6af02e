// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

const codes = new Set([
  'tar/reader-difference', 'tar/pax-global', 'tar/link-size', 'tar/sparse-name', 'tar/after-eof', 'tar/longname-conflict', 'tar/name-nul',
  'tar/number', 'tar/pax-size', 'tar/pax-record', 'tar/stream-stopped',
]);

export default rule({
  id: 'tar-reader-difference',
  title: 'Tar archive that readers see differently',
  why: 'Python, GNU tar and Node disagree about such headers: one of them unpacks a member that the others, and most scanners, never see.',
  fix: 'Do not use the archive. Unpack it in a sandbox with the program that will load it, look at the members named, and pack it anew.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-436', 'CVE-2026-53655', 'POSIX.1-2001 pax'],
  provisions: ['5.2.1-4.1', '5.2.3-1'],
  example: ['tar/fifo-size.tar', 'tar/pax-comment.tar'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) {
      if (codes.has(code)) yield { message: what, key: `${code} ${what.replaceAll(/\d+/g, '0')}`, ...(at === undefined ? {} : { at }) };
    }
  },
});
