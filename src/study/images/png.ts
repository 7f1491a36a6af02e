// SPDX-License-Identifier: Apache-2.0
import { inflateSync } from 'node:zlib';
import { asBuffer } from '../../bytes/as-buffer.ts';
import { Malformed, Unsupported } from '../../bytes/errors.ts';
import type { Raster } from './pictures.ts';

/** Pixels of a picture that is decoded; a larger one is not. 16 million are 4096 × 4096. */
export const pixelsMost = 16 * 1024 * 1024;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly interlaced: boolean;
}

/** Samples for each pixel by colour type (PNG specification, 11.2.2 IHDR); alpha is read and dropped. */
const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const depths: Readonly<Record<number, readonly number[]>> = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };
/** Adam7 passes: first column and row, steps (PNG specification, 8.2). */
const passes = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]] as const;

/** Decodes a PNG within `pixelsMost`; checksums are the scanner's business. Throws `Malformed` or `Unsupported`. */
export function decodePng(bytes: Uint8Array): Raster {
  const data = asBuffer(bytes);
  let header: Header | undefined;
  let palette: Uint8Array | undefined;
  const parts: Uint8Array[] = [];
  for (let at = 8; at + 12 <= data.length; ) {
    const length = data.readUInt32BE(at);
    const type = data.toString('latin1', at + 4, at + 8);
    if (length > data.length - at - 12) throw new Malformed('png/truncated', `chunk of ${length} bytes at ${at} passes the end at ${data.length}`, at);
    const content = data.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') header ??= headerOf(content);
    else if (type === 'PLTE') palette ??= content;
    else if (type === 'IDAT') parts.push(content);
    else if (type === 'IEND') break;
    at += 12 + length;
  }
  if (header === undefined) throw new Malformed('png/no-header', 'there is no IHDR chunk', 8);
  return raster(header, inflated(header, Buffer.concat(parts)), palette);
}

function headerOf(content: Buffer): Header {
  if (content.length < 13) throw new Malformed('png/header', `IHDR has ${content.length} bytes, not 13`, 8);
  const [width, height, depth, colour] = [content.readUInt32BE(0), content.readUInt32BE(4), content[8]!, content[9]!];
  if (width === 0 || height === 0) throw new Malformed('png/size', `picture of ${width} × ${height} pixels`, 16);
  if (width * height > pixelsMost) throw new Unsupported(`picture of ${width} × ${height} pixels, decoded are ${pixelsMost} at most`);
  if (depths[colour]?.includes(depth) !== true) throw new Malformed('png/depth', `${depth} bits do not go with colour type ${colour}`, 24);
  return { width, height, depth, colour, interlaced: content[12] === 1 };
}

/** Bytes of one row of samples, without its filter byte. */
function rowBytes({ depth, colour }: Header, width: number): number {
  return Math.ceil((width * samplesOf[colour]! * depth) / 8);
}

function parts(header: Header): { readonly x: number; readonly y: number; readonly dx: number; readonly dy: number; readonly width: number; readonly height: number }[] {
  if (!header.interlaced) return [{ x: 0, y: 0, dx: 1, dy: 1, width: header.width, height: header.height }];
  return passes.map(([x, y, dx, dy]) => ({ x, y, dx, dy, width: Math.ceil((header.width - x) / dx), height: Math.ceil((header.height - y) / dy) }))
    .filter(({ width, height }) => width > 0 && height > 0);
}

function inflated(header: Header, packed: Buffer): Uint8Array {
  const wanted = parts(header).reduce((sum, { width, height }) => sum + (1 + rowBytes(header, width)) * height, 0);
  let out: Uint8Array;
  try {
    out = inflateSync(packed, { maxOutputLength: wanted + 65_536 });
  } catch (error) {
    throw new Malformed('png/deflate', `pixels do not inflate: ${(error as { code?: string }).code ?? 'unknown'}`, 8);
  }
  if (out.length < wanted) throw new Malformed('png/pixels', `pixels inflate to ${out.length} bytes, ${wanted} are wanted`, 8);
  return out;
}

function raster(header: Header, data: Uint8Array, palette: Uint8Array | undefined): Raster {
  const { width, height, depth, colour } = header;
  const samples = samplesOf[colour]!;
  const channels = colour === 2 || colour === 6 || (colour === 3 && !isGrey(palette)) ? 3 : 1;
  const pixels = new Uint8Array(width * height * channels);
  const reach = Math.max(1, (samples * depth) >> 3);
  const top = 2 ** Math.min(depth, 8) - 1;
  let at = 0;
  for (const part of parts(header)) {
    const length = rowBytes(header, part.width);
    let above: Uint8Array = new Uint8Array(length);
    for (let row = 0; row < part.height; row += 1) {
      const line = data.subarray(at + 1, at + 1 + length);
      unfilter(data[at]!, line, above, reach);
      above = line;
      at += 1 + length;
      for (let column = 0; column < part.width; column += 1) {
        const to = ((part.y + row * part.dy) * width + part.x + column * part.dx) * channels;
        for (let c = 0; c < channels; c += 1) {
          const value = sampleAt(line, column * samples + (colour === 3 ? 0 : c), depth);
          pixels[to + c] = colour === 3 ? (palette?.[3 * value + c] ?? 0) : Math.round((value * 255) / top);
        }
      }
    }
  }
  return { width, height, channels, pixels };
}

function isGrey(palette: Uint8Array | undefined): boolean {
  if (palette === undefined) return true;
  for (let i = 0; i + 2 < palette.length; i += 3) if (palette[i] !== palette[i + 1] || palette[i] !== palette[i + 2]) return false;
  return true;
}

/** The `n`th sample of a row; of 16 bits only the high byte. */
function sampleAt(line: Uint8Array, n: number, depth: number): number {
  if (depth === 8) return line[n]!;
  if (depth === 16) return line[2 * n]!;
  const bit = n * depth;
  return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

/** PNG specification, 9.2: adds back what was predicted from the left, above, their mean, or Paeth's choice. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, reach: number): void {
  if (filter === 0) return;
  if (filter > 4) throw new Malformed('png/filter', `filter ${filter} is none of 0 to 4`, 8);
  for (let i = 0; i < line.length; i += 1) {
    const left = i >= reach ? line[i - reach]! : 0;
    const up = above[i]!;
    if (filter === 1) line[i]! += left;
    else if (filter === 2) line[i]! += up;
    else if (filter === 3) line[i]! += (left + up) >> 1;
    else line[i]! += paeth(left, up, i >= reach ? above[i - reach]! : 0);
  }
}

function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
