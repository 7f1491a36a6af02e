// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../bytes/as-buffer.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { oddFields } from './fields.ts';

const blockSize = 1 << 20;
/** Odd extra fields of local headers that are told apart; the others count as parts of the archive. */
const oddMost = 64;

/** Reads a few KiB around what is asked, so that small members cost no read of their own. */
export class Window {
  readonly source: ByteSource;
  /** Odd extra fields of local headers, the first ones. */
  readonly odd: (readonly [number, number])[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  #begin = 0;
  #block: Buffer = Buffer.alloc(0);
  #blockBegin = 0;

  constructor(source: ByteSource) {
    this.source = source;
  }

  async at(offset: number, length: number): Promise<Uint8Array | undefined> {
    if (!(offset >= 0 && offset + length <= this.source.size)) return undefined;
    if (offset < this.#begin || offset + length > this.#begin + this.#bytes.length) {
      this.#bytes = await this.source.read(offset, Math.min(Math.max(length, 16_384), this.source.size - offset));
      this.#begin = offset;
    }
    return this.#bytes.subarray(offset - this.#begin, offset - this.#begin + length);
  }

  /**
   * Where a signature of four bytes is next, wholly before `to`. Keeps its last block: going on from a find costs no
   * read, or else a file of nothing but signatures would be read once for each of them.
   */
  async next(signature: string, from: number, to: number): Promise<number | undefined> {
    for (let at = from; at + 4 <= to; ) {
      if (at < this.#blockBegin || at + 4 > this.#blockBegin + this.#block.length) {
        const bytes = await this.source.read(at, Math.min(blockSize, to - at));
        this.#block = asBuffer(bytes);
        this.#blockBegin = at;
      }
      const found = this.#block.indexOf(signature, at - this.#blockBegin, 'latin1');
      if (found >= 0) return this.#blockBegin + found + 4 <= to ? this.#blockBegin + found : undefined;
      at = this.#blockBegin + this.#block.length - 3;
    }
    return undefined;
  }

  /** Notes odd fields behind a name, both in `rest`, which lies at `at`. */
  noteOdd(rest: Uint8Array, nameLength: number, at: number): void {
    if (this.odd.length >= oddMost) return;
    for (const [begin, end] of oddFields(rest.subarray(nameLength))) this.odd.push([at + nameLength + begin, at + nameLength + end]);
  }
}
