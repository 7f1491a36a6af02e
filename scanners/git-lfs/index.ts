// SPDX-License-Identifier: Apache-2.0
// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
import { Malformed } from '../../src/bytes/errors.ts';
import { scanner } from '../../src/model/scanner.ts';

const mark = 'version https://git-lfs.github.com/spec/v1\n';

export default scanner({
  id: 'git-lfs',
  title: 'Git LFS pointers: a text that stands for a file which was not fetched',
  extensions: [],
  holds: 'anything',
  says: ['region', 'record'],
  recognise: ({ head, size }) => (size < 1024 && Buffer.from(head).toString('latin1').startsWith(mark) ? 'yes' : 'no'),
  async *inspect(source) {
    const text = Buffer.from(await source.read(0, source.size)).toString('latin1');
    const oid = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1];
    const size = /^size (\d{1,15})$/m.exec(text)?.[1];
    if (oid === undefined || size === undefined) throw new Malformed('git-lfs/pointer', 'the pointer has no oid of 64 hex digits or no size', mark.length);
    yield { kind: 'region', name: 'pointer', at: [0, source.size] };
    yield { kind: 'record', target: '', algorithm: 'sha256', value: oid, by: 'pointer', size: Number(size) };
  },
});
