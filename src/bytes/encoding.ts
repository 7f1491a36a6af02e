// SPDX-License-Identifier: Apache-2.0
// How the text of a data file is encoded: nothing says so but its bytes.
import type { ByteSource } from './source.ts';

/** Names as TextDecoder takes them. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** By the byte order mark, else by zeros at every second place (UTF-16 without one), else UTF-8 where the beginning is that, else Latin-1. */
export function encodingOf(head: Uint8Array): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head.length >= 8 && head.includes(0)) {
    const [even, odd] = [zerosAt(head, 0), zerosAt(head, 1)];
    if (odd > 0.4 && even < 0.02) return 'utf-16le';
    if (even > 0.4 && odd < 0.02) return 'utf-16be';
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true }); // the end may cut a character
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** Whether bytes may be text in one of the encodings: zeros only where UTF-16 has them. */
export function mayBeText(head: Uint8Array): boolean {
  return !head.includes(0) || encodingOf(head).startsWith('utf-16');
}

/** The bytes of a text in UTF-8, whatever it is in; offsets are then those of the new text. */
export async function* inUtf8(source: ByteSource, encoding: Encoding): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding);
  for await (const block of source.sweep()) yield Buffer.from(decoder.decode(block, { stream: true }));
  const rest = decoder.decode();
  if (rest !== '') yield Buffer.from(rest);
}

/** Share of zeros among every second byte. */
function zerosAt(head: Uint8Array, from: number): number {
  let zeros = 0;
  const end = Math.min(head.length, 4096);
  for (let i = from; i < end; i += 2) if (head[i] === 0) zeros += 1;
  return zeros / Math.ceil((end - from) / 2);
}
