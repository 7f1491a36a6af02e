// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import { scanner } from '../../src/model/scanner.ts';

const download = /^([0-9a-f]{40})\r?\n"?([0-9a-f]{40}|[0-9a-f]{64})"?\r?\n(\d{1,12})(?:\.\d{1,20})?\r?\n?$/;
const reference = /^(?:ref: (refs\/[\x21-\x7e]{1,200})|([0-9a-f]{40}(?:[0-9a-f]{24})?))\r?\n?$/;

/** Traces of where files were fetched from: what the hub's client and git leave beside them. */
export default scanner({
  id: 'hub-metadata',
  title: 'Traces of a download: the hub client\'s .metadata files, git HEAD, refs and config',
  extensions: ['.metadata'],
  holds: 'data',
  says: ['region', 'claim', 'link', 'record'],
  recognise({ name, size, head }) {
    if (size > 65_536 || head.includes(0)) return 'no';
    if (name.endsWith('.metadata')) return size <= 256 && download.test(latin1(head)) ? 'yes' : 'no';
    if (/\.[a-z0-9]{1,8}$/i.test(name)) return 'no';
    if (size <= 256 && reference.test(latin1(head))) return 'maybe';
    return name === 'config' && /^\s*\[core\]/.test(latin1(head)) ? 'yes' : 'no';
  },
  async *inspect(source) {
    const text = latin1(await source.read(0, source.size));
    yield { kind: 'region', name: 'text', at: [0, source.size] };
    const fetched = download.exec(text);
    if (fetched !== null) {
      const [, commit, etag] = fetched;
      yield { kind: 'claim', field: 'commit', value: commit! };
      // For files in LFS the hub's ETag is their SHA-256, for others git's SHA-1 of a blob.
      yield { kind: 'record', target: '', algorithm: etag!.length === 64 ? 'sha256' : 'git-sha1', value: etag!, by: 'hub-metadata' };
      return;
    }
    const pointed = reference.exec(text);
    if (pointed !== null) {
      if (pointed[2] !== undefined) yield { kind: 'claim', field: 'commit', value: pointed[2] };
      else yield { kind: 'claim', field: 'commit', value: clip(`ref ${pointed[1]!}`) };
      return;
    }
    let remote = '';
    for (const line of text.split('\n', 2000)) {
      remote = /^\s*\[remote "([^"]{1,100})"\]/.exec(line)?.[1] ?? (/^\s*\[/.test(line) ? '' : remote);
      const url = remote === '' ? undefined : /^\s*url\s*=\s*(\S{1,1000})/.exec(line)?.[1];
      if (url !== undefined) yield { kind: 'link', role: 'url', target: clip(withoutUser(url)), detail: clip(`git remote ${remote}`) };
    }
  },
});

/** A remote's address can hold a token: what stands before '@' is not told. */
function withoutUser(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/@]{1,500}@/i, '$1');
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
