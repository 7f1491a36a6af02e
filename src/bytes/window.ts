// SPDX-License-Identifier: Apache-2.0
import { Malformed } from './errors.ts';
import type { ByteSource } from './source.ts';

const windowSize = 256 * 1024;

/**
 * Walks through a source that is too long to hold: a window of it is in memory. Numbers are read at once where
 * `has()` is true; `load()` moves the window first. `end` bounds it, as a message or section does.
 */
export class ByteWindow {
  readonly source: ByteSource;
  readonly format: string;
  /** Next byte, counted from the source's beginning. */
  offset: number;
  end: number;
  littleEndian = true;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #base = 0;

  constructor(source: ByteSource, format: string, begin = 0, end = source.size) {
    this.source = source;
    this.format = format;
    this.offset = begin;
    this.end = end;
  }

  get left(): number {
    return this.end - this.offset;
  }

  /** Whether the next `length` bytes are in memory, and inside the end. */
  has(length: number): boolean {
    return this.offset >= this.#base && this.offset + length <= this.#base + this.#bytes.length && this.offset + length <= this.end;
  }

  /** Brings the next `length` bytes into memory; throws `Malformed` when that passes the end. */
  async load(length: number, what: string): Promise<void> {
    if (this.has(length)) return;
    if (!(length <= this.left)) {
      throw new Malformed(`${this.format}/truncated`, `${what} of ${length} bytes at ${this.offset} passes the end at ${this.end}`, this.offset);
    }
    this.#base = this.offset;
    this.#bytes = await this.source.read(this.offset, Math.min(Math.max(length, windowSize), this.source.size - this.offset));
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
  }

  /** Next byte; only after `has(1)` or `load(1)`. The readers below likewise. */
  u8(): number {
    return this.#view.getUint8(this.#step(1));
  }
  u32(): number {
    return this.#view.getUint32(this.#step(4), this.littleEndian);
  }
  u64(): bigint {
    return this.#view.getBigUint64(this.#step(8), this.littleEndian);
  }
  /** An unsigned 64-bit number as a plain one: exact to 2^53, and too large for any file beyond. */
  length64(): number {
    const at = this.#step(8);
    const [first, second] = [this.#view.getUint32(at, this.littleEndian), this.#view.getUint32(at + 4, this.littleEndian)];
    return this.littleEndian ? second * 2 ** 32 + first : first * 2 ** 32 + second;
  }
  /** Bytes that stay valid until the next `load()`. */
  take(length: number): Uint8Array {
    const at = this.#step(length);
    return this.#bytes.subarray(at, at + length);
  }
  /** The next bytes as a view, for the number types that have no reader here. */
  view(length: number): DataView {
    const at = this.#step(length);
    return new DataView(this.#view.buffer, this.#view.byteOffset + at, length);
  }

  /** Passes over bytes without reading them; throws `Malformed` past the end. */
  skip(length: number, what: string): void {
    if (!(length >= 0 && length <= this.left)) {
      throw new Malformed(`${this.format}/truncated`, `${what} of ${length} bytes at ${this.offset} passes the end at ${this.end}`, this.offset);
    }
    this.offset += length;
  }

  #step(length: number): number {
    const at = this.offset - this.#base;
    this.offset += length;
    return at;
  }
}
