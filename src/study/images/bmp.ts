// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../bytes/as-buffer.ts';
import { Malformed, Unsupported } from '../../bytes/errors.ts';
import { pixelsMost } from './png.ts';
import type { Raster } from './pictures.ts';

/** Decodes an uncompressed Windows bitmap of 1, 4, 8, 24 or 32 bits. Throws `Malformed` or `Unsupported`. */
export function decodeBmp(bytes: Uint8Array): Raster {
  const data = asBuffer(bytes);
  if (data.length < 54) throw new Malformed('bmp/truncated', `file of ${data.length} bytes is shorter than its headers`, data.length);
  // BITMAPFILEHEADER: 10 offset of the pixels; BITMAPINFOHEADER: 14 its size, 18 width, 22 height, 28 bits, 30 compression, 46 colours
  const [start, size, width, signed, bits, compression] = [data.readUInt32LE(10), data.readUInt32LE(14), data.readInt32LE(18), data.readInt32LE(22), data.readUInt16LE(28), data.readUInt32LE(30)];
  const height = Math.abs(signed);
  if (width <= 0 || height === 0 || size < 40) throw new Malformed('bmp/size', `picture of ${width} × ${signed} pixels`, 18);
  if (width * height > pixelsMost) throw new Unsupported(`picture of ${width} × ${height} pixels, decoded are ${pixelsMost} at most`);
  if (compression !== 0 && !(compression === 3 && bits === 32)) throw new Unsupported(`bitmap of compression ${compression}`);
  if (![1, 4, 8, 24, 32].includes(bits)) throw new Unsupported(`bitmap of ${bits} bits`);
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (start + stride * height > data.length) throw new Malformed('bmp/truncated', `pixels of ${stride * height} bytes at ${start} pass the end at ${data.length}`, start);
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    const row = start + (signed > 0 ? height - 1 - y : y) * stride;
    for (let x = 0; x < width; x += 1) {
      const from = bits >= 24 ? row + (x * bits) / 8 : 14 + size + 4 * indexAt(data, row, x, bits);
      const to = (y * width + x) * 3;
      pixels[to] = data[from + 2] ?? 0;
      pixels[to + 1] = data[from + 1] ?? 0;
      pixels[to + 2] = data[from] ?? 0;
    }
  }
  return { width, height, channels: 3, pixels };
}

function indexAt(data: Buffer, row: number, x: number, bits: number): number {
  const bit = x * bits;
  return (data[row + (bit >> 3)]! >> (8 - bits - (bit & 7))) & (2 ** bits - 1);
}
