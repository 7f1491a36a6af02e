// SPDX-License-Identifier: Apache-2.0
import { LimitReached, Malformed } from '../../bytes/errors.ts';
import { headerLength, type Header } from './alone.ts';
import { LzmaDecoder } from './decoder.ts';

const tried = 4096;
/** Header, range coder and a few symbols. */
const shortest = 24;

/** Whether the first bytes behind a header unpack: the format has no magic number. With `more`, the input goes on. */
export function trial(head: Uint8Array, header: Header, more: boolean): boolean {
  const decoder = new LzmaDecoder(Math.min(header.dictionary, 1 << 16), 'lzma');
  decoder.setProperties(header.properties);
  decoder.feed(head.subarray(headerLength, headerLength + tried));
  try {
    decoder.startRange(headerLength);
    const wanted = Math.min(header.size ?? tried, tried);
    const { written, stop } = decoder.run(wanted, !more && head.length <= headerLength + tried, headerLength);
    // Cut short is not wrong: loaders that unpack while they read get so far.
    return stop !== 'input' || more || written >= (header.size === undefined ? 1 : 16);
  } catch (error) {
    if (error instanceof Malformed) return error.code === 'lzma/truncated' && !more && head.length >= shortest;
    if (error instanceof LimitReached) return false;
    throw error;
  }
}
