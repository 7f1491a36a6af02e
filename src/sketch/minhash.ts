// SPDX-License-Identifier: Apache-2.0
// MinHash (Broder 1997) of shingles of three words, with bands for locality-sensitive lookup. One permutation hashing (Li et al. 2012):
// each shingle is hashed once and falls into one of the places, so that a text costs time in its length alone.

export const places = 64;
const band = 4;
const bits = 6;

/** Signature of a text; undefined when it has fewer than eight words to compare. */
export function signature(text: string): Uint32Array | undefined {
  const out = new Uint32Array(places).fill(0xffff_ffff);
  let [a, b, count] = [0, 0, 0];
  let h = 0x811c9dc5;
  let inWord = false;
  for (let i = 0; i <= text.length; i += 1) {
    let code = i < text.length ? text.charCodeAt(i) : 32;
    if (code >= 65 && code <= 90) code += 32;
    const letter = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code >= 0xc0;
    if (letter) {
      h = Math.imul(h ^ code, 0x01000193);
      inWord = true;
      if (code < 0x3040) continue; // a sign of Chinese or Japanese is a word for itself
    }
    if (!inWord) continue;
    count += 1;
    if (count >= 3) {
      let mixed = Math.imul(a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(h, 0x85ebca77), 0xc2b2ae3d);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
      mixed = (mixed ^ (mixed >>> 13)) >>> 0;
      const place = mixed >>> (32 - bits);
      const value = Math.imul(mixed, 0x297a2d39) >>> 0;
      if (value < out[place]!) out[place] = value;
    }
    a = b;
    b = h;
    h = 0x811c9dc5;
    inWord = false;
  }
  if (count < 8) return undefined;
  // An empty place takes what the next filled one has (densification): else short texts would agree in emptiness.
  const filled = out.slice();
  for (let place = 0; place < places; place += 1) {
    for (let step = 1; filled[place] === 0xffff_ffff && step < places; step += 1) {
      const other = filled[(place + step) % places]!;
      if (other === 0xffff_ffff) continue;
      out[place] = (other + Math.imul(step, 0x9e3779b1)) >>> 0;
      break;
    }
  }
  return out;
}

/** Share of places in which two signatures agree: an estimate of the Jaccard similarity. */
export function similarity(a: Uint32Array, b: Uint32Array): number {
  let same = 0;
  for (let i = 0; i < places; i += 1) if (a[i] === b[i]) same += 1;
  return same / places;
}

/** Groups of signatures, two million at most, that are linked by similarities of at least `least`; those alone are left out. */
export function groups(signatures: readonly (Uint32Array | undefined)[], least: number, tick: () => void): number[][] {
  const parent = Int32Array.from(signatures, (_, index) => index);
  const root = (index: number): number => {
    let at = index;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  const keys = new Float64Array(signatures.length);
  for (let start = 0; start < places; start += band) {
    tick();
    // The bands side by side in order, instead of a table of lists: a signature's key in the high bits, its place in the low ones.
    let count = 0;
    for (const [index, one] of signatures.entries()) {
      if (one === undefined) continue;
      let key = Math.imul(one[start]! ^ (one[start]! >>> 15), 0x9e3779b1);
      for (let i = 1; i < band; i += 1) key = Math.imul((key << 7) ^ (key >>> 25) ^ one[start + i]!, 0x85ebca6b);
      keys[count] = ((key ^ (key >>> 13)) >>> 0) * 0x20_0000 + index;
      count += 1;
    }
    const sorted = keys.subarray(0, count).toSorted();
    let list: number[] = [];
    let of = -1;
    for (const value of sorted) {
      const key = Math.floor(value / 0x20_0000);
      const index = value % 0x20_0000;
      const one = signatures[index]!;
      if (key !== of) {
        [list, of] = [[index], key];
        continue;
      }
      // A few of a bucket stand for it: a flood of one text must not cost its square.
      const match = list.find((other) => root(other) === root(index) || similarity(signatures[other]!, one) >= least);
      if (match !== undefined) parent[root(index)] = root(match);
      if (list.length < 8 && match === undefined) list.push(index);
    }
  }
  const out = new Map<number, number[]>();
  signatures.forEach((one, index) => {
    if (one === undefined) return;
    const at = root(index);
    const list = out.get(at);
    if (list === undefined) out.set(at, [index]);
    else list.push(index);
  });
  return [...out.values()].filter(({ length }) => length > 1);
}

/** 53 bits of a text with its white space made even: the same for exact copies. */
export function fingerprint(text: string): number {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let gap = false;
  let begun = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code <= 32 || (code >= 0xa0 && (code === 0xa0 || code === 0xfeff || (code >= 0x2000 && code <= 0x200a) || code === 0x2028 || code === 0x2029 || code === 0x3000))) {
      gap = true;
      continue;
    }
    if (gap && begun) {
      a = Math.imul(a ^ 32, 0x01000193) ^ 0x7f;
      b = Math.imul(((b << 5) | (b >>> 27)) ^ 32, 0x85ebca6b);
    }
    gap = false;
    begun = true;
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(((b << 5) | (b >>> 27)) ^ code, 0x85ebca6b);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b);
  a = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 13), 0x27d4eb2f);
  return ((a ^ (a >>> 16)) >>> 0) * 0x20_0000 + ((b ^ (b >>> 16)) >>> 11);
}
