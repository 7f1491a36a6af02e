// SPDX-License-Identifier: Apache-2.0
import type { Content, Vote } from './content.ts';
import { binomialTail } from './tails.ts';

/** How many labels are wrong, as far as neighbours tell. */
export interface Noise {
  /** Rows looked at. */
  readonly n: number;
  /** Share of rows whose neighbours' majority is not their label: what a nearest-neighbour classifier gets wrong. */
  readonly error: number;
  /**
   * Estimated share of wrong labels: of rows among unanimous neighbours those that differ from them, over pairs of classes that do
   * not look alike, and as much again for those that do. (What looks alike is mistaken without anyone's doing.)
   */
  readonly rate: number;
  readonly low: number;
  readonly high: number;
  /** Rows among unanimous neighbours. */
  readonly sure: number;
  /** The pair of classes with the largest surplus of one direction over the other. */
  readonly pair?: { readonly from: number; readonly to: number; readonly there: number; readonly back: number; readonly score: number };
  /** Confident disagreements, [shown class][label]. */
  readonly matrix: readonly (readonly number[])[];
  /** Rows (indices into the set) by how much their neighbours disagree, most first. */
  readonly ranked: readonly number[];
  /** 1 − share of neighbours with the row's own label, for each of `content.rows`; ties broken by distance. */
  readonly suspicion: Float32Array;
}

/** Of 11 neighbours, at least this share has one class. */
const unanimous = 0.9;

export function noiseOf(content: Content, vote: Vote, labels: Int32Array, classes: number): Noise {
  const n = content.rows.length;
  const matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  const suspicion = new Float32Array(n);
  const k = content.neighbours;
  let [wrong, sure] = [0, 0];
  content.rows.forEach((row, i) => {
    const label = labels[row]!;
    if (vote.says[i] !== label) wrong += 1;
    if (vote.share[i]! >= unanimous) sure += 1;
    if (vote.says[i] !== label && vote.share[i]! >= 0.7) matrix[vote.says[i]!]![label]! += 1;
    let [own, other] = [0, 0];
    for (let m = 0; m < k; m += 1) {
      const weight = 1 / (Math.sqrt(content.distances[i * k + m]!) + 1e-6);
      if (labels[content.rows[content.near[i * k + m]!]!] === label) own += weight;
      else other += weight;
    }
    suspicion[i] = other / (own + other);
  });
  const { hits, among, rate } = uniform(content, vote, labels, classes);
  const [low, high] = wilson(hits, among).map((share) => (hits === 0 ? share : (share * rate) / (hits / among))) as [number, number];
  const order = Array.from({ length: n }, (_, i) => i).filter((i) => suspicion[i]! >= 0.7).toSorted((a, b) => suspicion[b]! - suspicion[a]! || a - b);
  const pair = asymmetric(matrix);
  return { n, error: wrong / n, rate, low, high, sure, matrix, ranked: order.map((i) => content.rows[i]!), suspicion, ...(pair === undefined ? {} : { pair }) };
}

/** Pairs of classes look alike when at least one in 25 of their rows stands among both. */
const alike = 0.04;

function uniform({ rows, near, neighbours: k }: Content, vote: Vote, labels: Int32Array, classes: number): { readonly hits: number; readonly among: number; readonly rate: number } {
  const mixed = Array.from({ length: classes }, () => new Float64Array(classes));
  const against = Array.from({ length: classes }, () => new Float64Array(classes));
  const sure = new Float64Array(classes);
  const sizes = new Float64Array(classes);
  const tally = new Int32Array(classes);
  rows.forEach((row, i) => {
    const says = vote.says[i]!;
    sizes[says]! += 1;
    tally.fill(0);
    for (let n = 0; n < k; n += 1) tally[labels[rows[near[i * k + n]!]!]!]! += 1;
    for (let other = 0; other < classes; other += 1) if (other !== says && tally[other]! >= 0.25 * k) mixed[says]![other]! += 1;
    if (vote.share[i]! < unanimous) return;
    sure[says]! += 1;
    against[says]![labels[row]!]! += 1;
  });
  let [hits, among, scaled] = [0, 0, 0];
  for (let says = 0; says < classes; says += 1) {
    const apart = Array.from({ length: classes }, (_, other) => other)
      .filter((other) => other !== says && mixed[says]![other]! + mixed[other]![says]! <= alike * (sizes[says]! + sizes[other]!));
    if (apart.length === 0) continue;
    const wrong = apart.reduce((sum, other) => sum + against[says]![other]!, 0);
    hits += wrong;
    among += sure[says]!;
    scaled += (wrong * (classes - 1)) / apart.length;
  }
  return { hits, among, rate: among === 0 ? 0 : scaled / among };
}

/** The pair whose two directions differ most: random mistakes go both ways, a flip goes one way. */
function asymmetric(matrix: readonly (readonly number[])[]): Noise['pair'] {
  const classes = matrix.length;
  let worst: Noise['pair'];
  for (let from = 0; from < classes; from += 1) {
    for (let to = 0; to < classes; to += 1) {
      if (from === to) continue;
      const [there, back] = [matrix[from]![to]!, matrix[to]![from]!];
      const score = binomialTail(there, there + back, 0.5) - Math.log10(classes * (classes - 1));
      if (there > back && (worst === undefined || score > worst.score)) worst = { from, to, there, back, score };
    }
  }
  return worst;
}

/** 95 % interval of a share (Wilson 1927). */
export function wilson(hits: number, n: number): readonly [low: number, high: number] {
  if (n === 0) return [0, 1];
  const z = 1.96;
  const p = hits / n;
  const middle = p + (z * z) / (2 * n);
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, (middle - half) / (1 + (z * z) / n)), Math.min(1, (middle + half) / (1 + (z * z) / n))];
}
