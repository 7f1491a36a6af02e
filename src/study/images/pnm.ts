// SPDX-License-Identifier: Apache-2.0
import { Malformed, Unsupported } from '../../bytes/errors.ts';
import { pixelsMost } from './png.ts';
import type { Raster } from './pictures.ts';

/** Decodes a binary PGM or PPM (P5, P6) of 8 or 16 bits. Throws `Malformed` or `Unsupported`. */
export function decodePnm(bytes: Uint8Array): Raster {
  const channels = bytes[1] === 0x35 ? 1 : 3;
  let at = 2;
  const number = (): number => {
    for (;;) {
      while (at < bytes.length && bytes[at]! <= 0x20) at += 1;
      if (bytes[at] !== 0x23) break;
      while (at < bytes.length && bytes[at] !== 0x0a) at += 1;
    }
    let value = 0;
    const first = at;
    for (; bytes[at]! >= 0x30 && bytes[at]! <= 0x39 && at - first < 10; at += 1) value = value * 10 + bytes[at]! - 0x30;
    if (at === first) throw new Malformed('pnm/header', `no number in the header at ${at}`, at);
    return value;
  };
  const [width, height, top] = [number(), number(), number()];
  at += 1;
  if (width === 0 || height === 0 || top === 0 || top > 65_535) throw new Malformed('pnm/size', `picture of ${width} × ${height} pixels, largest value ${top}`, 2);
  if (width * height > pixelsMost) throw new Unsupported(`picture of ${width} × ${height} pixels, decoded are ${pixelsMost} at most`);
  const wide = top > 255 ? 2 : 1;
  const length = width * height * channels;
  if (at + length * wide > bytes.length) throw new Malformed('pnm/truncated', `pixels of ${length * wide} bytes at ${at} pass the end at ${bytes.length}`, at);
  const pixels = new Uint8Array(length);
  for (let i = 0; i < length; i += 1) {
    const value = wide === 1 ? bytes[at + i]! : bytes[at + 2 * i]! * 256 + bytes[at + 2 * i + 1]!;
    pixels[i] = Math.min(255, Math.round((value * 255) / top));
  }
  return { width, height, channels, pixels };
}
