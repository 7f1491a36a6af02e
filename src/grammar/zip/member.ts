// SPDX-License-Identifier: Apache-2.0
import { crc32 } from 'node:zlib';
import { Unsupported } from '../../bytes/errors.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { spool } from '../../bytes/spool.ts';
import { unpack } from '../../bytes/unpack.ts';
import type { Member } from './archive.ts';

/** A member's unpacked bytes, and what was learnt on the way. */
export interface Opened {
  readonly source: ByteSource;
  /** CRC-32 of the unpacked bytes; undefined for a stored member, which was not read. */
  readonly crc32: number | undefined;
  /** Packed bytes behind the end of the deflate stream. */
  readonly slack: number;
  /** Never throws. */
  readonly close: () => void;
}

/** Compression methods (4.4.5) that are read. */
export const methods = { stored: 0, deflate: 8, zstd: 93 } as const;

const names: Readonly<Record<number, string>> = { 9: 'Deflate64', 12: 'BZIP2', 14: 'LZMA', 95: 'XZ', 96: 'JPEG', 97: 'WavPack', 98: 'PPMd', 99: 'AES encryption' };

/**
 * A member's bytes: a stored one without a copy, a packed one unpacked under the budget. Throws `Unsupported` for
 * encryption and other methods, `Malformed` where the packed bytes break, `LimitReached` at the budget's end.
 */
export async function openMember(archive: ByteSource, member: Member): Promise<Opened> {
  if ((member.flags & 0x41) !== 0 || member.method === 99) throw new Unsupported(`member ${JSON.stringify(member.name.slice(0, 120))} is encrypted`, 'encrypted');
  const packed = archive.slice(member.dataBegin, member.dataEnd);
  if (member.method === methods.stored) return { source: packed, crc32: undefined, slack: 0, close: () => {} };
  if (member.method !== methods.deflate && member.method !== methods.zstd) {
    throw new Unsupported(`member ${JSON.stringify(member.name.slice(0, 120))} is packed with method ${member.method}${names[member.method] === undefined ? '' : ` (${names[member.method]})`}, which has no reader here`);
  }
  const stream = unpack(packed, member.method === methods.deflate ? 'deflate-raw' : 'zstd');
  let crc = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const part of stream) {
      crc = crc32(part, crc);
      yield part;
    }
  }
  const { source, close } = await spool(counted(), archive.budget);
  return { source, crc32: crc, slack: packed.size - stream.consumed(), close };
}
