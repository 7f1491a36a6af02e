// SPDX-License-Identifier: Apache-2.0
// Pictures for people: SVG of at most 32 KiB, written here; the only text of the artefact in them is escaped.
import { crc32, deflateSync } from 'node:zlib';
import { clip } from '../../bytes/clip.ts';
import type { Plane } from './pictures.ts';

const most = 32 * 1024;
const text = 'font-family="sans-serif" font-size="11" fill="#333"';

/** A PNG of 8-bit grey or RGB pixels. */
export function encodePng(width: number, height: number, channels: 1 | 3, pixels: Uint8Array): Buffer {
  const rows = Buffer.alloc(height * (1 + width * channels));
  for (let y = 0; y < height; y += 1) rows.set(pixels.subarray(y * width * channels, (y + 1) * width * channels), y * (1 + width * channels) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 1 ? 0 : 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, content: Buffer): Buffer {
  const out = Buffer.alloc(12 + content.length);
  out.writeUInt32BE(content.length, 0);
  out.write(type, 4, 'latin1');
  out.set(content, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + content.length)), 8 + content.length);
  return out;
}

export function escaped(words: string): string {
  return clip(words, 80).replaceAll(/\p{Cc}/gu, ' ').replaceAll(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}

/** The mean of some pictures of a plane. */
export function meanPicture({ width, height, channels, pixels }: Plane, rows: readonly number[]): Uint8Array {
  const each = width * height * channels;
  const sum = new Float64Array(each);
  for (const row of rows) for (let p = 0; p < each; p += 1) sum[p]! += pixels[row * each + p]!;
  return Uint8Array.from(sum, (value) => Math.round(value / Math.max(1, rows.length)));
}

interface Panel {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
  readonly box?: { readonly x: number; readonly y: number; readonly size: number };
}

/** Pictures side by side, each with a title and perhaps a frame around a place in it; undefined where that takes too much room. */
export function panels(list: readonly Panel[], caption: string): string | undefined {
  const across = 200;
  const parts = list.map(({ title, width, height, channels, pixels, box }, n) => {
    const scale = Math.min(across / width, across / height);
    const left = 10 + n * (across + 10);
    const image = `<image x="${left}" y="24" width="${round(width * scale)}" height="${round(height * scale)}" style="image-rendering:pixelated" href="data:image/png;base64,${encodePng(width, height, channels, pixels).toString('base64')}"/>`;
    const frame = box === undefined ? '' : `<rect x="${round(left + (box.x - 0.5) * scale)}" y="${round(24 + (box.y - 0.5) * scale)}" width="${round((box.size + 1) * scale)}" height="${round((box.size + 1) * scale)}" fill="none" stroke="#d40000" stroke-width="2"/>`;
    return `<text x="${left}" y="16" ${text}>${escaped(title)}</text>${image}${frame}`;
  });
  return within(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${10 + list.length * (across + 10)} ${across + 50}"><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}<text x="10" y="${across + 42}" ${text}>${escaped(caption)}</text></svg>`);
}

/** A matrix of counts, darker where more; what is shown runs down, labels across. Only the first 16 classes. */
export function matrixPicture(matrix: readonly (readonly number[])[], classes: readonly string[], marked?: readonly [row: number, column: number]): string | undefined {
  const n = Math.min(16, classes.length);
  const cell = 26;
  const [left, top] = [110, 70];
  let largest = 1;
  for (let r = 0; r < n; r += 1) for (let c = 0; c < n; c += 1) if (r !== c) largest = Math.max(largest, matrix[r]![c]!);
  const parts: string[] = [];
  for (let r = 0; r < n; r += 1) {
    parts.push(`<text x="${left - 6}" y="${top + r * cell + 17}" text-anchor="end" ${text}>${escaped(clip(classes[r]!, 16))}</text>`);
    parts.push(`<text transform="translate(${left + r * cell + 16},${top - 6}) rotate(-50)" ${text}>${escaped(clip(classes[r]!, 12))}</text>`);
    for (let c = 0; c < n; c += 1) {
      const value = r === c ? 0 : matrix[r]![c]!;
      const edge = marked?.[0] === r && marked[1] === c ? ' stroke="#d40000" stroke-width="2"' : '';
      parts.push(`<rect x="${left + c * cell}" y="${top + r * cell}" width="24" height="24" fill="${r === c ? '#eee' : shade(value / largest)}"${edge}/>`);
      if (value > 0) parts.push(`<text x="${left + c * cell + 12}" y="${top + r * cell + 16}" text-anchor="middle" font-family="sans-serif" font-size="10">${value}</text>`);
    }
  }
  const [width, height] = [left + n * cell + 60, top + n * cell + 30];
  return within(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}"><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}<text x="10" y="${height - 8}" ${text}>down: what the neighbours show; across: the label given</text></svg>`);
}

function shade(share: number): string {
  const light = Math.round(255 - 150 * Math.min(1, share));
  return `rgb(255,${light},${light})`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function within(svg: string): string | undefined {
  return Buffer.byteLength(svg) <= most ? svg : undefined;
}
