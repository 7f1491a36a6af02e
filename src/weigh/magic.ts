// SPDX-License-Identifier: Apache-2.0
// Files in the low bits of weights: the bits are put together in the orders that published encoders use, and what begins
// like a file must have a whole header. Two or three bytes of magic stand in almost every model by chance.
// ELF: e_ident, e_type, e_machine, e_version (elf.5). PE: e_lfanew at 0x3c, 'PE\0\0'. ZIP: APPNOTE 4.3.7.
import type { Kernel } from './kernel/kernel.ts';

/** A file found in a stream of bits. */
export interface Hidden {
  readonly format: 'ELF' | 'PE' | 'ZIP';
  /** Which bits, in words. */
  readonly bits: string;
  /** Byte of the stream. */
  readonly at: number;
}

/** Words at the beginning of a tensor that are put together to streams, and bytes that each stream needs: headers stand at the beginning. */
export const streamLength = 16_384;
const streamBytes = 2048;

/** Looks through all streams that the words of the kernel's block can hold. */
export function findHidden(kernel: Kernel, width: 16 | 32): Hidden | undefined {
  for (const [bits, stream] of streams(kernel, width)) {
    const found = findHeader(stream);
    if (found !== undefined) return { ...found, bits };
  }
  return undefined;
}

function* streams(kernel: Kernel, width: 16 | 32): Generator<readonly [string, Buffer]> {
  for (let n = 1; n <= 8; n += 1) {
    const { high, low } = kernel.lowBits(n, Math.min(streamLength, Math.ceil((streamBytes * 8) / n)));
    if (n === 8) yield ['the low 8 bits', low]; // one byte of each word: there is no other order
    else {
      yield [`the lowest ${n} bit${n === 1 ? '' : 's'}, first bit highest`, high];
      yield [`the lowest ${n} bit${n === 1 ? '' : 's'}, first bit lowest`, low];
    }
  }
  if (width === 16) return;
  for (const bytes of [2, 3]) {
    const words = kernel.words.subarray(0, Math.ceil(streamBytes / bytes));
    const little = Buffer.allocUnsafe(words.length * bytes);
    const big = Buffer.allocUnsafe(words.length * bytes);
    for (let i = 0, at = 0; i < words.length; i += 1, at += bytes) {
      const word = words[i]!;
      little[at] = big[at + bytes - 1] = word;
      little[at + 1] = big[at + bytes - 2] = word >>> 8;
      if (bytes === 3) little[at + 2] = big[at] = word >>> 16;
    }
    yield [`the low ${8 * bytes} bits`, little];
    yield [`the low ${8 * bytes} bits, high byte first`, big];
  }
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
