// SPDX-License-Identifier: Apache-2.0
// The simple detectors beside pictures, in the same rounds: the value of one pixel against a label (a plain z-score, arXiv 2305.11596 for words),
// spectral signatures of each class (Tran 2018, arXiv 1811.00636, on pixels, since nothing is trained here), isolation forest, and
// disagreement with the nearest neighbours.
import { randomFrom } from '../../src/sketch/random.ts';
import { scaled } from '../../src/study/images/pictures.ts';
import { disagreement, forest, recalled } from './baselines.ts';
import type { Labelled } from './carriers-images.ts';
import type { Poisoned } from './poisons-images.ts';

/** Levels that a pixel's value is told apart by. */
const levels = 16;

/** The label, and the place, of the pixel's value with the largest z-score against a label. */
export function pixelScore({ width, height, channels, pixels, labels, classes }: Labelled): { label: number; x: number; y: number } {
  const [n, each] = [labels.length, width * height * channels];
  const priors = new Float64Array(classes.length);
  for (const label of labels) priors[label]! += 1 / n;
  let [best, found] = [0, { label: -1, x: 0, y: 0 }];
  for (let at = 0; at < each; at += 1) {
    const counts = new Float64Array(levels * classes.length);
    for (let row = 0; row < n; row += 1) counts[(pixels[row * each + at]! >> 4) * classes.length + labels[row]!]! += 1;
    for (let level = 0; level < levels; level += 1) {
      const of = counts.subarray(level * classes.length, (level + 1) * classes.length);
      const total = of.reduce((sum, one) => sum + one, 0);
      for (const [label, count] of of.entries()) {
        const p = priors[label]!;
        const z = total < 5 || p === 0 || p === 1 ? 0 : (count / total - p) * Math.sqrt(total / (p * (1 - p)));
        if (z > best) [best, found] = [z, { label, x: Math.floor(at / channels) % width, y: Math.floor(at / channels / width) }];
      }
    }
  }
  return found;
}

/** Squared share of each picture in the first principal direction of its class, as a multiple of the class's mean. */
export function spectral(rows: readonly Float32Array[], labels: ArrayLike<number>, classes: number): Float64Array {
  const scores = new Float64Array(rows.length);
  for (let label = 0; label < classes; label += 1) {
    const members = [...rows.keys()].filter((row) => labels[row] === label);
    if (members.length < 2) continue;
    const width = rows[members[0]!]!.length;
    const mean = new Float64Array(width);
    for (const row of members) for (let i = 0; i < width; i += 1) mean[i]! += rows[row]![i]! / members.length;
    let direction = Float64Array.from(mean, (_, i) => Math.cos(i + 1));
    const project = (row: number): number => {
      let sum = 0;
      for (let i = 0; i < width; i += 1) sum += (rows[row]![i]! - mean[i]!) * direction[i]!;
      return sum;
    };
    for (let step = 0; step < 20; step += 1) {
      const next = new Float64Array(width);
      for (const row of members) {
        const share = project(row);
        for (let i = 0; i < width; i += 1) next[i]! += share * (rows[row]![i]! - mean[i]!);
      }
      const norm = Math.sqrt(next.reduce((sum, one) => sum + one * one, 0)) || 1;
      direction = next.map((one) => one / norm);
    }
    const shares = members.map((row) => project(row) ** 2);
    const typical = shares.reduce((sum, one) => sum + one, 0) / members.length || 1;
    for (const [at, row] of members.entries()) scores[row] = shares[at]! / typical;
  }
  return scores;
}

/** Pictures as numbers, at most 14 × 14 for each channel. */
function vectors({ width, height, channels, pixels, labels }: Labelled): Float32Array[] {
  const each = width * height * channels;
  const [wide, high] = [Math.min(14, width), Math.min(14, height)];
  return Array.from(labels, (_, row) => Float32Array.from(scaled({ width, height, channels, pixels: pixels.subarray(row * each, (row + 1) * each) }, wide, high, channels)));
}

/** What the simple detectors make of one poisoned set: 1 where the pixel is part of what was planted, and shares of the poisoned rows. */
export function simple(set: Poisoned, seed: number): Record<string, number> {
  const rows = new Set(set.rows);
  const numbers = vectors(set);
  const shares = {
    'rows spectral signatures': recalled(spectral(numbers, set.labels, set.classes.length), rows),
    'rows isolation forest': recalled(forest(numbers, randomFrom('forest', seed)), rows),
    'rows nearest neighbours': recalled(disagreement(numbers, Array.from(set.labels, String)), rows),
  };
  if (set.target === undefined) return shares;
  const { label, x, y } = pixelScore(set);
  const { target, box } = set;
  return { 'pixel z-score names it': Number(label === target && (box === undefined || (x >= box.x && x < box.x + box.size && y >= box.y && y < box.y + box.size))), ...shares };
}
