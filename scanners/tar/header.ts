// SPDX-License-Identifier: Apache-2.0

/** A tar header block as written; nothing of it is trusted. */
export interface Header {
  readonly name: string;
  readonly prefix: string;
  readonly type: string;
  readonly link: string;
  /** Bytes; undefined when the field is no number: readers disagree about what follows. */
  readonly size: number | undefined;
  readonly mode: number | undefined;
  /** Sum of the bytes as they are, and as the field says. */
  readonly checksumRight: boolean;
  /** 'v7' has no magic. */
  readonly format: 'ustar' | 'gnu' | 'v7';
  /** A GNU sparse header is followed by more blocks of its map. */
  readonly extended: boolean;
}

export const block = 512;

/** Reads a block (POSIX.1-1988 ustar: name 0, mode 100, size 124, checksum 148, type 156, link 157, magic 257, prefix 345). */
export function readHeader(bytes: Buffer): Header {
  const magic = bytes.toString('latin1', 257, 265);
  const format = magic.startsWith('ustar\0') ? 'ustar' : magic === 'ustar  \0' ? 'gnu' : 'v7';
  const type = bytes[156] === 0 ? '0' : String.fromCharCode(bytes[156]!);
  const name = text(bytes, 0, 100);
  return {
    name,
    // GNU tar keeps other fields where ustar has the prefix.
    prefix: format === 'ustar' ? text(bytes, 345, 155) : '',
    type: type === '0' && name.endsWith('/') ? '5' : type,
    link: text(bytes, 157, 100),
    size: number(bytes, 124, 12),
    mode: number(bytes, 100, 8),
    checksumRight: sumIsRight(bytes),
    format,
    extended: type === 'S' && bytes[482] === 1,
  };
}

/** Whether a block is a header that a reader accepts: its checksum, counted with or without sign, is as it says. */
export function sumIsRight(bytes: Uint8Array): boolean {
  for (let i = 148; i < 156; i += 1) if ((bytes[i]! > 0x37 && bytes[148]! !== 0x80) || (bytes[i]! < 0x30 && bytes[i]! !== 0x20 && bytes[i]! !== 0)) return false;
  const told = number(Buffer.from(bytes.buffer, bytes.byteOffset, block), 148, 8);
  if (told === undefined) return false;
  let unsigned = 256; // the field itself counts as eight spaces
  let negative = 0;
  for (let i = 0; i < block; i += 1) {
    if (i === 148) i = 156;
    const byte = bytes[i]!;
    unsigned += byte;
    if (byte > 127) negative += 1;
  }
  return told === unsigned || told === unsigned - 256 * negative;
}

/** Whether at most a block of bytes is all zero. A comparison of memory: this runs twice for each of many members. */
export function isZero(bytes: Uint8Array): boolean {
  return zeros.subarray(0, bytes.length).equals(bytes);
}

const zeros = Buffer.alloc(block);

function text(bytes: Buffer, begin: number, length: number): string {
  const end = bytes.subarray(begin, begin + length).indexOf(0);
  return bytes.toString('utf8', begin, end === -1 ? begin + length : begin + end);
}

/** Octal text between spaces and NULs, or base 256 when the first byte is 0x80; undefined for anything else. */
function number(bytes: Buffer, begin: number, length: number): number | undefined {
  const first = bytes[begin]!;
  if (first >= 0x80) {
    if (first !== 0x80) return undefined; // 0xFF begins a negative number
    let value = 0;
    for (let i = begin + 1; i < begin + length; i += 1) value = value * 256 + bytes[i]!;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const digits = text(bytes, begin, length).trim();
  if (digits === '') return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}
