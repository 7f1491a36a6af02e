// SPDX-License-Identifier: Apache-2.0
import { scaled, type Pictures } from './pictures.ts';

/** Pictures that look the same: found by their perceptual hash, verified by their pixels. */
export interface Cluster {
  /** Indices into the set, ascending. */
  readonly rows: readonly number[];
  /** Of these, how many are equal to another one byte for byte. */
  readonly exact: number;
  /** Labels and how many rows have each, most first. */
  readonly labels: readonly (readonly [label: number, count: number])[];
}

export interface Duplicates {
  /** Clusters of at least two, largest first. */
  readonly clusters: readonly Cluster[];
  /** Pictures without enough detail to be told apart (one colour, say): left out. */
  readonly plain: number;
}

const thumb = 16;
const bands = 8;
/** Mean differences of 16 × 16 grey levels in units of their contrast, brightness taken out: steps from nearly equal to alike. */
export const ladder = [0.02, 0.035, 0.05, 0.08, 0.12] as const;
/** Up to here two pictures are taken for the same one, saved or scaled again. */
export const same = 0.035;
/** Standard deviation of grey levels under which a picture has nothing to tell it by. */
const detailLeast = 8;
/** Pictures in one bucket that are compared with each other; in a larger one each is compared with its latest neighbours only. */
const comparedMost = 64;

/** Standardised small grey versions, and a 128-bit hash of each: signs of steps across and down (dHash). */
export function looks(pictures: Pictures): { readonly grey: Int8Array; readonly hashes: Uint32Array; readonly plain: Uint8Array } {
  const { whole, count } = pictures;
  const each = whole.width * whole.height * whole.channels;
  const grey = new Int8Array(count * thumb * thumb);
  const hashes = new Uint32Array(count * 4);
  const plain = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) {
    const pixels = scaled({ ...whole, pixels: whole.pixels.subarray(i * each, (i + 1) * each) }, thumb, thumb, 1);
    let [sum, squares] = [0, 0];
    for (const value of pixels) {
      sum += value;
      squares += value * value;
    }
    const mean = sum / pixels.length;
    const deviation = Math.sqrt(Math.max(0, squares / pixels.length - mean * mean));
    if (deviation < detailLeast) plain[i] = 1;
    for (let p = 0; p < pixels.length; p += 1) grey[i * 256 + p] = Math.max(-127, Math.min(127, Math.round(((pixels[p]! - mean) / Math.max(deviation, 1)) * 40)));
    hashInto(hashes, i, grey.subarray(i * 256, (i + 1) * 256));
  }
  return { grey, hashes, plain };
}

/** Means over 2 × 2 give 8 × 8 cells; 64 signs across and 64 down. */
function hashInto(hashes: Uint32Array, i: number, grey: Int8Array): void {
  const cell = (x: number, y: number): number => {
    const at = (y % 8) * 32 + (x % 8) * 2;
    return grey[at]! + grey[at + 1]! + grey[at + 16]! + grey[at + 17]!;
  };
  for (let bit = 0; bit < 64; bit += 1) {
    const [x, y] = [bit & 7, bit >> 3];
    // A step of hardly anything counts as none: else noise decides the bit of every flat part.
    if (cell(x, y) - cell(x + 1, y) > 12) hashes[i * 4 + (bit >> 5)]! |= 1 << (bit & 31);
    if (cell(x, y) - cell(x, y + 1) > 12) hashes[i * 4 + 2 + (bit >> 5)]! |= 1 << (bit & 31);
  }
}

/** Whether the mean difference of two standardised pictures is above a limit in units of their contrast. */
export function unlike(grey: Int8Array, a: number, b: number, limit: number): boolean {
  const most = limit * 256 * 40;
  let sum = 0;
  for (let row = 0; row < 256 && sum <= most; row += 32) {
    for (let p = row; p < row + 32; p += 1) sum += Math.abs(grey[a * 256 + p]! - grey[b * 256 + p]!);
  }
  return sum > most;
}

/** Groups pictures that look the same; `limit` as in `ladder`. */
export function duplicates(pictures: Pictures, seen: ReturnType<typeof looks>, tick: () => void, limit: number): Duplicates {
  const { count } = pictures;
  const parent = Int32Array.from({ length: count }, (_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (let band = 0; band < bands; band += 1) {
    tick();
    const buckets = new Map<number, number[]>();
    for (let i = 0; i < count; i += 1) {
      if (seen.plain[i] === 1) continue;
      const key = (seen.hashes[i * 4 + (band >> 1)]! >>> (16 * (band & 1))) & 0xffff;
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [i]);
      else bucket.push(i);
    }
    for (const bucket of buckets.values()) compare(bucket, seen, { root, parent }, limit);
  }
  const groups = new Map<number, number[]>();
  for (let i = 0; i < count; i += 1) {
    const at = root(i);
    if (at === i) continue;
    groups.set(at, [...(groups.get(at) ?? [at]), i]);
  }
  const clusters = [...groups.values()].map((rows) => clusterOf(rows.toSorted((a, b) => a - b), pictures));
  return { clusters: clusters.toSorted((a, b) => b.rows.length - a.rows.length || a.rows[0]! - b.rows[0]!), plain: seen.plain.reduce((sum, one) => sum + one, 0) };
}

/** In hash order neighbours are alike: a large bucket is searched along that order, so that it costs no square of its size. */
function compare(bucket: number[], { grey, hashes }: { grey: Int8Array; hashes: Uint32Array }, { root, parent }: { root: (i: number) => number; parent: Int32Array }, limit: number): void {
  if (bucket.length < 2) return;
  if (bucket.length > comparedMost) bucket.sort((a, b) => byHash(hashes, a, b));
  for (let n = 1; n < bucket.length; n += 1) {
    const one = bucket[n]!;
    for (let m = Math.max(0, n - comparedMost); m < n; m += 1) {
      const other = bucket[m]!;
      const [a, b] = [root(one), root(other)];
      // Against the group's first as well: chains of small steps must not join what is far apart.
      if (a === b || bits(hashes, one, other) > 24 || unlike(grey, one, other, limit) || unlike(grey, a, b, 1.5 * limit)) continue;
      parent[Math.max(a, b)] = Math.min(a, b);
    }
  }
}

function byHash(hashes: Uint32Array, a: number, b: number): number {
  for (let word = 0; word < 4; word += 1) {
    const difference = hashes[a * 4 + word]! - hashes[b * 4 + word]!;
    if (difference !== 0) return difference;
  }
  return a - b;
}

function bits(hashes: Uint32Array, a: number, b: number): number {
  let sum = 0;
  for (let word = 0; word < 4; word += 1) {
    let x = hashes[a * 4 + word]! ^ hashes[b * 4 + word]!;
    x -= (x >>> 1) & 0x55555555;
    x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
    sum += Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return sum;
}

function clusterOf(rows: readonly number[], { whole, labels }: Pictures): Cluster {
  const each = whole.width * whole.height * whole.channels;
  const picture = (row: number): Buffer => Buffer.from(whole.pixels.buffer, whole.pixels.byteOffset + row * each, each);
  const copies = new Map<string, number>();
  for (const row of rows) {
    const key = picture(row).toString('latin1');
    copies.set(key, (copies.get(key) ?? 0) + 1);
  }
  const exact = [...copies.values()].filter((n) => n > 1).reduce((sum, n) => sum + n, 0);
  const tally = new Map<number, number>();
  for (const row of rows) tally.set(labels[row]!, (tally.get(labels[row]!) ?? 0) + 1);
  return { rows, exact, labels: [...tally].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]) };
}

export interface Flood {
  readonly cluster: Cluster;
  readonly limit: number;
  /** Size of the next largest cluster of the set at the same limit. */
  readonly next: number;
}

const floodLeast = 20;
const floodRatio = 4;
const naturalMost = 10;

/**
 * A cluster of at least 20 that is 4 times the next one, at the first step where that is so: every set has its own density, and
 * beyond the step where its own pictures begin to run together nothing can be said.
 */
export function flood(pictures: Pictures, seen: ReturnType<typeof looks>, tick: () => void): { readonly flood?: Flood; readonly strictest: Duplicates; readonly largest: number } {
  let strictest: Duplicates | undefined;
  let largest = 0;
  for (const limit of ladder) {
    const found = duplicates(pictures, seen, tick, limit);
    if (limit === same) strictest = found;
    const [first, second] = found.clusters;
    const next = second?.rows.length ?? 1;
    if (next <= naturalMost) largest = Math.max(largest, first?.rows.length ?? 1);
    if (first !== undefined && first.rows.length >= floodLeast && first.rows.length >= floodRatio * next && next <= naturalMost) {
      return { flood: { cluster: first, limit, next }, strictest: strictest ?? duplicates(pictures, seen, tick, same), largest };
    }
    if (next > naturalMost) break;
  }
  return { strictest: strictest ?? duplicates(pictures, seen, tick, same), largest };
}

/** For each picture the first one of its group of copies; itself where it has none. */
export function firstOf(count: number, groups: readonly Cluster[]): Int32Array<ArrayBuffer> {
  const first = Int32Array.from({ length: count }, (_, i) => i);
  for (const { rows } of groups) for (const row of rows) first[row] = Math.min(first[row]!, rows[0]!);
  return first;
}
