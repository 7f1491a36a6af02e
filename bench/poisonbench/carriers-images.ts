// SPDX-License-Identifier: Apache-2.0
// Sets of pictures that packages bring, and one that is drawn: what the image part of the benchmark is measured on.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decode } from '../../src/study/images/decode.ts';
import { recoloured, scaled, type Raster } from '../../src/study/images/pictures.ts';
import { seeded } from '../../src/study/images/tails.ts';

/** Labelled pictures of one size, one byte for each channel of a pixel. */
export interface Labelled {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
  readonly classes: readonly string[];
}

/** Fetches a Debian package into the cache and unpacks it without installing; undefined when that cannot be done here. */
export function debian(name: string, cache: string): string | undefined {
  const root = join(cache, 'root');
  const mark = join(cache, 'debs');
  mkdirSync(mark, { recursive: true });
  mkdirSync(root, { recursive: true });
  const fetched = (): string | undefined => readdirSync(mark).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'));
  try {
    if (fetched() === undefined) execFileSync('apt-get', ['download', name], { cwd: mark, stdio: 'ignore' });
    const file = fetched();
    if (file === undefined) return undefined;
    const unpacked = join(mark, `${file}.unpacked`);
    if (!existsSync(unpacked)) {
      execFileSync('dpkg', ['-x', join(mark, file), root], { stdio: 'ignore' });
      writeFileSync(unpacked, '');
    }
    return root;
  } catch {
    return undefined; // no Debian, or no network: the carrier is left out, and the report says so
  }
}

/** Fashion-MNIST: 60,000 pictures of 28 × 28 in ten classes (MIT licence). */
export function fashion(cache: string): Labelled | undefined {
  const root = debian('dataset-fashion-mnist', cache);
  const folder = root === undefined ? '' : join(root, 'usr/share/datasets/fashion-mnist');
  if (!existsSync(join(folder, 'train-images-idx3-ubyte.gz'))) return undefined;
  const images = gunzipSync(readFileSync(join(folder, 'train-images-idx3-ubyte.gz')));
  const labels = gunzipSync(readFileSync(join(folder, 'train-labels-idx1-ubyte.gz')));
  const classes = ['T-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'boot'];
  return { width: 28, height: 28, channels: 1, pixels: images.subarray(16), labels: Int32Array.from(labels.subarray(8)), classes };
}

/** Handwritten digits of scikit-learn: 1,797 pictures of 8 × 8, 17 levels (BSD licence). */
export function digits(cache: string): Labelled | undefined {
  const root = debian('python3-sklearn', cache);
  const file = root === undefined ? '' : join(root, 'usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz');
  if (!existsSync(file)) return undefined;
  const rows = gunzipSync(readFileSync(file)).toString('latin1').trim().split('\n').map((line) => line.split(',').map(Number));
  const pixels = new Uint8Array(rows.length * 64);
  rows.forEach((row, i) => row.slice(0, 64).forEach((value, at) => (pixels[i * 64 + at] = Math.min(255, Math.round((value * 255) / 16)))));
  return { width: 8, height: 8, channels: 1, pixels, labels: Int32Array.from(rows, (row) => row[64]!), classes: Array.from({ length: 10 }, (_, digit) => String(digit)) };
}

/** `count` of the pictures, drawn without replacement: one clean resample. */
export function resample(set: Labelled, count: number, seed: number): Labelled {
  const next = seeded(seed);
  const order = Int32Array.from({ length: set.labels.length }, (_, i) => i);
  for (let i = 0; i < Math.min(count, order.length); i += 1) {
    const j = i + Math.floor(next() * (order.length - i));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const chosen = order.subarray(0, count);
  const each = set.width * set.height * set.channels;
  const pixels = new Uint8Array(chosen.length * each);
  chosen.forEach((from, to) => pixels.set(set.pixels.subarray(from * each, (from + 1) * each), to * each));
  return { ...set, pixels, labels: Int32Array.from(chosen, (from) => set.labels[from]!) };
}

/** Photographs of scikit-image; each is a class, and its pictures are pieces of it. */
const photographs = ['astronaut.png', 'coffee.png', 'chelsea.png', 'motorcycle_left.png', 'ihc.png', 'brick.png', 'grass.png', 'gravel.png', 'rocket.jpg', 'retina.jpg'];

/** Pieces of photographs, 32 × 32 in colour: which photograph is the class. Drawn anew for each seed, since there are many places to cut. */
export async function photos(cache: string, count: number, seed: number): Promise<Labelled | undefined> {
  const root = debian('python3-skimage', cache);
  if (root === undefined) return undefined;
  const sources: Raster[] = [];
  const classes: string[] = [];
  for (const name of photographs) {
    const file = join(root, 'usr/lib/python3/dist-packages/skimage/data', name);
    if (!existsSync(file)) continue;
    sources.push(recoloured(await cached(file), 3));
    classes.push(name.replace(/\..*$/, ''));
  }
  if (sources.length < 4) return undefined;
  const next = seeded(seed);
  const pixels = new Uint8Array(count * 32 * 32 * 3);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i += 1) {
    const label = Math.floor(next() * sources.length);
    const { width, height, pixels: all } = sources[label]!;
    const wide = Math.floor(64 + next() * Math.max(0, Math.min(width, height, 192) - 64));
    const [left, top] = [Math.floor(next() * (width - wide)), Math.floor(next() * (height - wide))];
    const cut = new Uint8Array(wide * wide * 3);
    for (let y = 0; y < wide; y += 1) cut.set(all.subarray(((top + y) * width + left) * 3, ((top + y) * width + left + wide) * 3), y * wide * 3);
    pixels.set(scaled({ width: wide, height: wide, channels: 3, pixels: cut }, 32, 32, 3), i * 32 * 32 * 3);
    labels[i] = label;
  }
  return { width: 32, height: 32, channels: 3, pixels, labels, classes };
}

const decoded = new Map<string, Raster>();
async function cached(file: string): Promise<Raster> {
  const known = decoded.get(file) ?? (await decode(readFileSync(file)));
  decoded.set(file, known);
  return known;
}
