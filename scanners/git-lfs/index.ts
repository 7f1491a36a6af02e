// SPDX-License-Identifier: Apache-2.0
// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { scanner } from '../../src/model/scanner.ts';

const mark = 'version https://git-lfs.github.com/spec/v1\n';

export default scanner({
  id: 'git-lfs',
  title: 'Git LFS pointers: a text that stands for a file which was not fetched',
  extensions: [],
  // Scanners that go by the name would say that this is none of theirs.
  basis: ['onnx', 'safetensors', 'json', 'sqlite'],
  holds: 'anything',
  says: ['region', 'record', 'gap'],
  recognise: ({ head, size }) => (size < 1024 && asBuffer(head).toString('latin1').startsWith(mark) ? 'yes' : 'no'),
  async *inspect(source) {
    const text = Buffer.from(await source.read(0, source.size)).toString('latin1');
    const oid = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1];
    const size = /^size (\d{1,15})$/m.exec(text)?.[1];
    yield { kind: 'region', name: 'pointer', at: [0, source.size] };
    if (oid !== undefined) yield { kind: 'record', target: '', algorithm: 'sha256', value: oid, by: 'pointer', ...(size === undefined ? {} : { size: Number(size) }) };
    yield { kind: 'gap', what: 'Git LFS pointer: the file that it stands for has not been fetched', why: 'unsupported', holds: 'anything', format: 'git-lfs' };
  },
});
