// SPDX-License-Identifier: Apache-2.0
// huggingface_hub writes <folder>/.cache/huggingface/download/<path>.metadata beside what it fetched into a folder
// (https://github.com/huggingface/huggingface_hub, _local_folder.py): commit, etag, time of the download; a line each.
import { Malformed } from '../../src/bytes/errors.ts';
import { scanner } from '../../src/model/scanner.ts';

const form = /^([0-9a-f]{40})\n"?([0-9a-f]{40}|[0-9a-f]{64})"?\n(\d{1,12}(?:\.\d{1,9})?)\n?$/;

export default scanner({
  id: 'hub-metadata',
  title: 'notes of a hub client about files it fetched: commit, digest, time',
  extensions: ['.metadata'],
  holds: 'data',
  says: ['region', 'record', 'claim'],
  recognise: ({ name, head, size }) => (name.endsWith('.metadata') && size < 512 && form.test(Buffer.from(head).toString('latin1')) ? 'yes' : 'no'),
  async *inspect(source) {
    const found = form.exec(Buffer.from(await source.read(0, source.size)).toString('latin1'));
    if (found === null) throw new Malformed('hub-metadata/form', 'the note is not a commit, a digest and a time', 0);
    const [, commit, etag] = found;
    yield { kind: 'region', name: 'note', at: [0, source.size] };
    yield { kind: 'claim', field: 'revision', value: commit! };
    // The hub's etag is the SHA-256 of a large file and the git object id of a small one.
    yield { kind: 'record', target: '', algorithm: etag!.length === 64 ? 'sha256' : 'git-sha1', value: etag!, by: 'hub-metadata' };
  },
});
