// SPDX-License-Identifier: Apache-2.0
// Random numbers that are the same everywhere: a study that samples must say the same of the same rows.

/** A stream of numbers that depends on its seed alone. */
export interface Random {
  /** Evenly in [0, 1), with 32 bits. */
  next(): number;
  /** A whole number evenly in 0..below-1; `below` up to 2^32. */
  below(below: number): number;
}

/** Sfc32 (Chris Doty-Humphrey's PractRand), seeded by the texts' hash. */
export function randomFrom(...seeds: readonly (string | number)[]): Random {
  const text = seeds.join('\n');
  let [a, b, c] = [hash32(text, 0x9e3779b9), hash32(text, 0x243f6a88), hash32(text, 0xb7e15162)];
  let counter = 1;
  const next32 = (): number => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out >>> 0;
  };
  for (let i = 0; i < 12; i += 1) next32();
  return {
    next: () => next32() / 2 ** 32,
    below: (below) => Math.floor((next32() / 2 ** 32) * below),
  };
}

/** A well-mixed 32-bit hash of a text's UTF-16 units (MurmurHash3's steps). Not for keys that an attacker may flood a table with. */
export function hash32(text: string, seed = 0): number {
  let h = seed | 0;
  for (let i = 0; i < text.length; i += 1) {
    let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  h ^= text.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
