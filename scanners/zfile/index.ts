// SPDX-License-Identifier: Apache-2.0
import { innerName } from '../../src/bytes/inner-name.ts';
import { salvage } from '../../src/bytes/salvage.ts';
import { unpack } from '../../src/bytes/unpack.ts';
import { scanner } from '../../src/model/scanner.ts';

/** 'ZF' and the unpacked length as Python's hex() gives it, filled up with spaces to 19 characters (joblib/numpy_pickle_compat.py). */
const headerLength = 21;

/** The compressed files of joblib before 0.10: a header, then a zlib stream. */
export default scanner({
  id: 'zfile',
  title: 'joblib compressed file, before version 0.10',
  extensions: ['.z', '.joblib', '.pkl'],
  holds: 'anything',
  says: ['region', 'malformed'],
  recognise: ({ head }) => (told(head) === undefined ? 'no' : 'yes'),
  async *inspect(source, sample) {
    const header = told(sample.head);
    if (header === undefined) return;
    yield { kind: 'region', name: 'header', at: [0, header.end] };
    const stream = unpack(source.slice(header.end, source.size), 'deflate');
    const unpacked = await salvage(stream, source.budget);
    try {
      const end = header.end + stream.consumed();
      if (end > header.end) yield { kind: 'region', name: 'zlib stream', at: [header.end, end] };
      if (unpacked.ended === undefined && end < source.size) {
        yield { kind: 'malformed', code: 'zfile/trailing', what: `${source.size - end} bytes follow the zlib stream`, at: [end, end] };
      }
      if (unpacked.ended === undefined && BigInt(unpacked.source.size) !== header.length) {
        yield { kind: 'malformed', code: 'zfile/size', what: `content has ${unpacked.source.size} bytes, the header says ${header.length}`, at: [2, headerLength] };
      }
      if (unpacked.source.size > 0 || unpacked.ended === undefined) yield { kind: 'child', name: innerName(sample.name, ['.npy.z', '.z']), source: unpacked.source };
    } finally {
      unpacked.close();
    }
    if (unpacked.ended !== undefined) throw unpacked.ended;
  },
});

/** The length that the header tells, and where it ends: joblib up to 0.8.4 under Python 2 wrote one character more. */
function told(head: Uint8Array): { readonly length: bigint; readonly end: number } | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, headerLength + 1)).toString('latin1');
  const found = /^ZF(0x[0-9a-fA-F]{1,16})L? */.exec(text);
  if (found === null || text.length <= headerLength || found[0].length < headerLength) return undefined;
  return { length: BigInt(found[1]!), end: text[headerLength] === ' ' ? headerLength + 1 : headerLength };
}
