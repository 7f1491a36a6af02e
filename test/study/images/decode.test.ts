import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { pngChunk, pngHeader, pngMagic } from '../../../fixtures/support/pictures.ts';
import { decode, sharpLibrary } from '../../../src/study/images/decode.ts';
import { recoloured } from '../../../src/study/images/pictures.ts';
import { encodePng } from '../../../src/study/images/svg.ts';

const pixels = Uint8Array.from({ length: 13 * 9 * 3 }, (_, i) => (i * 37 + (i >> 3)) % 256);

test('a PNG that we wrote decodes to its pixels', async () => {
  expect(await decode(encodePng(13, 9, 3, pixels))).toEqual({ width: 13, height: 9, channels: 3, pixels });
});

test('PNGs of libvips decode to the same pixels: filters, palette, interlace, 16 bits, alpha', async () => {
  const sharp = await sharpLibrary();
  if (sharp === undefined) return;
  const raw = { raw: { width: 13, height: 9, channels: 3 as const } };
  const variants = [
    sharp(pixels, raw).png({ adaptiveFiltering: true }), sharp(pixels, raw).png({ progressive: true }), sharp(pixels, raw).ensureAlpha(1).png(),
    sharp(pixels, raw).toColourspace('rgb16').png(), sharp(pixels, raw).greyscale().png(),
  ];
  for (const variant of variants) {
    const file = await variant.toBuffer();
    const theirs = await sharp(file).removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const ours = await decode(file);
    expect([ours.width, ours.height]).toEqual([13, 9]);
    const wanted = recoloured({ width: 13, height: 9, channels: theirs.info.channels as 1 | 3, pixels: theirs.data }, 3).pixels;
    expect(Math.max(...recoloured(ours, 3).pixels.map((value, i) => Math.abs(value - wanted[i]!)))).toBeLessThanOrEqual(1);
  }
  const palette = await sharp(pixels, raw).png({ palette: true, colours: 8, dither: 0 }).toBuffer();
  const theirs = await sharp(palette).removeAlpha().raw().toBuffer();
  expect(Buffer.from(recoloured(await decode(palette), 3).pixels).equals(theirs)).toBe(true);
});

test('JPEG, WebP, GIF and TIFF decode where sharp is there, and to the size they have', async () => {
  const sharp = await sharpLibrary();
  if (sharp === undefined) return;
  const source = sharp(pixels, { raw: { width: 13, height: 9, channels: 3 } });
  for (const file of [await source.clone().jpeg().toBuffer(), await source.clone().webp().toBuffer(), await source.clone().gif().toBuffer(), await source.clone().tiff().toBuffer()]) {
    const { width, height } = await decode(file);
    expect([width, height]).toEqual([13, 9]);
  }
});

test('greymaps and bitmaps decode', async () => {
  expect(await decode(Buffer.concat([Buffer.from('P5 # a note\n2 2\n255\n', 'latin1'), Uint8Array.of(1, 2, 3, 4)]))).toEqual({ width: 2, height: 2, channels: 1, pixels: Uint8Array.of(1, 2, 3, 4) });
  const bmp = Buffer.alloc(54 + 16);
  bmp.write('BM', 'latin1');
  bmp.writeUInt32LE(54, 10);
  bmp.writeUInt32LE(40, 14);
  bmp.writeInt32LE(2, 18);
  bmp.writeInt32LE(2, 22);
  bmp.writeUInt16LE(24, 28);
  bmp.set([3, 2, 1], 54); // blue, green, red of the lowest row
  expect((await decode(bmp)).pixels.subarray(6, 9)).toEqual(Uint8Array.of(1, 2, 3));
});

test('a picture that would need gigabytes is not decoded', async () => {
  const bomb = Buffer.concat([pngMagic, pngHeader(100_000, 100_000, 8, 0), pngChunk('IDAT', deflateSync(Buffer.alloc(10))), pngChunk('IEND', '')]);
  await expect(decode(bomb)).rejects.toThrow('decoded are 16777216 at most');
});

test('pixels that inflate to more or less than the header says are refused, not followed', async () => {
  const short = Buffer.concat([pngMagic, pngHeader(40, 40, 8, 0), pngChunk('IDAT', deflateSync(Buffer.alloc(10))), pngChunk('IEND', '')]);
  await expect(decode(short)).rejects.toThrow('inflate to 10 bytes, 1640 are wanted');
  const long = Buffer.concat([pngMagic, pngHeader(4, 4, 8, 0), pngChunk('IDAT', deflateSync(Buffer.alloc(10_000_000))), pngChunk('IEND', '')]);
  await expect(decode(long)).rejects.toThrow('do not inflate');
});

test('SVG and other kinds are not even tried', async () => {
  await expect(decode(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'))).rejects.toThrow('begin like no picture');
});
