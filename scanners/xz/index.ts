// SPDX-License-Identifier: Apache-2.0
import { innerName } from '../../src/bytes/inner-name.ts';
import { salvage } from '../../src/bytes/salvage.ts';
import { scanner } from '../../src/model/scanner.ts';
import { isStream, Streams } from './streams.ts';

const endings = ['.xz'] as const;

/** xz streams; what all of them hold together is one child. */
export default scanner({
  id: 'xz',
  title: 'xz streams (LZMA2)',
  extensions: [...endings, '.txz'],
  wraps: true,
  holds: 'anything',
  says: ['region', 'malformed'],
  recognise: ({ head }) => (isStream(head) ? 'yes' : 'no'),
  async *inspect(source, sample) {
    const streams = new Streams(source);
    const unpacked = await salvage(streams.bytes(), source.budget);
    try {
      if (streams.end > 0) yield { kind: 'region', name: streams.count === 1 ? 'xz stream' : `${streams.count} xz streams`, at: [0, streams.end] };
      yield* streams.malformed;
      if (unpacked.source.size > 0 || unpacked.ended === undefined) {
        const name = sample.name.toLowerCase().endsWith('.txz') ? `${sample.name.slice(0, -4)}.tar` : innerName(sample.name, endings);
        yield { kind: 'child', name, source: unpacked.source };
      }
    } finally {
      unpacked.close();
    }
    if (unpacked.ended !== undefined) throw unpacked.ended;
  },
});
