// SPDX-License-Identifier: Apache-2.0
import { Cursor } from '../../bytes/cursor.ts';
import type { ByteSource } from '../../bytes/source.ts';

/**
 * Looks at places that mostly come in ascending order without a read for each: small archives in large pieces, headers
 * that lie far apart in small ones.
 */
export class Window {
  readonly #source: ByteSource;
  #begin = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** A cursor at `at` over at least `length` bytes, or as many as there are; undefined outside the source. */
  async cursor(at: number, length: number, ahead: number): Promise<Cursor | undefined> {
    if (!(at >= 0 && at < this.#source.size)) return undefined;
    const wanted = Math.min(length, this.#source.size - at);
    if (at < this.#begin || at + wanted > this.#begin + this.#bytes.length) {
      this.#bytes = await this.#source.read(at, Math.min(Math.max(wanted, ahead), this.#source.size - at));
      this.#begin = at;
    }
    return new Cursor(this.#bytes, 'zip', this.#begin, at - this.#begin);
  }
}
