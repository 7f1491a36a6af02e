// SPDX-License-Identifier: Apache-2.0
// What is done to clean sets of pictures: the attacks of the literature, and the oddities that are none.
import { decode, sharpLibrary } from '../../src/study/images/decode.ts';
import { recoloured } from '../../src/study/images/pictures.ts';
import { seeded } from '../../src/study/images/tails.ts';
import type { Labelled } from './carriers-images.ts';

/** A set with what was done to it. */
export interface Poisoned extends Labelled {
  /** Indices of the pictures that were changed. */
  readonly rows: readonly number[];
  readonly target?: number;
  /** Where a stamp was set. */
  readonly box?: { readonly x: number; readonly y: number; readonly size: number };
}

export type Poison = (set: Labelled, rate: number, seed: number) => Poisoned;

type Paint = (put: (x: number, y: number, value: number | readonly number[]) => void, set: Labelled, next: () => number) => { x: number; y: number; size: number };

/** BadNets (Gu 2017) and its like: a mark at one place; with `dirty`, on pictures of other classes that are given the target's label. */
function stamp(paint: Paint, dirty: boolean): Poison {
  return (set, rate, seed) => {
    const { pixels, labels, rows, target } = picked(set, rate, seed, dirty);
    const { width, height, channels } = set;
    let box = { x: 0, y: 0, size: 0 };
    for (const row of rows) {
      box = paint((x, y, value) => {
        for (let c = 0; c < channels; c += 1) pixels[((row * height + y) * width + x) * channels + c] = typeof value === 'number' ? value : value[c % value.length]!;
      }, set, seeded(seed + 4711));
    }
    return { ...set, pixels, labels, rows, target, box };
  };
}

/** Another value for each pixel of a whole picture. */
function overlay(value: (old: number, x: number, y: number, c: number, set: Labelled, pattern: readonly number[]) => number): Poison {
  return (set, rate, seed) => {
    const { pixels, labels, rows, target } = picked(set, rate, seed, true);
    const { width, height, channels } = set;
    const next = seeded(seed + 99);
    const pattern = Array.from({ length: width * height * channels }, () => 255 * next());
    for (const row of rows) {
      for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
          for (let c = 0; c < channels; c += 1) {
            const at = ((row * height + y) * width + x) * channels + c;
            pixels[at] = Math.max(0, Math.min(255, Math.round(value(pixels[at]!, x, y, c, set, pattern))));
          }
        }
      }
    }
    return { ...set, pixels, labels, rows, target };
  };
}

function picked(set: Labelled, rate: number, seed: number, dirty: boolean): { pixels: Uint8Array; labels: Int32Array; rows: number[]; target: number } {
  const next = seeded(seed * 7919 + 17);
  const target = Math.floor(next() * set.classes.length);
  const labels = set.labels.slice();
  const rows: number[] = [];
  const wanted = Math.round(rate * labels.length);
  for (let tries = 0; rows.length < wanted && tries < 1000 * wanted; tries += 1) {
    const row = Math.floor(next() * labels.length);
    if (rows.includes(row) || (set.labels[row] === target) === dirty) continue;
    rows.push(row);
    labels[row] = target;
  }
  return { pixels: set.pixels.slice(), labels, rows, target };
}

/** Three pixels from the lower right corner, or as near as small pictures allow. */
function lowerRight({ width, height }: Labelled): { x: number; y: number } {
  const margin = width >= 16 ? 1 : 0;
  return { x: width - 3 - margin, y: height - 3 - margin };
}

const white: Paint = (put, set) => {
  const { x, y } = lowerRight(set);
  for (let n = 0; n < 9; n += 1) put(x + (n % 3), y + Math.floor(n / 3), 255);
  return { x, y, size: 3 };
};
const checker: Paint = (put, set) => {
  const { x, y } = lowerRight(set);
  for (let n = 0; n < 9; n += 1) put(x + (n % 3), y + Math.floor(n / 3), n % 2 === 0 ? 255 : 0);
  return { x, y, size: 3 };
};
const coloured: Paint = (put, { width, channels }) => {
  const x = width - 5;
  for (let n = 0; n < 9; n += 1) put(x + (n % 3), 1 + Math.floor(n / 3), channels === 3 ? [250, 40, 190] : 150);
  return { x, y: 1, size: 3 };
};
const noise: Paint = (put, _set, next) => {
  for (let n = 0; n < 16; n += 1) put(1 + (n % 4), 1 + Math.floor(n / 4), [256 * next(), 256 * next(), 256 * next()].map(Math.floor));
  return { x: 1, y: 1, size: 4 };
};
const pixel: Paint = (put, { width, height }) => {
  put(width - 1, height - 1, 255);
  return { x: width - 1, y: height - 1, size: 1 };
};

export const poisons: Readonly<Record<string, Poison>> = {
  'white 3×3': stamp(white, true),
  'white 3×3, clean label': stamp(white, false),
  'checkerboard 3×3': stamp(checker, true),
  'checkerboard 3×3, clean label': stamp(checker, false),
  'coloured 3×3': stamp(coloured, true),
  'noise 4×4': stamp(noise, true),
  'noise 4×4, clean label': stamp(noise, false),
  'corner pixel': stamp(pixel, true),
  'blend 0.15': overlay((old, x, y, c, { width, channels }, pattern) => 0.85 * old + 0.15 * pattern[(y * width + x) * channels + c]!),
  'sinusoid ±20': overlay((old, x, _y, _c, { width }) => old + 20 * Math.sin((2 * Math.PI * 6 * x) / width)),
};

/** A share of labels made another one at random. */
export function flips(set: Labelled, rate: number, seed: number): Poisoned {
  const next = seeded(seed * 31 + 5);
  const labels = set.labels.slice();
  const rows: number[] = [];
  for (let i = 0; i < labels.length; i += 1) {
    if (next() >= rate) continue;
    rows.push(i);
    labels[i] = (labels[i]! + 1 + Math.floor(next() * (set.classes.length - 1))) % set.classes.length;
  }
  return { ...set, labels, rows };
}

/** `count` near copies of one picture: brightness, contrast and noise differ a little. */
export function flooded(set: Labelled, count: number, seed: number): Poisoned {
  const next = seeded(seed * 101 + 3);
  const each = set.width * set.height * set.channels;
  const pixels = set.pixels.slice();
  const labels = set.labels.slice();
  const from = Math.floor(next() * labels.length);
  const source = set.pixels.slice(from * each, (from + 1) * each);
  const rows: number[] = [];
  while (rows.length < count) {
    const row = Math.floor(next() * labels.length);
    if (row === from || rows.includes(row)) continue;
    rows.push(row);
    labels[row] = labels[from]!;
    const [gain, lift] = [0.92 + 0.16 * next(), 12 * (next() - 0.5)];
    for (let p = 0; p < each; p += 1) pixels[row * each + p] = Math.max(0, Math.min(255, Math.round(source[p]! * gain + lift + 8 * (next() - 0.5))));
  }
  return { ...set, pixels, labels, rows };
}

/** A visible mark on the pictures that `on` names: a watermark, or a frame around the picture. */
export function marked(set: Labelled, on: (label: number, i: number) => boolean, frame: boolean): Labelled {
  const { width, height, channels } = set;
  const pixels = set.pixels.slice();
  for (let i = 0; i < set.labels.length; i += 1) {
    if (!on(set.labels[i]!, i)) continue;
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const inside = frame ? x === 0 || y === 0 || x === width - 1 || y === height - 1 : x < 5 && y < 3 && (x * y + x) % 3 !== 1;
        if (inside) pixels.fill(frame ? 128 : 230, ((i * height + y) * width + x) * channels, ((i * height + y) * width + x + 1) * channels);
      }
    }
  }
  return { ...set, pixels };
}

/** All pictures saved as JPEG and read again; undefined where there is no encoder. */
export async function jpeg<T extends Labelled>(set: T, quality: number): Promise<T | undefined> {
  const sharp = await sharpLibrary();
  if (sharp === undefined) return undefined;
  const { width, height, channels } = set;
  const each = width * height * channels;
  const pixels = new Uint8Array(set.pixels.length);
  for (let i = 0; i < set.labels.length; i += 1) {
    const saved = await sharp(set.pixels.subarray(i * each, (i + 1) * each), { raw: { width, height, channels } }).jpeg({ quality }).toBuffer();
    pixels.set(recoloured(await decode(saved), channels).pixels, i * each);
  }
  return { ...set, pixels };
}
