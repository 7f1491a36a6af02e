// SPDX-License-Identifier: Apache-2.0
// Literals that a loader inside the pickle is given, decoded as the calls around them would.
import { constants, inflateRawSync } from 'node:zlib';
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { MemorySource, type ByteSource } from '../../src/bytes/source.ts';
import type { Form, Nested } from '../../src/grammar/pickle/libraries.ts';

/** The bytes that the loader would read; undefined when they are written in another form and too long to decode. */
export async function opened(source: ByteSource, { begin, end, forms }: Nested): Promise<ByteSource | undefined> {
  if (forms.length === 0) return source.slice(begin, end);
  const { budget } = source;
  if (end - begin > budget.limits.memory) return undefined;
  let bytes: Uint8Array = await source.read(begin, end - begin);
  for (const form of forms) {
    budget.spend('inflated', bytes.length);
    bytes = decoders[form](asBuffer(bytes), budget.limits.memory);
  }
  return new MemorySource(bytes, budget);
}

const decoders: Readonly<Record<Form, (bytes: Buffer, most: number) => Uint8Array>> = {
  'latin-1': (bytes) => Buffer.from(bytes.toString('utf8'), 'latin1'),
  base64: (bytes) => Buffer.from(bytes.toString('latin1'), 'base64'), // takes - and _ too, and passes over what is no digit, as Python does
  hex: (bytes) => Buffer.from(bytes.toString('latin1').replaceAll(/[^0-9a-fA-F]/g, ''), 'hex'),
  base32: (bytes) => packed(bytes, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 5),
  base85: (bytes) => base85(bytes, '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~'),
  ascii85: (bytes) => base85(Buffer.from(bytes.toString('latin1').replaceAll('z', '!!!!!').replaceAll(/<~|~>|\s/g, ''), 'latin1'), Array.from({ length: 85 }, (_, index) => String.fromCharCode(33 + index)).join('')),
  'deflate-raw': (bytes, most) => {
    try {
      return inflateRawSync(bytes, { maxOutputLength: most, finishFlush: constants.Z_SYNC_FLUSH });
    } catch {
      return bytes; // no deflate stream: the loader would raise as well
    }
  },
};

function packed(bytes: Buffer, digits: string, bits: number): Uint8Array {
  const out: number[] = [];
  let held = 0;
  let count = 0;
  for (const byte of bytes) {
    const digit = digits.indexOf(String.fromCharCode(byte).toUpperCase());
    if (digit === -1) continue;
    held = (held << bits) | digit;
    count += bits;
    if (count < 8) continue;
    count -= 8;
    out.push((held >> count) & 0xff);
    held &= (1 << count) - 1;
  }
  return Uint8Array.from(out);
}

/** Five digits for four bytes; the last group may be shorter. */
function base85(bytes: Buffer, digits: string): Uint8Array {
  const values = [...bytes].map((byte) => digits.indexOf(String.fromCharCode(byte))).filter((digit) => digit !== -1);
  const out: number[] = [];
  for (let i = 0; i < values.length; i += 5) {
    const group = values.slice(i, i + 5);
    const length = group.length - 1;
    while (group.length < 5) group.push(84);
    const word = group.reduce((sum, digit) => sum * 85 + digit, 0);
    for (let byte = 0; byte < length; byte += 1) out.push(Math.floor(word / 2 ** (24 - 8 * byte)) & 0xff);
  }
  return Uint8Array.from(out);
}
