// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../src/bytes/errors.ts';
import { scanner } from '../../src/model/scanner.ts';

export default scanner({
  id: 'template',
  title: 'what it reads, in one line',
  extensions: ['.example'],
  holds: 'data',
  says: ['region'],
  recognise: ({ head }) => (head[0] === 0x45 ? 'yes' : 'no'),
  async *inspect(source) {
    // 0 - magic: one byte
    if (source.size < 1) throw new Malformed('template/empty', 'the file has no byte, 1 is the least', 0);
    yield { kind: 'region', name: 'everything', at: [0, source.size] };
  },
});
