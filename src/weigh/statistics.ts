// SPDX-License-Identifier: Apache-2.0
// What is counted of one tensor, and what is told of it: moments, quantiles, rows.
import { clip } from '../bytes/clip.ts';
import type { FactOf } from '../model/fact.ts';
import { layouts } from './bits.ts';
import type { Kernel, RowSums } from './kernel/kernel.ts';
import type { Plain } from './plain.ts';

/** Rows of one tensor whose hashes are kept to find those that are there twice. */
const mostHashed = 1 << 18;
/** Norms that are kept for their quantiles. */
const mostNorms = 1 << 16;

/** Where quantiles are told, in percent. */
export const percents = [1, 5, 25, 50, 75, 95, 99] as const;

/** Rows of a tensor (its first dimension), added up. */
export class Rows {
  readonly length: number;
  readonly norms: number[] = [];
  readonly #hashes = new Set<number>();
  #count = 0;
  #dead = 0;
  #twice = 0;

  constructor(length: number) {
    this.length = length;
  }

  add({ squares, hashes }: RowSums): void {
    this.#count += squares.length;
    for (let i = 0; i < squares.length; i += 1) {
      if (squares[i] === 0) this.#dead += 1;
      else if (this.#hashes.size < mostHashed) this.#keep(hashes[i]!);
      else if (this.#hashes.has(hashes[i]!)) this.#twice += 1;
      if (this.norms.length < mostNorms) this.norms.push(Math.sqrt(squares[i]!));
    }
  }

  #keep(hash: number): void {
    const before = this.#hashes.size;
    this.#hashes.add(hash);
    if (this.#hashes.size === before) this.#twice += 1;
  }

  /** Undefined when fewer than two rows were seen whole. */
  told(): Told['rows'] {
    if (this.#count < 2) return undefined;
    const sorted = Float64Array.from(this.norms.filter((norm) => Number.isFinite(norm))).sort(); // by size, unlike those of arrays
    const middle = sorted[sorted.length >> 1] ?? 0;
    const largest = this.norms.indexOf(sorted.at(-1) ?? 0);
    return { n: this.#count, length: this.length, zero: this.#dead, repeated: this.#twice, leastNorm: short(sorted[0] ?? 0), medianNorm: short(middle), greatestNorm: short(sorted.at(-1) ?? 0), greatestRow: largest };
  }
}

type Told = FactOf<'statistics'>;

/**
 * The fact of one tensor. The kernel holds counts by sign, exponent and the seven highest mantissa bits, from which quantiles and
 * higher moments are taken: they are good to 0.4 % of their value.
 */
export function statisticsOf(name: string, dtype: string, elements: number, stats: Plain, { whole, range }: Pick<Kernel, 'whole' | 'range'>, rows: Rows | undefined): Told | undefined {
  const layout = layouts[dtype];
  const finite = stats.count - stats.nan - stats.positive - stats.negative;
  if (layout === undefined || finite < 1) return undefined;
  const mean = stats.sum / finite;
  const deviation = Math.sqrt(Math.max(0, stats.squares / finite - mean * mean));
  const bins = binsOf(whole, 1 << layout.exponent, range);
  const seen = bins.reduce((sum, { count }) => sum + count, 0);
  let [third, fourth] = [0, 0];
  for (const { value, count } of bins) {
    const z = deviation === 0 ? 0 : (value - mean) / deviation;
    const squared = z * z; // powers of no fixed degree take ten times longer
    third += count * squared * z;
    fourth += count * squared * squared;
  }
  const inRows = rows?.told();
  return {
    kind: 'statistics', name: clip(name), dtype, n: stats.count, among: elements, mean: short(mean), deviation: short(deviation),
    skewness: short(seen === 0 ? 0 : third / seen), kurtosis: short(seen === 0 ? 0 : fourth / seen), least: short(stats.least), greatest: short(stats.greatest),
    quantiles: quantiles(bins, seen, stats), zeros: stats.zeros, nan: stats.nan, infinite: stats.positive + stats.negative, denormal: Math.max(0, tinyOf(whole, 1 << layout.exponent) - stats.zeros),
    bins: bins.length, ...(inRows === undefined ? {} : { rows: inRows }),
  };
}

interface Bin {
  readonly value: number;
  readonly count: number;
}

/** Counts by value, smallest first. Zeros and denormals are one bin at 0; NaN and infinities are in none. */
function binsOf(whole: Uint32Array, exponents: number, [first, last]: readonly [number, number]): Bin[] {
  const half = 128 * exponents;
  const bias = exponents / 2 - 1;
  const out: Bin[] = [];
  const highest = Math.min(last, exponents - 2); // above it stand NaN and infinities
  const ofExponent = (e: number, sign: 1 | -1): void => {
    const scale = sign * 2 ** (e - bias);
    const begin = (sign === 1 ? 0 : half) + 128 * e;
    for (let i = 0; i < 128; i += 1) {
      const m = sign === 1 ? i : 127 - i;
      const count = whole[begin + m]!;
      if (count > 0) out.push({ value: scale * (1 + (m + 0.5) / 128), count });
    }
  };
  for (let e = highest; e >= Math.max(1, first); e -= 1) ofExponent(e, -1);
  const tiny = tinyOf(whole, exponents);
  if (tiny > 0) out.push({ value: 0, count: tiny });
  for (let e = Math.max(1, first); e <= highest; e += 1) ofExponent(e, 1);
  return out;
}

/** Zeros and denormals. */
function tinyOf(whole: Uint32Array, exponents: number): number {
  let tiny = 0;
  for (let i = 0; i < 128; i += 1) tiny += whole[i]! + whole[128 * exponents + i]!;
  return tiny;
}

function quantiles(bins: readonly Bin[], seen: number, { least, greatest }: Plain): number[] {
  let [at, below] = [0, 0];
  return percents.map((percent) => {
    while (at < bins.length - 1 && below + bins[at]!.count < (percent / 100) * seen) {
      below += bins[at]!.count;
      at += 1;
    }
    return short(Math.min(greatest, Math.max(least, bins[at]?.value ?? 0)));
  });
}

/** Six digits: reports are read by people, and the same on every machine. */
function short(value: number): number {
  return Number(value.toPrecision(6));
}
