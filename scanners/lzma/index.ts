// SPDX-License-Identifier: Apache-2.0
import { innerName } from '../../src/bytes/inner-name.ts';
import { salvage } from '../../src/bytes/salvage.ts';
import { Alone, headerOf } from '../../src/grammar/lzma/alone.ts';
import { trial } from '../../src/grammar/lzma/trial.ts';
import { scanner } from '../../src/model/scanner.ts';

const endings = ['.lzma'] as const;

/** LZMA without a container, as joblib writes it with compress='lzma'; what it holds is one child. */
export default scanner({
  id: 'lzma',
  title: 'LZMA stream without a container',
  extensions: endings,
  wraps: true,
  holds: 'anything',
  says: ['region', 'malformed'],
  recognise({ head, size }) {
    const header = headerOf(head);
    // A stream of no bytes is five long: more behind it is another format whose numbers happen to fit (Core ML weights).
    if (header?.size === 0 && size > 64) return 'no';
    return header !== undefined && trial(head, header, head.length < size) ? 'yes' : 'no';
  },
  async *inspect(source, sample) {
    const header = headerOf(sample.head);
    if (header === undefined) return;
    const stream = new Alone(source, header);
    const unpacked = await salvage(stream.bytes(), source.budget);
    try {
      if (stream.end > 0) yield { kind: 'region', name: 'LZMA stream', at: [0, stream.end] };
      if (unpacked.ended === undefined && stream.end < source.size) {
        yield { kind: 'malformed', code: 'lzma/trailing', what: `${source.size - stream.end} bytes follow the LZMA stream`, at: [stream.end, stream.end] };
      }
      if (header.size !== undefined && unpacked.ended === undefined && header.size !== stream.written) {
        yield { kind: 'malformed', code: 'lzma/size', what: `LZMA stream unpacks to ${stream.written} bytes, its header says ${header.size}`, at: [5, 13] };
      }
      if (unpacked.source.size > 0 || unpacked.ended === undefined) yield { kind: 'child', name: innerName(sample.name, endings), source: unpacked.source };
    } finally {
      unpacked.close();
    }
    if (unpacked.ended !== undefined) throw unpacked.ended;
  },
});
