// SPDX-License-Identifier: Apache-2.0
// Vectors: signs of projections that tell how far two point apart, and which ones are near to how many others.
import type { Random } from '../../sketch/random.ts';

/** Two words of 32 signs, each of a projection on a direction of ±1 (Charikar 2002): the share that differs is the angle over π. */
export function simhash(vector: Float64Array): readonly [number, number] {
  const out: [number, number] = [0, 0];
  const sums = new Float64Array(64);
  let state = 0x2545f491;
  for (const one of vector) {
    for (let word = 0; word < 2; word += 1) {
      // Xorshift: the same directions for all vectors.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      for (let bit = 0; bit < 32; bit += 1) sums[32 * word + bit]! += (state >>> bit) & 1 ? one : -one;
    }
  }
  for (const [at, sum] of sums.entries()) if (sum > 0) out[at < 32 ? 0 : 1] |= 1 << (at % 32);
  return out;
}

export function median(values: readonly number[]): number {
  return Float64Array.from(values).toSorted()[Math.floor(values.length / 2)] ?? 0;
}

/** Neighbours that are counted of each vector. */
const nearest = 10;
/** Vectors that are compared with each other at most. */
const mostCompared = 2500;

export interface Hubs {
  readonly found: readonly { readonly at: number; readonly times: number }[];
  /** The largest count, the largest of those that are not found, and the vectors compared. */
  readonly most: number;
  readonly next: number;
  readonly of: number;
}

/** An even sample of vectors, as many as fit, and how often each is among the nearest of another. */
export class Neighbours {
  readonly #most: number;
  readonly #random: Random;
  readonly #vectors: Float32Array[] = [];
  readonly #places: number[] = [];
  #seen = 0;

  /** `numbers`: how many may be held in all. */
  constructor(numbers: number, random: Random) {
    this.#most = numbers;
    this.#random = random;
  }

  add(vector: Float64Array, at: number): void {
    const width = this.#vectors[0]?.length ?? vector.length;
    if (vector.length !== width) return;
    this.#seen += 1;
    const room = Math.min(mostCompared, Math.floor(this.#most / width));
    let place = this.#vectors.length;
    if (place >= room) {
      place = this.#random.below(this.#seen);
      if (place >= room) return;
    }
    this.#vectors[place] = Float32Array.from(vector);
    this.#places[place] = at;
  }

  /** Vectors near to many more of the others than is usual, by inner product: natural ones are near to some, the more the more dimensions there are. */
  hubs(tick: () => void): Hubs {
    const n = this.#vectors.length;
    const times = new Uint32Array(n);
    const near = new Float64Array(nearest);
    const who = new Int32Array(nearest);
    for (let a = 0; a < n; a += 1) {
      if (a % 32 === 0) tick();
      near.fill(-Infinity);
      for (let b = 0; b < n; b += 1) {
        if (a === b) continue;
        const [one, two] = [this.#vectors[a]!, this.#vectors[b]!];
        let sum = 0;
        for (let i = 0; i < one.length; i += 1) sum += one[i]! * two[i]!;
        if (sum <= near[nearest - 1]!) continue;
        let at = nearest - 1;
        while (at > 0 && near[at - 1]! < sum) {
          near[at] = near[at - 1]!;
          who[at] = who[at - 1]!;
          at -= 1;
        }
        near[at] = sum;
        who[at] = b;
      }
      for (let at = 0; at < nearest; at += 1) if (near[at]! > -Infinity) times[who[at]!]! += 1;
    }
    const order = [...times.keys()].toSorted((a, b) => times[b]! - times[a]!);
    const counts = order.map((at) => times[at]!);
    // Few stand out, and far: against the next one below, and against all.
    let found = 0;
    for (let at = 1; at <= Math.min(20, Math.floor(n / 50)); at += 1) if (counts[at - 1]! >= 0.2 * n && counts[at - 1]! >= 3 * (counts[at] ?? 0)) found = at;
    return { found: order.slice(0, found).map((at) => ({ at: this.#places[at]!, times: times[at]! })), most: counts[0] ?? 0, next: counts[found] ?? 0, of: n };
  }
}
