// SPDX-License-Identifier: Apache-2.0
// Whether the activations of one class fall into two groups (Chen et al., "Detecting Backdoor Attacks on Deep Neural Networks by
// Activation Clustering", arXiv 1811.03728): principal components, two means, silhouette, against numbers drawn with the same spread.
import type { Random } from '../../sketch/random.ts';

/** Principal components that are kept. */
const components = 6;

/** Two groups of one class. */
export interface Split {
  /** Share of the smaller group. */
  readonly share: number;
  /** Mean silhouette by distances to the centres: 0 none, 1 far apart. */
  readonly silhouette: number;
  /** Members of the smaller group, by their place in the class. */
  readonly members: readonly number[];
  /** Largest silhouette among sets of normal numbers with the same spread. */
  readonly null: number;
}

/** Rows of `width` numbers. */
export function split(rows: readonly Float32Array[], random: Random, trials: number): Split {
  const { points, spreads } = project(rows);
  const found = twoMeans(points, random);
  let largest = 0;
  for (let t = 0; t < trials; t += 1) {
    const drawn = Array.from({ length: points.length }, () => Float64Array.from(spreads, (spread) => spread * normal(random)));
    largest = Math.max(largest, twoMeans(drawn, random).silhouette);
  }
  return { ...found, null: largest };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Coordinates along the directions of largest spread, by orthogonal iteration. */
function project(rows: readonly Float32Array[]): { readonly points: Float64Array[]; readonly spreads: Float64Array } {
  const width = rows[0]!.length;
  const count = Math.min(components, width, rows.length - 1);
  const mean = new Float64Array(width);
  for (const row of rows) for (let j = 0; j < width; j += 1) mean[j]! += row[j]! / rows.length;
  let basis: Float64Array[] = Array.from({ length: count }, (_, k) => Float64Array.from({ length: width }, (__, j) => Math.sin(1 + (j + 1) * (k + 1) * 1.37)));
  basis = orthonormal(basis);
  for (let round = 0; round < 12; round += 1) {
    const next: Float64Array[] = basis.map(() => new Float64Array(width));
    for (const row of rows) {
      for (let k = 0; k < count; k += 1) {
        let dot = 0;
        for (let j = 0; j < width; j += 1) dot += (row[j]! - mean[j]!) * basis[k]![j]!;
        for (let j = 0; j < width; j += 1) next[k]![j]! += dot * (row[j]! - mean[j]!);
      }
    }
    basis = orthonormal(next);
  }
  const points = rows.map((row) => Float64Array.from(basis, (direction) => {
    let dot = 0;
    for (let j = 0; j < width; j += 1) dot += (row[j]! - mean[j]!) * direction[j]!;
    return dot;
  }));
  const spreads = Float64Array.from({ length: count }, (_, k) => Math.sqrt(points.reduce((sum, point) => sum + point[k]! ** 2, 0) / points.length));
  return { points, spreads };
}

function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const out: Float64Array[] = [];
  for (const vector of vectors) {
    const one = vector.slice();
    for (const other of out) {
      let dot = 0;
      for (let j = 0; j < one.length; j += 1) dot += one[j]! * other[j]!;
      for (let j = 0; j < one.length; j += 1) one[j]! -= dot * other[j]!;
    }
    const norm = Math.sqrt(one.reduce((sum, value) => sum + value * value, 0));
    out.push(norm > 1e-12 ? one.map((value) => value / norm) : one.fill(0));
  }
  return out;
}

function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k += 1) sum += (a[k]! - b[k]!) ** 2;
  return Math.sqrt(sum);
}

/** The best of a few starts: two points far from one another. */
function twoMeans(points: readonly Float64Array[], random: Random): Omit<Split, 'null'> {
  let best: { readonly cost: number; readonly second: boolean[]; readonly centres: readonly [Float64Array, Float64Array] } | undefined;
  for (let start = 0; start < 4; start += 1) {
    const first = points[Math.floor(random.next() * points.length)]!;
    const far = points.reduce((most, point) => (distance(point, first) > distance(most, first) ? point : most));
    const run = lloyd(points, [first, far]);
    if (best === undefined || run.cost < best.cost) best = run;
  }
  const { second, centres } = best!;
  const many = second.filter(Boolean).length;
  const smaller = many <= points.length / 2;
  let sum = 0;
  points.forEach((point, i) => {
    const [own, other] = second[i] ? [centres[1], centres[0]] : [centres[0], centres[1]];
    const [a, b] = [distance(point, own), distance(point, other)];
    sum += Math.max(a, b) === 0 ? 0 : (b - a) / Math.max(a, b);
  });
  return { share: Math.min(many, points.length - many) / points.length, silhouette: sum / points.length, members: points.flatMap((_, i) => (second[i] === smaller ? [i] : [])) };
}

function lloyd(points: readonly Float64Array[], begin: readonly [Float64Array, Float64Array]): { cost: number; second: boolean[]; centres: readonly [Float64Array, Float64Array] } {
  let centres = begin;
  let second: boolean[] = [];
  let cost = 0;
  for (let round = 0; round < 25; round += 1) {
    cost = 0;
    const next = points.map((point) => {
      const [a, b] = [distance(point, centres[0]), distance(point, centres[1])];
      cost += Math.min(a, b) ** 2;
      return b < a;
    });
    if (next.every((one, i) => one === second[i])) break;
    second = next;
    const mean = (which: boolean): Float64Array => {
      const sum = new Float64Array(begin[0].length);
      let n = 0;
      points.forEach((point, i) => {
        if (second[i] !== which) return;
        n += 1;
        for (let k = 0; k < sum.length; k += 1) sum[k]! += point[k]!;
      });
      return n === 0 ? centres[which ? 1 : 0] : sum.map((value) => value / n);
    };
    centres = [mean(false), mean(true)];
  }
  return { cost, second, centres };
}
