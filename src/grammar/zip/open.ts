// SPDX-License-Identifier: Apache-2.0
import { crc32 } from 'node:zlib';
import { Unsupported } from '../../bytes/errors.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { spool, type Spooled } from '../../bytes/spool.ts';
import { unpack, type Packing } from '../../bytes/unpack.ts';
import { quote } from './directory.ts';
import type { Member } from './walk.ts';

/** Deflate and Zstandard (APPNOTE 4.4.5). */
const packings: ReadonlyMap<number, Packing> = new Map([[8, 'deflate-raw'], [93, 'zstd']]);

/** A member's bytes; `crc32` is undefined for a stored member, whose bytes were not read to open it. */
export interface Opened extends Spooled {
  readonly crc32: number | undefined;
  /** Bytes of the member behind the end of its packed stream: no reader unpacks them. */
  readonly slack: number;
}

/** Opens a member: stored ones without a copy. Throws `Unsupported` for encryption and methods other than 0, 8 and 93. */
export async function openMember(source: ByteSource, member: Member): Promise<Opened> {
  if ((member.flags & 0x41) !== 0) throw new Unsupported(`member ${quote(member.name)} is encrypted`, 'encrypted');
  const packed = source.slice(member.dataBegin, member.dataEnd);
  if (member.method === 0) return { source: packed, crc32: undefined, slack: 0, close() {} };
  const packing = packings.get(member.method);
  if (packing === undefined) throw new Unsupported(`member ${quote(member.name)} has compression method ${member.method}`);
  const stream = unpack(packed, packing);
  let sum = 0;
  async function* summed(): AsyncGenerator<Uint8Array> {
    for await (const part of stream) {
      sum = crc32(part, sum);
      yield part;
    }
  }
  const spooled = await spool(summed(), source.budget);
  return { source: spooled.source, crc32: sum, slack: Math.max(0, packed.size - stream.consumed()), close: () => spooled.close() };
}
