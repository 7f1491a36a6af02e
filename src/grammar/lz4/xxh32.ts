// SPDX-License-Identifier: Apache-2.0

const [prime1, prime2, prime3, prime4, prime5] = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1] as const;

/** XXH32 with seed 0 over bytes that come in parts: LZ4's checksum (xxhash specification, "XXH32 algorithm description"). */
export class Xxh32 {
  readonly #lanes = Int32Array.of(prime1 + prime2, prime2, 0, -prime1);
  readonly #held = Buffer.alloc(16);
  #heldLength = 0;
  #total = 0;

  update(bytes: Uint8Array): void {
    this.#total += bytes.length;
    let offset = 0;
    if (this.#heldLength > 0) {
      const step = Math.min(16 - this.#heldLength, bytes.length);
      this.#held.set(bytes.subarray(0, step), this.#heldLength);
      this.#heldLength += step;
      offset = step;
      if (this.#heldLength < 16) return;
      this.#stripes(this.#held, 0, 16);
      this.#heldLength = 0;
    }
    const whole = offset + ((bytes.length - offset) & ~15);
    this.#stripes(bytes, offset, whole);
    this.#held.set(bytes.subarray(whole));
    this.#heldLength = bytes.length - whole;
  }

  #stripes(bytes: Uint8Array, from: number, to: number): void {
    const lanes = this.#lanes;
    for (let i = from; i < to; i += 16) {
      for (let lane = 0; lane < 4; lane += 1) {
        const at = i + 4 * lane;
        const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
        lanes[lane] = Math.imul(rotate(lanes[lane]! + Math.imul(word, prime2), 13), prime1);
      }
    }
  }

  /** The sum, unsigned. */
  digest(): number {
    const [a, b, c, d] = this.#lanes;
    let sum = this.#total >= 16 ? rotate(a!, 1) + rotate(b!, 7) + rotate(c!, 12) + rotate(d!, 18) : prime5;
    sum = (sum + this.#total) | 0;
    let i = 0;
    for (; i + 4 <= this.#heldLength; i += 4) sum = Math.imul(rotate(sum + Math.imul(this.#held.readInt32LE(i), prime3), 17), prime4);
    for (; i < this.#heldLength; i += 1) sum = Math.imul(rotate(sum + Math.imul(this.#held[i]!, prime5), 11), prime1);
    sum = Math.imul(sum ^ (sum >>> 15), prime2);
    sum = Math.imul(sum ^ (sum >>> 13), prime3);
    return (sum ^ (sum >>> 16)) >>> 0;
  }
}

export function xxh32(bytes: Uint8Array): number {
  const sum = new Xxh32();
  sum.update(bytes);
  return sum.digest();
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
