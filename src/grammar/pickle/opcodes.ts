// SPDX-License-Identifier: Apache-2.0
// Opcodes and their arguments: Lib/pickletools.py.

/** In `argumentSize`: no opcode. */
export const invalid = -100;
/** In `argumentSize`: one line of text, or two. */
export const lines = -1;

/** Bytes of the argument; -1 for lines, -10-n for a length of n bytes before it. */
export const argumentSize = ((): Int8Array => {
  const table = new Int8Array(256).fill(invalid);
  const put = (size: number, codes: string | readonly number[]): void => {
    for (const code of codes) table[typeof code === 'string' ? code.charCodeAt(0) : code] = size;
  };
  put(0, '(.012NRQabdelostu)]}');
  put(0, [0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x97, 0x98]);
  put(lines, 'ILFSVPpgci');
  put(1, ['K', 'h', 'q'].join(''));
  put(1, [0x80, 0x82]);
  put(2, 'M');
  put(2, [0x83]);
  put(4, 'Jjr');
  put(4, [0x84]);
  put(8, 'G');
  put(8, [0x95]);
  put(-11, 'UC');
  put(-11, [0x8a, 0x8c]);
  put(-14, 'TXB');
  put(-14, [0x8b]);
  put(-18, [0x8d, 0x8e, 0x96]);
  return table;
})();

/** BINSTRING and SHORT_BINSTRING make text under the default encoding. */
export const texts = new Set([0x54, 0x55, 0x58, 0x8c, 0x8d]);
/** BINUNICODE in its three widths. */
export const utf8Texts = new Set([0x58, 0x8c, 0x8d]);

/** Whether a byte is an opcode. */
export function isOpcode(byte: number): boolean {
  return argumentSize[byte]! !== invalid;
}

/** Signed, little-endian. */
export function i32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
/** Unsigned, little-endian; rounded above 2^53. */
export function u64(bytes: Uint8Array, at: number): number {
  return (i32(bytes, at) >>> 0) + 2 ** 32 * (i32(bytes, at + 4) >>> 0); // only compared with sizes, so rounding does no harm
}
const scratch = new DataView(new ArrayBuffer(8));
/** Big-endian. */
export function double(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i += 1) scratch.setUint8(i, bytes[at + i]!);
  return scratch.getFloat64(0);
}
/** Bytes as characters, as far as there are any. */
export function latin1(bytes: Uint8Array, begin: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + begin, Math.min(end, bytes.length) - begin).toString('latin1');
}
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Undefined where the bytes are not UTF-8. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}
