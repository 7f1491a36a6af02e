// SPDX-License-Identifier: Apache-2.0
// Files in the low bits of weights: the bits are put together in the orders that published encoders use, and what begins
// like a file must have a whole header. Two or three bytes of magic stand in almost every model by chance.
// ELF: e_ident, e_type, e_machine, e_version (elf.5). PE: e_lfanew at 0x3c, 'PE\0\0'. ZIP: APPNOTE 4.3.7.

/** A file found in a stream of bits. */
export interface Hidden {
  readonly format: 'ELF' | 'PE' | 'ZIP';
  /** Which bits, in words. */
  readonly bits: string;
  /** Byte of the stream. */
  readonly at: number;
}

/** Looks through all streams that words of a width can hold. */
export function findHidden(words: Uint32Array | Uint16Array, width: 16 | 32): Hidden | undefined {
  for (const [bits, stream] of streams(words, width)) {
    const found = findHeader(stream);
    if (found !== undefined) return { ...found, bits };
  }
  return undefined;
}

function* streams(words: Uint32Array | Uint16Array, width: 16 | 32): Generator<readonly [string, Buffer]> {
  for (const bytes of width === 32 ? [1, 2, 3] : [1]) {
    const little = Buffer.allocUnsafe(words.length * bytes);
    const big = Buffer.allocUnsafe(words.length * bytes);
    for (let i = 0, at = 0; i < words.length; i += 1) {
      const word = words[i]!;
      for (let b = 0; b < bytes; b += 1) {
        little[at + b] = word >>> (8 * b);
        big[at + bytes - 1 - b] = word >>> (8 * b);
      }
      at += bytes;
    }
    yield [`the low ${8 * bytes} bits`, little];
    if (bytes > 1) yield [`the low ${8 * bytes} bits, high byte first`, big];
  }
  for (let n = 1; n < 8; n += 1) {
    yield [`the lowest ${n} bit${n === 1 ? '' : 's'}, first bit highest`, packed(words, n, true)];
    yield [`the lowest ${n} bit${n === 1 ? '' : 's'}, first bit lowest`, packed(words, n, false)];
  }
}

/** `n` bits of each word, one after the other. */
function packed(words: Uint32Array | Uint16Array, n: number, highFirst: boolean): Buffer {
  const out = Buffer.allocUnsafe(Math.floor((words.length * n) / 8));
  const mask = (1 << n) - 1;
  let [held, bits, at] = [0, 0, 0];
  for (let i = 0; i < words.length && at < out.length; i += 1) {
    const value = words[i]! & mask;
    held = highFirst ? ((held << n) | value) & 0xffff : held | (value << bits);
    bits += n;
    if (bits < 8) continue;
    bits -= 8;
    out[at] = highFirst ? held >> bits : held;
    if (!highFirst) held >>= 8;
    at += 1;
  }
  return out;
}

const machines = new Set([2, 3, 8, 20, 21, 22, 40, 42, 43, 50, 62, 183, 243, 247, 258]);
const peMachines = new Set([0x14c, 0x8664, 0x1c0, 0x1c4, 0xaa64, 0x200]);
/** Places with the two bytes 'MZ' that are looked at in one stream: they stand in 65,536 bytes once by chance. */
const mostTries = 10_000;

/** The first whole header of a program or archive. */
export function findHeader(bytes: Buffer): { readonly format: Hidden['format']; readonly at: number } | undefined {
  const all = [['ELF', '\x7fELF', isElf], ['ZIP', 'PK\x03\x04', isZip], ['PE', 'MZ', isPe]] as const;
  for (const [format, magic, check] of all) {
    for (let at = bytes.indexOf(magic, 0, 'latin1'), n = 0; at >= 0 && n < mostTries; at = bytes.indexOf(magic, at + 1, 'latin1'), n += 1) {
      if (check(bytes, at)) return { format, at };
    }
  }
  return undefined;
}

function isElf(b: Buffer, at: number): boolean {
  if (at + 52 > b.length) return false;
  const [wide, order] = [b[at + 4]!, b[at + 5]!];
  if ((wide !== 1 && wide !== 2) || (order !== 1 && order !== 2) || b[at + 6] !== 1 || b[at + 7]! > 18) return false;
  const u16 = (o: number): number => (order === 1 ? b.readUInt16LE(at + o) : b.readUInt16BE(at + o));
  const version = order === 1 ? b.readUInt32LE(at + 20) : b.readUInt32BE(at + 20);
  return u16(16) >= 1 && u16(16) <= 4 && machines.has(u16(18)) && version === 1;
}

function isPe(b: Buffer, at: number): boolean {
  if (at + 0x40 > b.length) return false;
  const pe = at + b.readUInt32LE(at + 0x3c);
  if (pe < at + 0x40 || pe + 24 > b.length || pe - at > 4096 || b.readUInt32LE(pe) !== 0x4550) return false;
  return peMachines.has(b.readUInt16LE(pe + 4)) && b.readUInt16LE(pe + 6) <= 96;
}

function isZip(b: Buffer, at: number): boolean {
  if (at + 30 > b.length) return false;
  const [version, flags, method, name, extra] = [4, 6, 8, 26, 28].map((o) => b.readUInt16LE(at + o)) as [number, number, number, number, number];
  if (version > 63 || (flags & 0xd000) !== 0 || ![0, 8, 9, 12, 14, 93, 95, 98, 99].includes(method)) return false;
  if (name === 0 || name > 1024 || extra > 4096 || at + 30 + name > b.length) return false;
  return b.subarray(at + 30, at + 30 + name).every((byte) => byte >= 0x20 && byte !== 0x7f);
}
