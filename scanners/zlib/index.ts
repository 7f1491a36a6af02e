// SPDX-License-Identifier: Apache-2.0
import { inflateSync, constants } from 'node:zlib';
import { innerName } from '../../src/bytes/inner-name.ts';
import { salvage } from '../../src/bytes/salvage.ts';
import { unpack } from '../../src/bytes/unpack.ts';
import { scanner } from '../../src/model/scanner.ts';

const endings = ['.zlib', '.z', '.zz'] as const;
/** Of the head, tried at recognition. */
const trial = 16 * 1024;

/** Zlib stream (RFC 1950), as joblib writes it with `compress`; what it holds is one child. */
export default scanner({
  id: 'zlib',
  title: 'zlib stream (RFC 1950)',
  extensions: endings,
  wraps: true,
  holds: 'anything',
  says: ['region', 'malformed'],
  recognise(sample) {
    // A header check of five bits and a method of four are weak evidence: the head must also unpack.
    if (!isHeader(sample.head) || !isBlock(sample.head)) return 'no';
    return unpacks(sample.head.subarray(0, trial), sample.size > trial || sample.size > sample.head.length) ? 'yes' : 'no';
  },
  async *inspect(source, sample) {
    const stream = unpack(source, 'deflate');
    const unpacked = await salvage(stream, source.budget);
    try {
      const end = stream.consumed();
      yield { kind: 'region', name: 'zlib stream', at: [0, end] };
      if (end < source.size && unpacked.ended === undefined) {
        yield { kind: 'malformed', code: 'zlib/trailing', what: `${source.size - end} bytes follow the zlib stream`, at: [end, end] };
      }
      if (unpacked.source.size > 0 || unpacked.ended === undefined) {
        yield { kind: 'child', name: innerName(sample.name, endings), source: unpacked.source };
      }
    } finally {
      unpacked.close();
    }
    if (unpacked.ended !== undefined) throw unpacked.ended;
  },
});

/** CMF and FLG (RFC 1950, 2.2): method 8, window up to 32 KiB, no preset dictionary, divisible by 31. */
function isHeader(head: Uint8Array): boolean {
  const cmf = head[0] ?? 0;
  const flg = head[1] ?? 0;
  return (cmf & 0x0f) === 8 && cmf >> 4 <= 7 && (flg & 0x20) === 0 && (cmf * 256 + flg) % 31 === 0;
}

/** The first block of deflated data (RFC 1951, 3.2.3), as far as its own beginning tells: trying costs more than all other formats. */
function isBlock(head: Uint8Array): boolean {
  const [first = 0, a = 0, b = 0, c = 0, d = 0] = head.subarray(2, 7);
  const kind = (first >> 1) & 3;
  if (kind === 0) return head.length < 7 || (a === (c ^ 0xff) && b === (d ^ 0xff)); // LEN, and its complement
  if (kind === 2) return first >> 3 <= 29 && (a & 31) <= 29; // HLIT up to 286 codes, HDIST up to 30
  return kind === 1;
}

/** Whether it unpacks without an error; with `more` to come it may end early, but must have given something. */
function unpacks(head: Uint8Array, more: boolean): boolean {
  try {
    const bytes = inflateSync(head, { maxOutputLength: 4 * trial, finishFlush: constants.Z_SYNC_FLUSH });
    return bytes.length >= Math.min(64, head.length >> 1) || !more;
  } catch (error) {
    return (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
  }
}
