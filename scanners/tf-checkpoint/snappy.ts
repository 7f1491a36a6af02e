// SPDX-License-Identifier: Apache-2.0
// Snappy without frames (https://github.com/google/snappy/blob/main/format_description.txt).
import { Malformed } from '../../src/bytes/errors.ts';
import type { Budget } from '../../src/bytes/limits.ts';

/** Unpacks a block; `at` is where it lies, for messages. */
export function unsnap(from: Uint8Array, most: number, budget: Budget, at: number): Uint8Array {
  const wrong = (what: string): Malformed => new Malformed('tf-checkpoint/snappy', `compressed block at ${at} ${what}`, at);
  let i = 0;
  let size = 0;
  for (let shift = 1; ; shift *= 128) {
    const byte = from[i++];
    if (byte === undefined || shift > 2 ** 28) throw wrong('has no length');
    size += (byte & 0x7f) * shift;
    if (byte < 0x80) break;
  }
  if (size > most) throw wrong(`says that it unpacks to ${size} bytes, allowed ${most}`);
  budget.spend('inflated', size);
  const out = new Uint8Array(size);
  let o = 0;
  while (i < from.length) {
    const tag = from[i++]!; // the loop's condition
    let length = tag >> 2;
    if ((tag & 3) === 0) {
      if (length >= 60) {
        const bytes = length - 59;
        length = 0;
        for (let b = 0; b < bytes; b += 1) length += (from[i + b] ?? 0) * 2 ** (8 * b);
        i += bytes;
      }
      length += 1;
      if (!(i + length <= from.length && o + length <= size)) throw wrong(`has ${length} bytes at ${i} that pass its end`);
      out.set(from.subarray(i, i + length), o);
      i += length;
      o += length;
      continue;
    }
    let back = 0;
    if ((tag & 3) === 1) {
      length = ((tag >> 2) & 7) + 4;
      back = ((tag >> 5) << 8) | (from[i] ?? 0);
      i += 1;
    } else {
      length += 1;
      const bytes = (tag & 3) === 2 ? 2 : 4;
      for (let b = 0; b < bytes; b += 1) back += (from[i + b] ?? 0) * 2 ** (8 * b);
      i += bytes;
    }
    if (back === 0 || back > o || o + length > size) throw wrong(`copies ${length} bytes from ${back} before ${o}`);
    for (let n = 0; n < length; n += 1, o += 1) out[o] = out[o - back]!; // checked above
  }
  if (o !== size) throw wrong(`unpacks to ${o} bytes, but says ${size}`);
  return out;
}
