// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A checksum over bytes that come in parts. */
export interface Check {
  update(bytes: Uint8Array): void;
  /** As it stands in the file. */
  digest(): Buffer;
}

/** Bytes of the check by its id (xz-file-format.txt, 2.1.1.2). */
export const checkSizes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64] as const;

/** The check with an id; undefined for none, and for ids that nobody uses. */
export function checkOf(id: number): Check | undefined {
  if (id === 1) return new Crc32();
  if (id === 4) return new Crc64();
  if (id !== 10) return undefined;
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
}

class Crc32 implements Check {
  #crc = 0;
  update(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
  }
  digest(): Buffer {
    const out = Buffer.alloc(4);
    out.writeUInt32LE(this.#crc);
    return out;
  }
}

/** CRC-64 of ECMA-182, reflected: polynomial 0xC96C5795D7870F42, in two halves. */
const [tableHigh, tableLow] = ((): readonly [Int32Array, Int32Array] => {
  const high = new Int32Array(256);
  const low = new Int32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0xc96c5795d7870f42n : crc >> 1n;
    high[byte] = Number(crc >> 32n) | 0;
    low[byte] = Number(crc & 0xffff_ffffn) | 0;
  }
  return [high, low];
})();

class Crc64 implements Check {
  #high = -1;
  #low = -1;
  update(bytes: Uint8Array): void {
    let [high, low] = [this.#high, this.#low];
    for (const byte of bytes) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ tableLow[index]!;
      high = (high >>> 8) ^ tableHigh[index]!;
    }
    [this.#high, this.#low] = [high, low];
  }
  digest(): Buffer {
    const out = Buffer.alloc(8);
    out.writeInt32LE(~this.#low, 0);
    out.writeInt32LE(~this.#high, 4);
    return out;
  }
}
