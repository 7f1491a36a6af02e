// SPDX-License-Identifier: Apache-2.0
import { innerName } from '../../src/bytes/inner-name.ts';
import { salvage } from '../../src/bytes/salvage.ts';
import { scanner } from '../../src/model/scanner.ts';
import { isMember, Members } from './members.ts';

const endings = ['.gz', '.gzip'] as const;

/** Gzip (RFC 1952): all members, their headers and checksums; what they hold is one child. */
export default scanner({
  id: 'gzip',
  title: 'gzip stream (RFC 1952)',
  extensions: [...endings, '.tgz'],
  wraps: true,
  holds: 'anything',
  says: ['region', 'malformed'],
  recognise: (sample) => (isMember(sample.head) ? 'yes' : 'no'),
  async *inspect(source, sample) {
    const members = new Members(source);
    const unpacked = await salvage(members.bytes(), source.budget);
    try {
      yield { kind: 'region', name: members.count === 1 ? 'gzip member' : `${members.count} gzip members`, at: [0, members.end] };
      yield* members.malformed;
      if (unpacked.source.size > 0 || unpacked.ended === undefined) {
        yield { kind: 'child', name: childName(members.name, sample.name), source: unpacked.source };
      }
    } finally {
      unpacked.close();
    }
    if (unpacked.ended !== undefined) throw unpacked.ended;
  },
});

/** The name in the header is attacker-controlled: used only when it is a plain file name. */
function childName(inHeader: string | undefined, outer: string): string {
  if (inHeader !== undefined && inHeader.length <= 128 && /^[\w][\w .+-]*$/.test(inHeader)) return inHeader;
  return outer.toLowerCase().endsWith('.tgz') ? `${outer.slice(0, -4)}.tar` : innerName(outer, endings);
}
