// SPDX-License-Identifier: Apache-2.0
// The output of sha256sum(1) and its like, and the BSD form: https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { lines } from '../../src/bytes/lines.ts';
import { scanner } from '../../src/model/scanner.ts';

/** Paths have an end; a longer line is none of a list. */
const longest = 8192;
/** Records that are told; a list with more says so. */
const most = 100_000;

const named = /(?:^|[._-])(?:sha(?:1|224|256|384|512)|md5|b2)(?:sums?)?(?:\.txt|\.asc)?$|^checksums?(?:\.txt)?$/i;
const gnu = /^\\?([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})(?:[ \t][ *]?(.+))?$/i;
const bsd = /^(MD5|SHA1|SHA224|SHA256|SHA384|SHA512|BLAKE2b) ?\((.+)\) = ([0-9a-f]+)$/i;
const byLength: Readonly<Record<number, string>> = { 32: 'md5', 40: 'sha1', 56: 'sha224', 64: 'sha256', 96: 'sha384', 128: 'sha512' };

interface Line {
  readonly algorithm: string;
  readonly value: string;
  readonly target: string;
}

export default scanner({
  id: 'checksum-list',
  title: 'lists of checksums: SHA256SUMS, *.sha256, MD5SUMS',
  extensions: ['.sha256', '.sha512', '.md5', '.sha1'],
  holds: 'data',
  says: ['region', 'record', 'malformed'],
  recognise({ name, head }) {
    if (!named.test(name) || head.includes(0)) return 'no';
    const first = asBuffer(head.subarray(0, longest)).toString('utf8').split('\n').map((line) => line.trim()).find((line) => line !== '' && !line.startsWith('#'));
    return first !== undefined && (gnu.test(first) || bsd.test(first)) ? 'yes' : 'no';
  },
  async *inspect(source, sample) {
    yield { kind: 'region', name: 'list', at: [0, source.size] };
    let [told, odd, firstOdd] = [0, 0, 0];
    for await (const { bytes, at, cut } of lines(source, longest)) {
      const text = Buffer.from(bytes).toString('utf8').replace(/\r$/, '');
      if (text.trim() === '' || text.startsWith('#')) continue;
      const line = cut ? undefined : parsed(text, sample.name);
      if (line === undefined || told >= most) {
        odd += 1;
        if (odd === 1) firstOdd = at;
        continue;
      }
      told += 1;
      yield { kind: 'record', by: 'checksum-list', ...line };
    }
    if (odd > 0) yield { kind: 'malformed', code: 'checksum-list/line', what: `${odd} of ${told + odd} lines are no checksum with a name, or too many; the first begins at byte ${firstOdd}`, at: [firstOdd, firstOdd] };
  },
});

function parsed(text: string, own: string): Line | undefined {
  const tagged = bsd.exec(text);
  if (tagged !== null) return { algorithm: tagged[1]!.toLowerCase(), value: tagged[3]!.toLowerCase(), target: tagged[2]! };
  const plain = gnu.exec(text);
  if (plain === null) return undefined;
  const value = plain[1]!.toLowerCase();
  const algorithm = value.length === 128 && /b2/i.test(own) ? 'blake2b' : byLength[value.length]!;
  // A digest alone is that of the file beside it: model.bin.sha256.
  const target = plain[2]?.trim() ?? own.replace(/\.[^.]+$/, '');
  return { algorithm, value, target };
}
