// SPDX-License-Identifier: Apache-2.0
// Statistics of the bits of floats, in one pass. Weights of trained models thin out towards larger magnitudes, so that
// within a binade small mantissas are more frequent: the bias of mantissa bit k is about half that of bit k - 1.
// Bits that carry something else (encrypted, compressed) have none.

/** A float format of 16 or 32 bits. */
export interface Layout {
  readonly bits: 16 | 32;
  readonly mantissa: number;
  readonly exponent: number;
}

export const layouts: Readonly<Record<string, Layout>> = {
  F32: { bits: 32, mantissa: 23, exponent: 8 },
  F16: { bits: 16, mantissa: 10, exponent: 5 },
  BF16: { bits: 16, mantissa: 7, exponent: 8 },
};

/** Elements of a window: fewer make the nibble test unsure (0.9 % false alarms at 4,096). */
export const windowLength = 16_384;

/** What was counted in one window of words. */
export interface Window {
  /** Words in it. */
  readonly all: number;
  /** Normal numbers in it: neither zero nor denormal nor NaN nor infinite. */
  readonly normal: number;
  /** Share of mantissas that begin with 0000 less the share of those that begin with 1111. */
  readonly nibble: number;
  /** Standard deviation of the exponent. */
  readonly spread: number;
  /** (odd - even exponents) / all. Where the exponent's last bit was overwritten too, this is near 0. */
  readonly oddness: number;
  /** Chi-square per degree of freedom of the lowest byte. */
  readonly lowByte: number;
  /** Share of different words among 1,024 taken evenly. */
  readonly distinct: number;
  /** Bias of the seven highest mantissa bits: 0.5 less the mean. */
  readonly planes: Float64Array;
}

/** Counters that are used again for each window. */
export interface Counters {
  readonly exponents: Uint32Array;
  /** The seven highest bits of the mantissas of normal numbers. */
  readonly mantissas: Uint32Array;
  readonly low: Uint32Array;
}

export function counters(): Counters {
  return { exponents: new Uint32Array(256), mantissas: new Uint32Array(128), low: new Uint32Array(256) };
}

/** Counts a window of words; `words` holds the bit patterns. */
export function countWindow(words: Uint32Array | Uint16Array, layout: Layout, { exponents, mantissas, low }: Counters): Window {
  const { mantissa, exponent } = layout;
  const planesKept = 7;
  const shift = mantissa - planesKept;
  const last = (1 << exponent) - 1;
  exponents.fill(0);
  mantissas.fill(0);
  low.fill(0);
  const length = words.length;
  for (let i = 0; i < length; i += 1) {
    const word = words[i]!;
    const e = (word >>> mantissa) & last;
    exponents[e]! += 1;
    if (e !== 0 && e !== last) mantissas[(word >>> shift) & 127]! += 1;
    low[word & 255]! += 1;
  }
  const ones = new Float64Array(planesKept);
  let [normal, first, fifteenth, sum, squares, odd, paired] = [0, 0, 0, 0, 0, 0, 0];
  for (let e = 1; e < last; e += 1) {
    const here = exponents[e]!;
    normal += here;
    sum += here * e;
    squares += here * e * e;
    if (e < 2 || e > last - 2) continue; // the other half of these pairs is zero or not finite
    paired += here;
    if (e & 1) odd += here;
  }
  for (let m = 0; m < 128; m += 1) {
    const n = mantissas[m]!;
    if (m < 8) first += n;
    else if (m >= 120) fifteenth += n;
    for (let k = 0; k < planesKept; k += 1) if ((m >> (6 - k)) & 1) ones[k]! += n;
  }
  const mean = sum / normal;
  return {
    all: length,
    normal,
    nibble: (first - fifteenth) / normal,
    spread: Math.sqrt(Math.max(0, squares / normal - mean * mean)),
    oddness: (2 * odd - paired) / paired,
    lowByte: chiSquare(low, length),
    distinct: distinctShare(words),
    planes: ones.map((n) => 0.5 - n / normal),
  };
}

function chiSquare(counts: Uint32Array, all: number): number {
  const expected = all / 256;
  let sum = 0;
  for (const n of counts) sum += (n - expected) ** 2 / expected;
  return sum / 255;
}

function distinctShare(words: Uint32Array | Uint16Array): number {
  const taken = Math.min(1024, words.length);
  const step = Math.max(1, Math.floor(words.length / taken));
  const seen = new Set<number>();
  for (let i = 0; i < taken; i += 1) seen.add(words[i * step]!);
  return seen.size / taken;
}

/** Where the law of the bit planes ends: from which bit on, what is left of it (1: all), and how sure that it is broken. */
export interface Break {
  readonly plane: number;
  readonly left: number;
  readonly z: number;
}

/**
 * Looks for the highest mantissa bit from which on the bias is gone. What is expected of bit k is half of bit k - 1 of those
 * before it that keep the law, the cautious (smaller) one of two estimates. Undefined where the law holds, or where there is no
 * bias to begin with (numbers spread evenly, say), so that its absence means nothing. `certain` is the z from which on it is told.
 */
export function lawBreak(planes: readonly number[] | Float64Array, n: number, deepest: number, certain: number): Break | undefined {
  const noise = 0.5 / Math.sqrt(n);
  let found: Break | undefined;
  for (let from = 2; from < Math.min(6, deepest); from += 1) { // planes are counted from 0 here
    const before = planes[from - 1]!;
    const base = Math.min(planes[0]! / 2 ** from, before / 2);
    if (before < 6 * noise || planes[0]! < 0.03) continue;
    let [dot, norm] = [0, 0];
    for (let k = from; k < deepest; k += 1) {
      const expected = base / 2 ** (k - from);
      dot += planes[k]! * expected;
      norm += expected * expected;
    }
    const left = dot / norm;
    const z = (1 - left) * Math.sqrt(norm) / noise;
    if (left < 0.3 && z > certain && (found === undefined || z > found.z)) found = { plane: from + 1, left, z };
  }
  return found;
}
