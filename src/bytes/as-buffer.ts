// SPDX-License-Identifier: Apache-2.0

/** The same bytes as a Buffer, for its methods. `Buffer.from(bytes)` would copy them one by one. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
