// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli, RFC 3720 B.4), which node:zlib has not. Eight bytes a step by sliced tables.

const tables = make();

function make(): readonly Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    return value;
  });
  const out = [first];
  for (let n = 1; n < 8; n += 1) {
    const before = out[n - 1]!;
    out.push(before.map((value) => first[value & 255]! ^ (value >>> 8)));
  }
  return out;
}

/** CRC-32C of bytes, going on from an earlier one. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const [a, b, c, d, e, f, g, h] = tables as unknown as [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let crc = ~before;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc = h[crc & 255]! ^ g[(crc >>> 8) & 255]! ^ f[(crc >>> 16) & 255]! ^ e[crc >>> 24]! ^ d[bytes[i + 4]!]! ^ c[bytes[i + 5]!]! ^ b[bytes[i + 6]!]! ^ a[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i += 1) crc = a[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
