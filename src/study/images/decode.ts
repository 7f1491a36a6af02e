// SPDX-License-Identifier: Apache-2.0
import { Malformed, Unsupported } from '../../bytes/errors.ts';
import { decodeBmp } from './bmp.ts';
import type { Raster } from './pictures.ts';
import { decodePng, pixelsMost } from './png.ts';
import { decodePnm } from './pnm.ts';

export type Picture = 'png' | 'bmp' | 'pnm' | 'jpeg' | 'gif' | 'webp' | 'tiff';

const beginnings: readonly (readonly [Picture, string])[] = [
  ['png', '\x89PNG\r\n\x1a\n'], ['jpeg', '\xff\xd8\xff'], ['gif', 'GIF87a'], ['gif', 'GIF89a'], ['bmp', 'BM'],
  ['pnm', 'P5'], ['pnm', 'P6'], ['tiff', 'II*\0'], ['tiff', 'MM\0*'],
];

/** The kind of picture that bytes begin like; undefined when it is none that is decoded. */
export function pictureKind(bytes: Uint8Array): Picture | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString('latin1');
  if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) return 'webp';
  return beginnings.find(([, beginning]) => start.startsWith(beginning))?.[0];
}

type Sharp = typeof import('sharp').default;
let library: Promise<Sharp | undefined> | undefined;

/** libvips by way of sharp, where it is installed; only for the kinds it is given here, never SVG, PDF or HEIF. */
export function sharpLibrary(): Promise<Sharp | undefined> {
  library ??= import('sharp').then(({ default: sharp }) => {
    // The kinds are told by content before libvips sees a byte; this is the second lock.
    sharp.block({ operation: ['VipsForeignLoadSvg', 'VipsForeignLoadPdf', 'VipsForeignLoadHeif', 'VipsForeignLoadMagick', 'VipsForeignLoadOpenslide', 'VipsForeignLoadJxl', 'VipsForeignLoadFits', 'VipsForeignLoadMat', 'VipsForeignLoadNifti', 'VipsForeignLoadDcRaw'] });
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  }, () => undefined);
  return library;
}

/** Decodes one picture. Throws `Malformed` for damaged ones, `Unsupported` for those no decoder here takes. */
export async function decode(bytes: Uint8Array): Promise<Raster> {
  const kind = pictureKind(bytes);
  if (kind === 'png') return decodePng(bytes);
  if (kind === 'bmp') return decodeBmp(bytes);
  if (kind === 'pnm') return decodePnm(bytes);
  if (kind === undefined) throw new Unsupported('bytes that begin like no picture that is decoded');
  const sharp = await sharpLibrary();
  if (sharp === undefined) throw new Unsupported(`${kind} needs the optional package sharp, which is not installed`);
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: pixelsMost, failOn: 'error', pages: 1, sequentialRead: true })
      .removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    if (info.channels !== 1 && info.channels !== 3) throw new Unsupported(`${kind} of ${info.channels} channels`);
    return { width: info.width, height: info.height, channels: info.channels, pixels: data };
  } catch (error) {
    if (error instanceof Unsupported) throw error;
    throw new Malformed(`${kind}/pixels`, `${kind} does not decode: ${(error as Error).message.slice(0, 160)}`);
  }
}
