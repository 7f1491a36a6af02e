// SPDX-License-Identifier: Apache-2.0
import { LimitReached } from '../../bytes/errors.ts';

/** Dictionaries grow to this; real ones are 64 MiB at most (`xz -9`). */
const largest = 256 << 20;
/** A dictionary to begin with: holds a chunk of LZMA2 and what may be written at once. */
const smallest = 1 << 18;

/** Output: what matches can reach. A ring, which grows with what has been written. */
export class Dictionary {
  readonly #size: number;
  #bytes: Uint8Array;
  #next = 0;
  /** Bytes since the last reset, for checking distances. */
  filled = 0;
  /** Bytes that were written and not drained yet. */
  waiting = 0;

  constructor(size: number) {
    this.#size = Math.max(4096, size);
    this.#bytes = new Uint8Array(smallest);
  }

  reset(): void {
    this.filled = 0;
  }

  /** How much may be written before the next drain. Grows the ring where that would overwrite what matches can reach; nothing is waiting then. */
  room(): number {
    while (this.filled + (this.#bytes.length >> 1) > this.#bytes.length && this.#bytes.length < this.#size) this.#grow();
    return this.#bytes.length >> 1;
  }

  #grow(): void {
    if (this.#bytes.length >= largest) throw new LimitReached('memory', `an LZMA dictionary of ${this.#size} bytes, allowed ${largest}`);
    const larger = new Uint8Array(Math.min(2 * this.#bytes.length, this.#size, largest));
    const old = this.#bytes;
    larger.set(old.subarray(this.#next));
    larger.set(old.subarray(0, this.#next), old.length - this.#next);
    this.#next = old.length;
    this.#bytes = larger;
  }

  put(byte: number): void {
    this.#bytes[this.#next] = byte;
    this.#next += 1;
    if (this.#next === this.#bytes.length) this.#next = 0;
    this.filled += 1;
    this.waiting += 1;
  }

  at(distance: number): number {
    const index = this.#next - distance;
    return this.#bytes[index < 0 ? index + this.#bytes.length : index]!;
  }

  copy(distance: number, length: number): void {
    const bytes = this.#bytes;
    let from = this.#next - distance;
    if (from < 0) from += bytes.length;
    let to = this.#next;
    for (let i = 0; i < length; i += 1) {
      bytes[to] = bytes[from]!;
      from += 1;
      if (from === bytes.length) from = 0;
      to += 1;
      if (to === bytes.length) to = 0;
    }
    this.#next = to;
    this.filled += length;
    this.waiting += length;
  }

  /** How far back a match may reach. */
  get reach(): number {
    return Math.min(this.filled, this.#size, this.#bytes.length);
  }

  /** What was written since the last time, as copies. */
  *drain(): Generator<Uint8Array> {
    let begin = this.#next - this.waiting;
    if (begin < 0) {
      begin += this.#bytes.length;
      yield this.#bytes.slice(begin);
      begin = 0;
    }
    if (begin < this.#next) yield this.#bytes.slice(begin, this.#next);
    this.waiting = 0;
  }
}
