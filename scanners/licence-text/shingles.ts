// SPDX-License-Identifier: Apache-2.0
// Texts as sets of hashed word sequences (w-shingling, Broder 1997), thinned by 'hash modulo 2^k' so that any two texts keep the same ones.

/** Words that follow one another in one shingle. */
const width = 5;

/** Lower-case words of letters and digits; lines with a copyright notice and marks of quotation or comment left out. */
export function wordsOf(text: string): string[] {
  const lines = text.normalize('NFKC').toLowerCase().split(/\r?\n/);
  const kept = lines.filter((line) => !/^[\s*#/;>-]*(copyright\b|\(c\)|©|all rights reserved)/.test(line.slice(0, 200)));
  return kept.join(' ').match(/[a-z0-9]{1,40}/g) ?? [];
}

/** 32-bit FNV-1a hashes of all runs of five words. */
export function shinglesOf(words: readonly string[]): Set<number> {
  const out = new Set<number>();
  for (let i = 0; i + width <= words.length; i += 1) {
    let hash = 0x811c9dc5;
    for (let j = i; j < i + width; j += 1) {
      const word = words[j]!;
      for (let k = 0; k < word.length; k += 1) hash = Math.imul(hash ^ word.charCodeAt(k), 0x01000193);
      hash = Math.imul(hash ^ 0x20, 0x01000193);
    }
    out.add(hash >>> 0);
  }
  return out;
}

/** Whether a hash is among those that a fingerprint of that thinning keeps. */
export function isKept(hash: number, thinning: number): boolean {
  // The low bits of FNV are weak; a multiplication brings the high ones down.
  return (Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 8) % thinning === 0;
}
