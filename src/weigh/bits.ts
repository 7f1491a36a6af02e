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
  /** Chi-square per degree of freedom of the lowest byte; 0 for 16-bit words, whose lowest byte is half of the number. */
  readonly lowByte: number;
  /** Share of different words among 1,024 taken evenly. */
  readonly distinct: number;
  /** Bias of the seven highest mantissa bits: 0.5 less the mean. */
  readonly planes: Float64Array;
}

/** Words of a window, counted: by exponent, by the seven highest mantissa bits of normal numbers, by the lowest byte (32-bit words only). */
export interface Counted {
  readonly exponents: Uint32Array;
  readonly mantissas: Uint32Array;
  readonly low: Uint32Array;
}

/** What a window of words says; `words` holds the bit patterns. What was counted is used up. */
export function windowOf(words: Uint32Array | Uint16Array, layout: Layout, { exponents, mantissas, low }: Counted): Window {
  const last = (1 << layout.exponent) - 1;
  const ones = new Float64Array(7);
  let [normal, first, fifteenth, sum, squares, odd, paired] = [0, 0, 0, 0, 0, 0, 0];
  for (let e = 1; e < last; e += 1) {
    const here = exponents[e]!;
    if (here === 0) continue;
    normal += here;
    sum += here * e;
    squares += here * e * e;
    if (e < 2 || e > last - 2) continue; // the other half of these pairs is zero or not finite
    paired += here;
    if (e & 1) odd += here;
  }
  for (let m = 0; m < 8; m += 1) {
    first += mantissas[m]!;
    fifteenth += mantissas[120 + m]!;
  }
  for (let k = 0, half = 64; k < 7; k += 1, half >>= 1) { // the upper half has the bit set; without it the halves are the same
    let set = 0;
    for (let m = 0; m < half; m += 1) {
      set += mantissas[half + m]!;
      mantissas[m]! += mantissas[half + m]!;
    }
    ones[k] = set;
  }
  const mean = sum / normal;
  return {
    all: words.length,
    normal,
    nibble: (first - fifteenth) / normal,
    spread: Math.sqrt(Math.max(0, squares / normal - mean * mean)),
    oddness: (2 * odd - paired) / paired,
    lowByte: layout.bits === 32 ? chiSquare(low, words.length) : 0,
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

/** A bit for each of 8,192 hashes: 1,024 different words leave few of them to chance. */
const seen = new Uint8Array(8192);

function distinctShare(words: Uint32Array | Uint16Array): number {
  const taken = Math.min(1024, words.length);
  const step = Math.max(1, Math.floor(words.length / taken));
  seen.fill(0);
  let marked = 0;
  for (let i = 0; i < taken; i += 1) {
    const place = Math.imul(words[i * step]!, 0x9e3779b1) >>> 19;
    if (seen[place] === 0) marked += 1;
    seen[place] = 1;
  }
  // linear counting (Whang et al., 1990): what collisions hide
  return Math.min(1, (-8192 * Math.log(1 - marked / 8192)) / taken);
}

/** Where the law of the bit planes ends: from which bit on, what is left of it (1: all), and how sure that it is broken. */
export interface Break {
  readonly plane: number;
  readonly left: number;
  readonly z: number;
}

/**
 * Looks for the highest mantissa bit from which on the bias is gone. What is expected of bit k is half of bit k - 1 of those
 * before it that keep the law: the mean of what the first bit and the one before tell. Undefined where the law holds, or where there is no
 * bias to begin with (numbers spread evenly, say), so that its absence means nothing. `certain` is the z from which on it is told.
 */
export function lawBreak(planes: readonly number[] | Float64Array, n: number, deepest: number, certain: number): Break | undefined {
  const noise = 0.5 / Math.sqrt(n);
  let found: Break | undefined;
  for (let from = 2; from < Math.min(6, deepest); from += 1) { // planes are counted from 0 here
    const before = planes[from - 1]!;
    const base = (planes[0]! / 2 ** from + before / 2) / 2;
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
