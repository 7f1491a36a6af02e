// SPDX-License-Identifier: Apache-2.0
// Values in databases: which of them are worth being inspected like a file of their own.
import { looksLikePickle } from './recognise.ts';

/** First bytes of what loaders unpack on the way to a pickle, and of arrays and code objects. */
const marks: readonly string[] = ['\x1f\x8b\x08', 'BZh', '\xfd7zXZ\0', '\x04\x22\x4d\x18', '\x28\xb5\x2f\xfd', 'PK\x03\x04', '\x93NUMPY', 'ZF0x', '\x5d\0\0', '\x89HDF'];

/** Whether a value begins like a pickle, like something packed, or like a code object; `size` is its whole length. */
export function worthOpening(head: Uint8Array, size: number): boolean {
  if (size < 4 || head.length < 4) return false;
  const [first, second] = [head[0]!, head[1]!];
  if ((first & 0x0f) === 8 && first >> 4 <= 7 && (first * 256 + second) % 31 === 0 && (second & 0x20) === 0) return true; // zlib
  if ((first & 0x7f) === 0x63 && head[3] === 0 && head[4] === 0) return true; // a marshalled code object: small numbers
  if (marks.some((mark) => starts(head, mark))) return true;
  return looksLikePickle(head, size, '') !== 'no';
}

function starts(head: Uint8Array, mark: string): boolean {
  for (let i = 0; i < mark.length; i += 1) if (head[i] !== mark.charCodeAt(i)) return false;
  return true;
}
