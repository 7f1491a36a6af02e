// SPDX-License-Identifier: Apache-2.0
import { Malformed } from './errors.ts';

/** Reads numbers and runs of bytes one after the other from bytes in memory; throws `Malformed` instead of passing their end. */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #format: string;
  /** Where `bytes` begins in the artefact: only for messages. */
  readonly base: number;
  offset: number;

  constructor(bytes: Uint8Array, format: string, base = 0, offset = 0) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#format = format;
    this.base = base;
    this.offset = offset;
  }

  get left(): number {
    return this.bytes.length - this.offset;
  }

  /** Moves on by `length` and returns where that began. `what` names the thing for the message. */
  #take(length: number, what: string): number {
    const begin = this.offset;
    if (!(length >= 0 && begin + length <= this.bytes.length)) {
      throw new Malformed(`${this.#format}/truncated`, `${what} of ${length} bytes at ${this.base + begin} passes the end at ${this.base + this.bytes.length}`, this.base + begin);
    }
    this.offset = begin + length;
    return begin;
  }

  u8(what: string): number {
    return this.#view.getUint8(this.#take(1, what));
  }
  u16(what: string): number {
    return this.#view.getUint16(this.#take(2, what), true);
  }
  u32(what: string): number {
    return this.#view.getUint32(this.#take(4, what), true);
  }
  i32(what: string): number {
    return this.#view.getInt32(this.#take(4, what), true);
  }
  u64(what: string): bigint {
    return this.#view.getBigUint64(this.#take(8, what), true);
  }
  i64(what: string): bigint {
    return this.#view.getBigInt64(this.#take(8, what), true);
  }
  f32(what: string): number {
    return this.#view.getFloat32(this.#take(4, what), true);
  }
  f64(what: string): number {
    return this.#view.getFloat64(this.#take(8, what), true);
  }
  take(length: number, what: string): Uint8Array {
    const begin = this.#take(length, what);
    return this.bytes.subarray(begin, begin + length);
  }
}

/** A 64-bit number as a plain one, or undefined where it would lose digits. */
export function exact(value: bigint): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}
