// SPDX-License-Identifier: Apache-2.0
// How often rows that read like a class carry its label, and labels drawn from that: the set itself, without whatever stands against its
// content. Bins are given as [row × classes + class].
import type { Random } from '../../sketch/random.ts';

/** For each bin of one class: rows in it, and those that carry the label. */
export interface Rates {
  readonly all: Float64Array;
  readonly labelled: Float64Array;
}

export function ratesFor(k: number, classes: number, bins: Uint8Array, binsMade: number, labels: Int32Array): Rates {
  const [all, labelled] = [new Float64Array(binsMade), new Float64Array(binsMade)];
  for (let row = 0; row < labels.length; row += 1) {
    const bin = bins[row * classes + k]!;
    all[bin]! += 1;
    if (labels[row] === k) labelled[bin]! += 1;
  }
  return { all, labelled };
}

/** A label for each row, drawn by what its content says alone: mistakes stay as frequent as they are, and belong to nothing. */
export function drawn(rates: readonly Rates[], bins: Uint8Array, rows: number, random: Random): Int32Array {
  const classes = rates.length;
  const chances = rates.map(({ all, labelled }) => all.map((count, bin) => labelled[bin]! / Math.max(1, count)));
  const weights = new Float64Array(classes);
  const out = new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    let sum = 0;
    for (let k = 0; k < classes; k += 1) sum += weights[k] = chances[k]![bins[row * classes + k]!]!;
    let left = random.next() * sum;
    let label = 0;
    while (label < classes - 1 && left >= weights[label]!) {
      left -= weights[label]!;
      label += 1;
    }
    out[row] = label;
  }
  return out;
}
