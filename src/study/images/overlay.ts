// SPDX-License-Identifier: Apache-2.0
import { small, type Content } from './content.ts';
import { conflicted } from './conflict.ts';
import type { Vote } from './content.ts';
import type { Pictures } from './pictures.ts';
import { binomialTail, seeded } from './tails.ts';

/** A faint pattern over the whole picture that pictures have whose content disagrees with their label. */
export interface Overlay {
  readonly label: number;
  /** Conflicted pictures of that label, and those of them on which a pattern learnt from the others is found. */
  readonly odd: number;
  readonly count: number;
  /** -log10 p less log10 of the number of classes. */
  readonly score: number;
  /** Share of all pictures with the pattern that have the label. */
  readonly purity: number;
  readonly rows: readonly number[];
  /** The mean difference that the pattern makes, as grey levels around 128, `side` × `side`. */
  readonly pattern: Uint8Array;
  readonly side: readonly [width: number, height: number];
}

export interface Overlays {
  readonly found: readonly Overlay[];
  readonly best: number;
  /** The largest score among groups of consistent rows drawn at random. */
  readonly null: { readonly max: number; readonly trials: number };
}

const reach = 28;
const fitted = 1200;
const leastOdd = 10;
const trials = 20;

/**
 * A matched filter, learnt on one half of the conflicted rows of a label and tried on the other: w = Σ⁻¹(mean of the half −
 * mean of consistent rows that look the same). Natural doubt lies between two classes, so neither half passes beyond both;
 * an added pattern does.
 */
export function overlays(pictures: Pictures, content: Content, vote: Vote, tick: () => void): Overlays {
  const { labels, classes } = pictures;
  const { values, width } = small(pictures.whole, content.rows, reach, true);
  const count = content.rows.length;
  const odd = conflicted(content, vote, labels);
  const byClass = classes.map(() => ({ odd: [] as number[], steady: [] as number[] }));
  content.rows.forEach((row, i) => {
    if (odd[i]!) byClass[labels[row]!]!.odd.push(i);
    else if (vote.says[i] === labels[row]) byClass[labels[row]!]!.steady.push(i);
  });
  const steady = byClass.flatMap((group) => group.steady);
  if (steady.length < 4 * leastOdd) return { found: [], best: 0, null: { max: 0, trials: 0 } };
  const filter = new Filter(values, width, byClass.map((group) => group.steady), tick);
  const found: Overlay[] = [];
  let best = 0;
  const next = seeded(99);
  let nullMax = 0;
  const bonferroni = Math.log10(Math.max(1, classes.length));
  byClass.forEach((group, label) => {
    if (group.odd.length < leastOdd) return;
    tick();
    const apparent = group.odd.map((i) => vote.says[i]!);
    const { hits, tested, usual } = crossed(filter, group.odd, apparent, label);
    const score = binomialTail(hits, tested, usual) - bonferroni;
    best = Math.max(best, score);
    if (score < 3) return;
    const whole = filter.learn(group.odd, apparent);
    const threshold = filter.threshold(whole, new Set(apparent), label);
    const rows: number[] = [];
    let same = 0;
    for (let i = 0; i < count; i += 1) {
      if (filter.along(whole, i) < threshold) continue;
      rows.push(content.rows[i]!);
      if (labels[content.rows[i]!] === label) same += 1;
    }
    rows.sort((a, b) => Number(labels[b] === label) - Number(labels[a] === label) || a - b);
    const [w, h] = [Math.min(reach, pictures.whole.width), Math.min(reach, pictures.whole.height)];
    found.push({ label, odd: group.odd.length, count: hits, score, purity: same / Math.max(1, rows.length), rows, pattern: filter.picture(group.odd, apparent), side: [w, h] });
  });
  const sizes = byClass.map((group) => group.odd.length).filter((n) => n >= leastOdd);
  for (let trial = 0; trial < (sizes.length === 0 ? 0 : trials); trial += 1) {
    tick();
    const size = sizes[trial % sizes.length]!;
    const group = Array.from({ length: size }, () => steady[Math.floor(next() * steady.length)]!);
    const apparent = group.map((i) => vote.says[i]!);
    const { hits, tested, usual } = crossed(filter, group, apparent, -1);
    nullMax = Math.max(nullMax, binomialTail(hits, tested, usual) - bonferroni);
  }
  return { found: found.toSorted((a, b) => b.score - a.score), best, null: { max: nullMax, trials: sizes.length === 0 ? 0 : trials } };
}

/** Learns on each half and counts on the other. */
function crossed(filter: Filter, rows: readonly number[], apparent: readonly number[], label: number): { hits: number; tested: number; usual: number } {
  let hits = 0;
  let usual = 0;
  for (const half of [0, 1]) {
    const learning = rows.filter((_, n) => n % 2 === half);
    const w = filter.learn(learning, apparent.filter((_, n) => n % 2 === half));
    const threshold = filter.threshold(w, new Set(apparent), label);
    hits += rows.filter((i, n) => n % 2 !== half && filter.along(w, i) >= threshold).length;
    usual = Math.max(usual, filter.usual(w, threshold, new Set(apparent), label));
  }
  return { hits, tested: rows.length, usual };
}

/** The covariance of consistent pictures within their classes, factored, and what is asked of it. */
class Filter {
  readonly #values: Float32Array;
  readonly #width: number;
  readonly #groups: readonly (readonly number[])[];
  readonly #means: Float64Array[];
  readonly #factor: Float64Array;

  constructor(values: Float32Array, width: number, groups: readonly (readonly number[])[], tick: () => void) {
    this.#values = values;
    this.#width = width;
    this.#groups = groups;
    this.#means = groups.map((rows) => this.#mean(rows));
    this.#factor = this.#cholesky(this.#covariance(tick), tick);
  }

  #mean(rows: readonly number[]): Float64Array {
    const mean = new Float64Array(this.#width);
    for (const i of rows) for (let d = 0; d < this.#width; d += 1) mean[d]! += this.#values[i * this.#width + d]! / rows.length;
    return mean;
  }

  #covariance(tick: () => void): Float64Array {
    const width = this.#width;
    const total = this.#groups.reduce((sum, rows) => sum + rows.length, 0);
    const stride = Math.max(1, Math.floor(total / fitted));
    const sum = new Float64Array(width * width);
    const row = new Float64Array(width);
    let used = 0;
    this.#groups.forEach((rows, group) => {
      for (let n = 0; n < rows.length; n += stride) {
        if (used % 64 === 0) tick();
        used += 1;
        for (let d = 0; d < width; d += 1) row[d] = this.#values[rows[n]! * width + d]! - this.#means[group]![d]!;
        for (let a = 0; a < width; a += 1) {
          const value = row[a]!;
          if (value === 0) continue;
          for (let b = 0, at = a * width; b <= a; b += 1) sum[at + b]! += value * row[b]!;
        }
      }
    });
    let trace = 0;
    for (let a = 0; a < width; a += 1) trace += sum[a * width + a]!;
    // Shrunk towards its mean variance: pixels that never change must not count without bound.
    const ridge = Math.max(1e-6, (0.02 * trace) / width);
    for (let a = 0; a < width; a += 1) sum[a * width + a]! += ridge;
    return sum;
  }

  #cholesky(matrix: Float64Array, tick: () => void): Float64Array {
    const width = this.#width;
    for (let a = 0; a < width; a += 1) {
      if (a % 32 === 0) tick();
      for (let b = 0; b <= a; b += 1) {
        let sum = matrix[a * width + b]!;
        for (let c = 0, x = a * width, y = b * width; c < b; c += 1) sum -= matrix[x + c]! * matrix[y + c]!;
        matrix[a * width + b] = a === b ? Math.sqrt(Math.max(sum, 1e-9)) : sum / matrix[b * width + b]!;
      }
    }
    return matrix;
  }

  /** What those rows are beyond consistent rows of the classes they look like. */
  difference(rows: readonly number[], apparent: readonly number[]): Float64Array {
    const out = this.#mean(rows);
    apparent.forEach((group) => {
      for (let d = 0; d < this.#width; d += 1) out[d]! -= this.#means[group]![d]! / apparent.length;
    });
    return out;
  }

  learn(rows: readonly number[], apparent: readonly number[]): Float64Array {
    const width = this.#width;
    const w = this.difference(rows, apparent);
    for (let a = 0; a < width; a += 1) {
      let sum = w[a]!;
      for (let b = 0; b < a; b += 1) sum -= this.#factor[a * width + b]! * w[b]!;
      w[a] = sum / this.#factor[a * width + a]!;
    }
    for (let a = width - 1; a >= 0; a -= 1) {
      let sum = w[a]!;
      for (let b = a + 1; b < width; b += 1) sum -= this.#factor[b * width + a]! * w[b]!;
      w[a] = sum / this.#factor[a * width + a]!;
    }
    return w;
  }

  along(w: Float64Array, i: number): number {
    let sum = 0;
    for (let d = 0, at = i * this.#width; d < this.#width; d += 1) sum += w[d]! * this.#values[at + d]!;
    return sum;
  }

  /** Beyond nearly all consistent rows of the classes concerned. Quartiles, so that some poisoned ones among them do not matter. */
  threshold(w: Float64Array, apparent: ReadonlySet<number>, label: number): number {
    let most = -Infinity;
    for (const group of new Set([...apparent, label])) {
      const along = (this.#groups[group] ?? []).map((i) => this.along(w, i)).toSorted((a, b) => a - b);
      if (along.length < 8) continue;
      const [middle, high] = [along[along.length >> 1]!, along[Math.floor(along.length * 0.85)]!];
      most = Math.max(most, middle + 2.9 * (high - middle));
    }
    return most;
  }

  /** Share of consistent rows of the classes concerned that lie beyond the threshold; at least one in 200. */
  usual(w: Float64Array, threshold: number, apparent: ReadonlySet<number>, label: number): number {
    let beyond = 0;
    let all = 0;
    for (const group of apparent) {
      if (group === label) continue;
      for (const i of this.#groups[group]!) {
        all += 1;
        if (this.along(w, i) >= threshold) beyond += 1;
      }
    }
    return Math.max(0.005, beyond / Math.max(1, all));
  }

  /** The mean difference, stretched to the range of a byte around 128. */
  picture(rows: readonly number[], apparent: readonly number[]): Uint8Array {
    const difference = this.difference(rows, apparent);
    const most = difference.reduce((top, value) => Math.max(top, Math.abs(value)), 1e-9);
    return Uint8Array.from(difference, (value) => Math.round(128 + (127 * value) / most));
  }
}
