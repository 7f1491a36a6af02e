// SPDX-License-Identifier: Apache-2.0
import { exact } from '../../src/bytes/cursor.ts';
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';

/** A frame as its headers tell it (RFC 8878, 3.1). */
export interface Frame {
  readonly begin: number;
  readonly end: number;
  readonly skippable: boolean;
  /** Where its blocks, or a skippable frame's content, begin. */
  readonly content: number;
  /** Bytes when unpacked, where the header says. */
  readonly size: number | undefined;
  /** Set when the file ends before the frame does. */
  readonly cut?: Malformed;
}

const windowAllowed = 2 ** 27; // what the decoder is set to take, src/bytes/unpack.ts
const longestHeader = 18; // magic 4, descriptor 1, window 1, dictionary 4, content size 8

/** The frame that begins at `begin`; undefined when there is none. Only headers are read. */
export async function frameAt(source: ByteSource, begin: number): Promise<Frame | undefined> {
  const head = Buffer.from(await source.read(begin, Math.min(longestHeader, source.size - begin)));
  if (head.length < 4) return undefined;
  const magic = head.readUInt32LE(0);
  if (isSkippable(magic)) return skippable(source, head, begin);
  if (magic >= 0xfd2fb522 && magic <= 0xfd2fb527) throw new Unsupported(`zstd frame at ${begin} is of format 0.${magic - 0xfd2fb520}: only the final format is read`);
  if (magic !== frameMagic) return undefined;
  const header = readHeader(head, begin);
  const end = await endOfBlocks(source, begin + header.length, begin);
  const checked = end + (header.checksum ? 4 : 0);
  if (checked > source.size) throw cut(begin, checked, source.size);
  return { begin, end: checked, skippable: false, content: begin + header.length, size: header.size };
}

export const frameMagic = 0xfd2fb528;
/** 0x184D2A50 to 0x184D2A5F (RFC 8878, 3.1.2). */
export function isSkippable(magic: number): boolean {
  return (magic & 0xfffffff0) >>> 0 === 0x184d2a50;
}

function skippable(source: ByteSource, head: Buffer, begin: number): Frame {
  if (head.length < 8) throw cut(begin, begin + 8, source.size);
  const end = begin + 8 + head.readUInt32LE(4);
  if (end > source.size) throw cut(begin, end, source.size);
  return { begin, end, skippable: true, content: begin + 8, size: undefined };
}

/** Frame header (RFC 8878, 3.1.1.1). */
function readHeader(head: Buffer, begin: number): { readonly length: number; readonly size: number | undefined; readonly checksum: boolean } {
  const descriptor = head[4] ?? 0;
  const single = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) throw new Malformed('zstd/reserved-bit', `zstd frame at ${begin} sets a reserved bit of its descriptor`, begin);
  const dictionaryLength = [0, 1, 2, 4][descriptor & 3]!;
  const sizeLength = [single ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const length = 5 + (single ? 0 : 1) + dictionaryLength + sizeLength;
  if (head.length < length) throw cut(begin, begin + length, begin + head.length);
  const dictionary = dictionaryLength === 0 ? 0 : head.readUIntLE(single ? 5 : 6, dictionaryLength);
  if (dictionary !== 0) throw new Unsupported(`zstd frame at ${begin} needs the dictionary ${dictionary}, which is not there`);
  const at = length - sizeLength;
  const size = sizeLength === 0 ? undefined
    : sizeLength === 8 ? (exact(head.readBigUInt64LE(at)) ?? Number.MAX_SAFE_INTEGER)
    : head.readUIntLE(at, sizeLength) + (sizeLength === 2 ? 256 : 0);
  const windowByte = head[5] ?? 0;
  const windowSize = single ? (size ?? 0) : (2 ** (10 + (windowByte >> 3)) / 8) * (8 + (windowByte & 7));
  if (!single && windowSize > windowAllowed) throw new Unsupported(`zstd frame at ${begin} asks for a window of ${windowSize} bytes, allowed ${windowAllowed}`);
  return { length, size, checksum: (descriptor & 0x04) !== 0 };
}

/** Steps over block headers: three bytes, last · type · size (RFC 8878, 3.1.1.2). */
async function endOfBlocks(source: ByteSource, from: number, begin: number): Promise<number> {
  let buffer: Uint8Array = new Uint8Array(0);
  let bufferBegin = from;
  for (let offset = from; ; ) {
    if (offset + 3 > source.size) throw cut(begin, offset + 3, source.size);
    if (offset + 3 > bufferBegin + buffer.length) {
      bufferBegin = offset;
      buffer = await source.read(offset, Math.min(4096, source.size - offset));
    }
    const local = offset - bufferBegin;
    const header = buffer[local]! + 256 * buffer[local + 1]! + 65_536 * buffer[local + 2]!;
    const type = (header >> 1) & 3;
    if (type === 3) throw new Malformed('zstd/reserved-block', `zstd block at ${offset} has the reserved type 3`, offset);
    offset += 3 + (type === 1 ? 1 : header >> 3); // a run-length block stores one byte
    if (offset > source.size) throw cut(begin, offset, source.size);
    if ((header & 1) === 1) return offset;
  }
}

function cut(begin: number, end: number, size: number): Malformed {
  return new Malformed('zstd/truncated', `zstd frame at ${begin} reaches to ${end} at least, past the end at ${size}`, begin);
}
