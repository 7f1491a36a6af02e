// SPDX-License-Identifier: Apache-2.0
// A git object as `git cat-file` stores it inside its zlib stream: "<type> <size>\0<content>"
// (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects). Only commits and tags are read: they are what gets signed.
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { clip } from '../../src/bytes/clip.ts';
import { scanner } from '../../src/model/scanner.ts';

const head = /^(commit|tag) \d{1,9}\0(?:tree|object) [0-9a-f]{40,64}\n/;
const largest = 1 << 20;

export default scanner({
  id: 'git-object',
  title: 'git commits and tags: author, time, signature',
  extensions: [],
  holds: 'data',
  says: ['region', 'claim', 'signature'],
  recognise: (sample) => (head.test(asBuffer(sample.head.subarray(0, 128)).toString('latin1')) ? 'yes' : 'no'),
  async *inspect(source) {
    yield { kind: 'region', name: 'object', at: [0, source.size] };
    const text = Buffer.from(await source.read(0, Math.min(source.size, largest))).toString('utf8');
    const body = text.slice(text.indexOf('\0') + 1);
    const split = body.indexOf('\n\n');
    const headers = split < 0 ? body : body.slice(0, split);
    const author = /^(?:author|tagger) (.*?) <[^>\n]*> \d{1,12} [+-]\d{4}$/m.exec(headers)?.[1];
    if (author !== undefined) yield { kind: 'claim', field: 'author', value: clip(author) };
    const signature = /^gpgsig(?:-sha256)? -----BEGIN (PGP|SSH) SIGNATURE-----/m.exec(headers)?.[1] ?? /^-----BEGIN (PGP|SSH) SIGNATURE-----/m.exec(body)?.[1];
    if (signature !== undefined) yield { kind: 'signature', identity: '', issuer: signature === 'SSH' ? 'ssh' : 'openpgp', verified: false };
  },
});
