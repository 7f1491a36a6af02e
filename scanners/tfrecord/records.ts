// SPDX-License-Identifier: Apache-2.0
import { crc32c } from '../../src/bytes/crc32c.ts';
import { LimitReached, Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';

/** One record: u64 length, its masked CRC-32C, the payload, its masked CRC-32C. */
export interface Rec {
  readonly at: number;
  /** The payload: valid until the next record is asked for. */
  readonly bytes: Uint8Array;
  /** Whether the payload sums to what is said. */
  readonly sound: boolean;
}

/** A longer record is not held in memory. */
export const longest = 128 << 20;
const window = 4 << 20;

/** TensorFlow's mask, which keeps a checksum of checksums from being weak. */
export function masked(crc: number): number {
  return ((((crc >>> 15) | (crc << 17)) >>> 0) + 0xa282ead8) >>> 0;
}

/** Records one after the other. Throws `Malformed` where a length does not sum to its checksum: what follows cannot be found. */
export async function* records(source: ByteSource): AsyncGenerator<Rec> {
  let held: Uint8Array = new Uint8Array(0);
  let base = 0;
  const load = async (at: number, length: number): Promise<Uint8Array> => {
    if (at < base || at + length > base + held.length) {
      if (length > longest) throw new LimitReached('record', `a record of ${length - 4} bytes at ${at - 12}, held in memory are ${longest}`);
      base = at;
      held = await source.read(at, Math.min(Math.max(length, window), source.size - at));
    }
    return held.subarray(at - base, at - base + length);
  };
  for (let at = 0; at < source.size; ) {
    source.budget.tick();
    if (source.size - at < 16) throw new Malformed('tfrecord/truncated', `${source.size - at} bytes at ${at} are too few for a record`, at);
    const head = Buffer.from(await load(at, 12));
    const length = head.readBigUInt64LE(0);
    if (masked(crc32c(head.subarray(0, 8))) !== head.readUInt32LE(8)) throw new Malformed('tfrecord/length', `the length ${length} of the record at ${at} does not sum to its checksum`, at);
    if (length > BigInt(source.size - at - 16)) throw new Malformed('tfrecord/truncated', `record at ${at} has ${length} bytes, and ${source.size - at - 16} are left`, at);
    const size = Number(length);
    const body = await load(at + 12, size + 4);
    const bytes = body.subarray(0, size);
    const said = Buffer.from(body.subarray(size)).readUInt32LE(0);
    yield { at, bytes, sound: masked(crc32c(bytes)) === said };
    at += size + 16;
  }
}
