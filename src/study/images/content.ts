// SPDX-License-Identifier: Apache-2.0
import { scaled, type Pictures, type Plane } from './pictures.ts';
import { seeded } from './tails.ts';

/** What a picture shows, as a short vector; and for each the pictures most like it. Rows are a sample where the set is large. */
export interface Content {
  /** Indices of the pictures looked at. */
  readonly rows: Int32Array;
  /** `rows.length` × `width` principal components, largest variance first. */
  readonly vectors: Float32Array;
  readonly width: number;
  /** `rows.length` × `neighbours`: positions in `rows`, nearest first, never the row itself. */
  readonly near: Int32Array;
  readonly distances: Float32Array;
  readonly neighbours: number;
}

/** Rows that are compared all with all; more are sampled. */
export const comparedMost = 12_000;
const components = 32;
const fitted = 2000;
export const neighbours = 11;

/** Pictures that are compared: all with a label, or an even sample of them. Of copies only the first: they would vouch for each other. */
export function chosen({ count, labels }: Pictures, first: Int32Array, most = comparedMost): Int32Array {
  const labelled = Int32Array.from({ length: count }, (_, i) => i).filter((i) => labels[i]! >= 0 && first[i] === i);
  if (labelled.length <= most) return labelled;
  const next = seeded(77);
  for (let i = 0; i < most; i += 1) {
    const j = i + Math.floor(next() * (labelled.length - i));
    [labelled[i], labelled[j]] = [labelled[j]!, labelled[i]!];
  }
  return labelled.slice(0, most).sort();
}

/** Small versions of pictures as numbers: at most `most` × `most`, all channels or their mean. */
export function small(plane: Plane, rows: Int32Array, most: number, grey: boolean): { readonly values: Float32Array; readonly width: number } {
  const [width, height] = [Math.min(most, plane.width), Math.min(most, plane.height)];
  const channels = grey ? 1 : plane.channels;
  const each = width * height * channels;
  const from = plane.width * plane.height * plane.channels;
  const values = new Float32Array(rows.length * each);
  rows.forEach((row, i) => {
    const pixels = plane.pixels.subarray(row * from, (row + 1) * from);
    values.set(scaled({ ...plane, pixels }, width, height, channels), i * each);
  });
  return { values, width: each };
}

/** Principal components of small pictures, and the nearest neighbours in them. */
export function contentOf(pictures: Pictures, tick: () => void, first = Int32Array.from({ length: pictures.count }, (_, i) => i)): Content {
  const rows = chosen(pictures, first);
  const { values, width } = small(pictures.whole, rows, 16, false);
  const vectors = reduced(values, rows.length, width, components, tick);
  const reach = Math.min(components, width);
  return { rows, vectors, width: reach, ...nearest(vectors, rows.length, reach, Math.min(neighbours, rows.length - 1), tick) };
}

/** Coordinates on the leading principal components, found by subspace iteration on a sample. Centres `values` in place. */
function reduced(values: Float32Array, count: number, width: number, wanted: number, tick: () => void): Float32Array {
  const reach = Math.min(wanted, width);
  const mean = new Float64Array(width);
  for (let i = 0; i < count; i += 1) for (let d = 0; d < width; d += 1) mean[d]! += values[i * width + d]!;
  for (let i = 0; i < count; i += 1) for (let d = 0; d < width; d += 1) values[i * width + d]! -= mean[d]! / count;
  const next = seeded(5);
  const basis = Array.from({ length: reach }, () => Float64Array.from({ length: width }, () => next() - 0.5));
  const stride = Math.max(1, Math.floor(count / fitted));
  for (let round = 0; round < 6; round += 1) {
    tick();
    const onto = basis.map(() => new Float64Array(width));
    for (let i = 0; i < count; i += stride) {
      const row = values.subarray(i * width, (i + 1) * width);
      basis.forEach((axis, a) => {
        const along = dot(row, axis);
        const sum = onto[a]!;
        for (let d = 0; d < width; d += 1) sum[d]! += along * row[d]!;
      });
    }
    onto.forEach((axis, a) => basis[a]!.set(axis));
    orthonormal(basis);
  }
  const out = new Float32Array(count * reach);
  for (let i = 0; i < count; i += 1) {
    const row = values.subarray(i * width, (i + 1) * width);
    for (let a = 0; a < reach; a += 1) out[i * reach + a] = dot(row, basis[a]!);
  }
  return out;
}

function dot(row: Float32Array, axis: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < axis.length; d += 1) sum += row[d]! * axis[d]!;
  return sum;
}

function orthonormal(basis: readonly Float64Array[]): void {
  basis.forEach((axis, a) => {
    for (let b = 0; b < a; b += 1) {
      const other = basis[b]!;
      let along = 0;
      for (let d = 0; d < axis.length; d += 1) along += axis[d]! * other[d]!;
      for (let d = 0; d < axis.length; d += 1) axis[d]! -= along * other[d]!;
    }
    const norm = Math.hypot(...axis);
    for (let d = 0; d < axis.length; d += 1) axis[d] = norm > 1e-9 ? axis[d]! / norm : 0;
  });
}

/** The `k` nearest of each row, by brute force; leading components decide early for most pairs. */
function nearest(vectors: Float32Array, count: number, width: number, k: number, tick: () => void): { near: Int32Array; distances: Float32Array; neighbours: number } {
  const near = new Int32Array(count * k);
  const distances = new Float32Array(count * k).fill(Infinity);
  for (let i = 0; i < count; i += 1) {
    if (i % 256 === 0) tick();
    const base = i * k;
    let limit = Infinity;
    const from = i * width;
    for (let j = 0; j < count; j += 1) {
      if (j === i) continue;
      const distance = apart(vectors, from, j * width, width, limit);
      if (distance >= limit) continue;
      let at = base + k - 1;
      for (; at > base && distances[at - 1]! > distance; at -= 1) {
        distances[at] = distances[at - 1]!;
        near[at] = near[at - 1]!;
      }
      distances[at] = distance;
      near[at] = j;
      limit = distances[base + k - 1]!;
    }
  }
  return { near, distances, neighbours: k };
}

/** Squared distance, or something at least `limit`. */
export function apart(vectors: Float32Array, a: number, b: number, width: number, limit: number): number {
  let sum = 0;
  for (let d = 0; d < width; d += 1) {
    const difference = vectors[a + d]! - vectors[b + d]!;
    sum += difference * difference;
    if ((d & 7) === 7 && sum >= limit) return sum;
  }
  return sum;
}

/** What its neighbours say a picture shows. */
export interface Vote {
  /** The class most neighbours have; the lower one on a tie. */
  readonly says: Int32Array;
  /** Share of neighbours that have the row's own label, and the class that most have. */
  readonly own: Float32Array;
  readonly share: Float32Array;
}

export function votes({ rows, near, neighbours: k }: Content, labels: Int32Array, classes: number): Vote {
  const says = new Int32Array(rows.length);
  const own = new Float32Array(rows.length);
  const share = new Float32Array(rows.length);
  const tally = new Int32Array(classes);
  for (let i = 0; i < rows.length; i += 1) {
    tally.fill(0);
    for (let n = 0; n < k; n += 1) tally[labels[rows[near[i * k + n]!]!]!]! += 1;
    let most = 0;
    for (let c = 1; c < classes; c += 1) if (tally[c]! > tally[most]!) most = c;
    says[i] = most;
    share[i] = tally[most]! / k;
    own[i] = tally[labels[rows[i]!]!]! / k;
  }
  return { says, own, share };
}

/** The class that most of the nearest rows outside `left out` have; for rows of a suspected group, so that they do not vote for each other. */
export function voteWithout({ rows, vectors, width }: Content, labels: Int32Array, classes: number, row: number, leftOut: ReadonlySet<number>, k = neighbours): number {
  const best: { distance: number; label: number }[] = [];
  let limit = Infinity;
  for (let j = 0; j < rows.length; j += 1) {
    if (j === row || leftOut.has(j)) continue;
    const distance = apart(vectors, row * width, j * width, width, limit);
    if (distance >= limit) continue;
    best.push({ distance, label: labels[rows[j]!]! });
    best.sort((a, b) => a.distance - b.distance);
    if (best.length > k) best.pop();
    if (best.length === k) limit = best[k - 1]!.distance;
  }
  const tally = new Int32Array(classes);
  for (const { label } of best) tally[label]! += 1;
  return tally.indexOf(Math.max(...tally));
}
