// SPDX-License-Identifier: Apache-2.0
import { innerName } from '../../src/bytes/inner-name.ts';
import { salvage } from '../../src/bytes/salvage.ts';
import { scanner } from '../../src/model/scanner.ts';
import { Frames, isFrame } from '../../src/grammar/lz4/frames.ts';

const endings = ['.lz4'] as const;

/** LZ4 frames, as joblib writes them with compress='lz4'; what all frames hold together is one child. */
export default scanner({
  id: 'lz4',
  title: 'LZ4 frames',
  extensions: endings,
  wraps: true,
  holds: 'anything',
  says: ['region', 'malformed'],
  recognise: ({ head, size }) => (isFrame(head, size) ? 'yes' : 'no'),
  async *inspect(source, sample) {
    const frames = new Frames(source);
    const unpacked = await salvage(frames.bytes(), source.budget);
    try {
      if (frames.end > 0) yield { kind: 'region', name: frames.count === 1 ? 'LZ4 frame' : `${frames.count} LZ4 frames`, at: [0, frames.end] };
      yield* frames.malformed;
      if (unpacked.source.size > 0 || unpacked.ended === undefined) {
        yield { kind: 'child', name: innerName(sample.name, endings), source: unpacked.source };
      }
    } finally {
      unpacked.close();
    }
    if (unpacked.ended !== undefined) throw unpacked.ended;
  },
});
