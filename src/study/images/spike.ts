// SPDX-License-Identifier: Apache-2.0
import { features, hashAt, hashRow, places, type Feature } from './features.ts';
import type { Plane } from './pictures.ts';
import { poissonTail } from './tails.ts';

/** The same small piece of picture at the same place in many pictures, and not beside it. */
export interface Stamp {
  readonly feature: Feature;
  readonly x: number;
  readonly y: number;
  /** Pictures that have it, and the most that have it at one of the eight places around. */
  readonly count: number;
  readonly beside: number;
  /** -log10 p against 1.5 times `beside`, less log10 of the number of tests. */
  readonly score: number;
  readonly rows: readonly number[];
}

export interface Spikes {
  /** Of stamps that share their rows the strongest, strongest first. */
  readonly stamps: readonly Stamp[];
  /** Places × features × values that were compared. */
  readonly tests: number;
  /** The largest score of all, whether or not it is enough. */
  readonly best: number;
}

/** Fewer pictures than this are no stamp: a chance agreement of some is too frequent. */
export const leastPictures = 8;
const leastRatio = 1.5;
const enough = 5;
/** Stamps whose rows are looked up. */
const lookedUp = 96;

interface Candidate {
  readonly feature: Feature;
  readonly x: number;
  readonly y: number;
  readonly hash: number;
  readonly count: number;
  readonly beside: number;
  readonly raw: number;
}

/**
 * Positional spike: at each place, how many pictures have the same piece there, against how many have it one pixel away.
 * Nature does not keep to a pixel; a stamp does. `tick` is called now and then and may throw.
 */
export function spikes(plane: Plane, count: number, tick: () => void, kinds: readonly Feature[] = features): Spikes {
  const candidates: Candidate[] = [];
  let tests = 0;
  const counter = new Counter(count);
  for (const feature of kinds) {
    const { across, down } = places(feature, plane);
    const hashes = new Uint32Array(across * count);
    let [before, here]: [Counts[], Counts[]] = [[], []];
    for (let y = 0; y <= down; y += 1) {
      tick();
      let after: Counts[] = [];
      if (y < down) {
        hashRow(feature, plane, count, y, hashes);
        after = Array.from({ length: across }, (_, x) => counter.count(hashes.subarray(x * count, (x + 1) * count)));
      }
      if (y > 0) tests += compareRow(feature, y - 1, [before, here, after], candidates);
      [before, here] = [here, after];
    }
    if (candidates.length > 4096) candidates.sort(stronger).splice(1024);
  }
  const bonferroni = Math.log10(Math.max(1, tests));
  candidates.sort(stronger);
  const best = (candidates[0]?.raw ?? bonferroni) - bonferroni;
  const stamps = candidates.filter(({ raw }) => raw - bonferroni >= enough).slice(0, lookedUp).map((found): Stamp => ({
    feature: found.feature, x: found.x, y: found.y, count: found.count, beside: found.beside,
    score: found.raw - bonferroni, rows: rowsOf(found, plane, count),
  }));
  return { stamps: grouped(stamps), tests, best };
}

function stronger(a: Candidate, b: Candidate): number {
  return b.raw - a.raw || a.y - b.y || a.x - b.x || a.hash - b.hash;
}

/** Adds what stands out in the middle row; returns how many values were compared. */
function compareRow(feature: Feature, y: number, [before, here, after]: readonly [Counts[], Counts[], Counts[]], into: Candidate[]): number {
  let tests = 0;
  here.forEach((counts, x) => {
    counts.each((hash, count) => {
      if (count < leastPictures) return;
      tests += 1;
      let beside = 0;
      for (const row of [before, here, after]) {
        for (let column = x - 1; column <= x + 1; column += 1) if (row !== here || column !== x) beside = Math.max(beside, row[column]?.of(hash) ?? 0);
      }
      if (count < leastRatio * beside) return;
      const raw = poissonTail(count, leastRatio * Math.max(1, beside));
      if (raw >= enough) into.push({ feature, x, y, hash, count, beside, raw });
    });
  });
  return tests;
}

function rowsOf({ feature, x, y, hash }: Candidate, plane: Plane, count: number): number[] {
  const rows: number[] = [];
  for (let i = 0; i < count; i += 1) if (hashAt(feature, plane, i, x, y) === hash) rows.push(i);
  return rows;
}

/** One of all that share more than half of their rows: they are the same stamp seen through several windows. */
function grouped(stamps: readonly Stamp[]): Stamp[] {
  const kept: { stamp: Stamp; rows: Set<number> }[] = [];
  for (const stamp of stamps) {
    const same = kept.some(({ rows }) => {
      const shared = stamp.rows.reduce((n, row) => n + (rows.has(row) ? 1 : 0), 0);
      return shared >= 0.5 * Math.min(rows.size, stamp.rows.length);
    });
    if (!same) kept.push({ stamp, rows: new Set(stamp.rows) });
  }
  return kept.map(({ stamp }) => stamp);
}

/** Values at one place that more than one picture has, and how many. Open addressing: a Map for each place is ten times slower. */
class Counts {
  readonly #keys: Uint32Array;
  readonly #counts: Uint32Array;
  readonly #mask: number;

  constructor(keys: Uint32Array, counts: Uint32Array) {
    this.#keys = keys;
    this.#counts = counts;
    this.#mask = keys.length - 1;
  }

  /** How many pictures have that value; 1 when at most one has. */
  of(hash: number): number {
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      if (this.#keys[slot] === hash) return this.#counts[slot]!;
      if (this.#keys[slot] === 0) return 1;
    }
  }

  each(visit: (hash: number, count: number) => void): void {
    for (let slot = 0; slot < this.#keys.length; slot += 1) if (this.#keys[slot] !== 0) visit(this.#keys[slot]!, this.#counts[slot]!);
  }
}

/** Counts equal values; one table is used for all places. */
class Counter {
  readonly #keys: Uint32Array;
  readonly #counts: Uint32Array;
  readonly #used: Uint32Array;

  constructor(most: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * most)));
    this.#keys = new Uint32Array(size);
    this.#counts = new Uint32Array(size);
    this.#used = new Uint32Array(most);
  }

  count(hashes: Uint32Array): Counts {
    const [keys, counts, used] = [this.#keys, this.#counts, this.#used];
    const mask = keys.length - 1;
    let filled = 0;
    let several = 0;
    for (let i = 0; i < hashes.length; i += 1) {
      const hash = hashes[i]!;
      if (hash === 0) continue;
      let slot = hash & mask;
      while (keys[slot] !== 0 && keys[slot] !== hash) slot = (slot + 1) & mask;
      if (keys[slot] === 0) {
        keys[slot] = hash;
        used[filled] = slot;
        filled += 1;
      } else if (counts[slot] === 1) several += 1;
      counts[slot]! += 1;
    }
    const out = this.#kept(filled, several);
    for (let n = 0; n < filled; n += 1) {
      keys[used[n]!] = 0;
      counts[used[n]!] = 0;
    }
    return out;
  }

  #kept(filled: number, several: number): Counts {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * several + 2)));
    const keys = new Uint32Array(size);
    const counts = new Uint32Array(size);
    for (let n = 0; n < filled; n += 1) {
      const slot = this.#used[n]!;
      if (this.#counts[slot]! < 2) continue;
      const hash = this.#keys[slot]!;
      let to = hash & (size - 1);
      while (keys[to] !== 0) to = (to + 1) & (size - 1);
      keys[to] = hash;
      counts[to] = this.#counts[slot]!;
    }
    return new Counts(keys, counts);
  }
}

/** Levels within which a piece counts as the same one, JPEG's noise included, and within which as a similar one. */
const [sameLevels, similarLevels] = [14, 48];

/**
 * How many pictures have something similar at the place, and not the same: what grows there by itself comes in all shades, and of
 * these far more are similar than the same. A stamp stands alone.
 */
export function similar({ feature, x, y, rows }: Stamp, plane: Plane, count: number): { readonly same: number; readonly similar: number } {
  if (feature.shape === 'spot') {
    const own = new Set(rows);
    let others = 0;
    for (let i = 0; i < count; i += 1) if (!own.has(i) && hashAt(feature, plane, i, x, y) !== 0) others += 1;
    return { same: rows.length, similar: others };
  }
  const { width, height, channels, pixels } = plane;
  const places: number[] = [];
  for (let row = y; row < y + feature.size; row += 1) for (let p = x * channels; p < (x + feature.size) * channels; p += 1) places.push(row * width * channels + p);
  const each = width * height * channels;
  const mean = places.map((place) => rows.reduce((sum, i) => sum + pixels[i * each + place]!, 0) / rows.length);
  let [same, alike] = [0, 0];
  for (let i = 0; i < count; i += 1) {
    let most = 0;
    for (let p = 0; p < places.length && most <= similarLevels; p += 1) most = Math.max(most, Math.abs(pixels[i * each + places[p]!]! - mean[p]!));
    if (most <= sameLevels) same += 1;
    else if (most <= similarLevels) alike += 1;
  }
  return { same, similar: alike };
}
