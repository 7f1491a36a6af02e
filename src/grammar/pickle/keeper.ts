// SPDX-License-Identifier: Apache-2.0
import { readBinaryLong, shownLong } from './lines.ts';
import { texts } from './opcodes.ts';
import { Damage } from './stack.ts';
import { Utf8 } from './utf8.ts';
import { BYTES, preview, STR, type Literal, type Value } from './values.ts';

const chunkSize = 65_536;

/** Copies the beginnings of literals: the block they lie in will be used again. */
export class Keeper {
  #chunk: Buffer = Buffer.alloc(0);
  #used = 0;
  /** All bits of the bytes copied last: above 127 where they are not ASCII. */
  bits = 0;

  keep(kind: 4 | 5, bytes: Uint8Array, pos: number, length: number, base: number): Literal {
    const kept = length < preview ? length : preview;
    if (this.#used + kept > this.#chunk.length) {
      this.#chunk = Buffer.allocUnsafe(this.#chunk.length < chunkSize ? 1024 + 8 * this.#chunk.length : chunkSize);
      this.#used = 0;
    }
    const begin = this.#used;
    const chunk = this.#chunk;
    let bits = 0;
    for (let i = 0; i < kept; i += 1) {
      const byte = bytes[pos + i]!;
      bits |= byte;
      chunk[begin + i] = byte;
    }
    this.bits = bits;
    this.#used = begin + kept;
    return { kind, begin, length, at: base + pos, chunk };
  }

  /** The value of an opcode whose argument has `length` bytes from `pos` on, as many as are looked at of them at hand. */
  literal(op: number, bytes: Uint8Array, pos: number, length: number, base: number): Value {
    if (op === 0x8a || op === 0x8b) return readBinaryLong(bytes.subarray(pos, pos + Math.min(length, shownLong)), length);
    const value = this.keep(texts.has(op) ? STR : BYTES, bytes, pos, length, base);
    return op === 0x96 ? { ...value, writable: true } : value;
  }
}

/** Bytes that are passed over: the rest of a literal, whose text must be text, or raw ones. */
export class Passing {
  /** How many are still to come. */
  left = 0;
  #check: Utf8 | undefined;
  #at = 0;

  begin(left: number): void {
    this.left = left;
  }

  /** Text, some of it at hand, `left` bytes still to come, of the opcode at `at`. */
  text(here: Uint8Array, left: number, at: number): void {
    const check = new Utf8();
    this.left = left;
    this.#at = at;
    if (!check.feed(here) || (left === 0 && !check.whole)) this.#refuse();
    this.#check = left > 0 ? check : undefined;
  }

  pass(bytes: Uint8Array, pos: number): number {
    const end = pos + Math.min(this.left, bytes.length - pos);
    this.left -= end - pos;
    if (this.#check !== undefined) {
      if (!this.#check.feed(bytes.subarray(pos, end)) || (this.left === 0 && !this.#check.whole)) this.#refuse();
      if (this.left === 0) this.#check = undefined;
    }
    return end;
  }

  #refuse(): never {
    throw new Damage('pickle/not-utf-8', `the text at ${this.#at} is not UTF-8`, this.#at);
  }
}
