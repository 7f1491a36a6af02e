// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';

/** More than a block can take: 900,000 symbols of 20 bits, 18,002 selectors, six tables. */
const longestBlock = 2_500_000;
const window = 8 << 20;

/** Bits of a source, most significant first. `load()` brings a block into memory; reading it is then synchronous. */
export class Bits {
  readonly #source: ByteSource;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Offset of #bytes in the source, and of the next byte in #bytes. */
  #base = 0;
  #next = 0;
  #held = 0;
  #count = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The byte in which the next bit lies. */
  get offset(): number {
    return this.#base + this.#next - (this.#count >> 3);
  }

  async load(): Promise<void> {
    const { size } = this.#source;
    const at = this.#base + this.#next;
    if (this.#bytes.length - this.#next >= longestBlock || at + (this.#bytes.length - this.#next) >= size) return;
    this.#bytes = await this.#source.read(at, Math.min(window, size - at));
    this.#base = at;
    this.#next = 0;
  }

  /** Up to 24 bits as a number. */
  read(bits: number): number {
    while (this.#count < bits) {
      const byte = this.#bytes[this.#next];
      if (byte === undefined) throw new Malformed('bzip2/truncated', `bzip2 stream passes the end at ${this.#base + this.#next}`, this.#base + this.#next);
      this.#next += 1;
      this.#held = ((this.#held << 8) | byte) >>> 0;
      this.#count += 8;
    }
    this.#count -= bits;
    const value = this.#held >>> this.#count;
    this.#held &= (1 << this.#count) - 1;
    return value;
  }

  /** Drops what is left of the present byte. */
  align(): void {
    this.read(this.#count & 7);
  }
}
