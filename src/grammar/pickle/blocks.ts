// SPDX-License-Identifier: Apache-2.0
import { reread } from './frames.ts';
import { Damage } from './stack.ts';
import type { Value } from './values.ts';

/** Something odd in the bytes, as a `malformed` fact has it. */
export interface Oddity {
  readonly code: string;
  readonly what: string;
  readonly at: number;
}

/** How reading one pickle ended: by STOP, or by what a loader would stop at. */
export type End = { readonly kind: 'stop'; readonly value: Value } | { readonly kind: 'damage'; readonly code: string; readonly what: string; readonly at: number };

/** Bytes behind the end that a reader from a file is followed into. */
const behind = 256;
/** Cut opcodes of one pickle that are read again. */
const mostRereads = 10_000;
const nothing = new Uint8Array(0);

/** The bytes of one pickle as they come, and a second reader of them where the C unpickler reads a file differently. */
export abstract class Blocks {
  /** Size of all there is: an argument that passes it is truncated, as a loader would find. */
  protected readonly size: number;
  /** Absolute offset of the next byte. */
  offset: number;
  end: End | undefined;
  /** The end of the first reading, while the second goes on. */
  protected ended: End | undefined;
  #endAt = 0;
  readonly oddities: Oddity[] = [];
  #rest: Uint8Array = nothing;
  /** The bytes at hand, and the absolute offset of the first. */
  #bytes: Uint8Array = nothing;
  #base = 0;
  /** What reads on as the C unpickler does from a file, once that differs from what it does with the bytes in memory. */
  #fromFile: Blocks | undefined;
  readonly #isFromFile: boolean;
  #rereads = 0;

  constructor(begin: number, size: number, isFromFile: boolean) {
    this.offset = begin;
    this.size = size;
    this.#isFromFile = isFromFile;
  }

  /** Runs the opcodes from `from` on; says where bytes are missing, or where the pickle ends. */
  protected abstract runFrom(bytes: Uint8Array, base: number, from: number): number;
  /** A reader in the same state that goes on elsewhere, as long as there are not too many. */
  protected abstract fork(from: number): Blocks | undefined;
  /** Offset of the present opcode. */
  protected abstract get at(): number;
  /** What would be cut off if the bytes ended here. */
  protected abstract get within(): 'literal' | 'line' | undefined;
  /** In words, a frame that passes the end. */
  protected abstract get beyond(): string | undefined;

  odd(code: string, what: string, at = this.at): void {
    if (this.oddities.length < 100 && !this.oddities.some((known) => known.code === code && known.what === what)) this.oddities.push({ code, what, at });
  }

  /** Reads on. */
  push(block: Uint8Array): void {
    if (this.end !== undefined) return;
    const held = this.#rest.length;
    const bytes = held === 0 && !this.#isFromFile ? block : Buffer.concat([this.#rest, block]);
    const base = this.offset - held;
    this.#bytes = bytes;
    this.#base = base;
    this.#rest = nothing;
    this.offset = base + bytes.length;
    if (this.ended !== undefined) {
      this.#over(block, base);
      return;
    }
    try {
      const pos = this.#run(bytes, base);
      if (this.ended !== undefined) this.#endAt = base + pos;
      else if (pos < bytes.length) this.#rest = new Uint8Array(bytes.subarray(pos)); // a copy, which Buffer.slice is not
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      this.#damaged(error);
      this.#endAt = error.at;
    }
    this.#bytes = nothing;
    this.#over(bytes, base);
  }

  /** Gives the other reader its bytes, a little of what is behind the end among them, and ends when both have ended. */
  #over(bytes: Uint8Array, base: number): void {
    const other = this.#fromFile;
    const last = this.ended === undefined ? Number.POSITIVE_INFINITY : this.#endAt + behind;
    if (other !== undefined) {
      const end = Math.min(bytes.length, last - base);
      if (other.offset - base < end) other.push(bytes.subarray(other.offset - base, end));
      if (other.end !== undefined || base + bytes.length >= last) this.#fromFile = undefined;
    }
    if (this.ended === undefined || this.#fromFile !== undefined) return;
    this.end = this.ended;
    this.offset = this.#endAt;
  }

  /** A frame's end at `to` cuts the present opcode at `from`: a reader from a file goes on there. */
  protected cutAt(begin: number, from: number, to: number): void {
    if (this.#isFromFile) throw Object.assign(reread, { begin, from, to });
    if (this.#fromFile !== undefined) return;
    const other = this.fork(to);
    if (other !== undefined) other.#rest = new Uint8Array(this.#bytes.subarray(begin - this.#base, from - this.#base));
    this.#fromFile = other;
  }

  /** There are no more bytes. */
  finish(): void {
    if (this.ended !== undefined) {
      this.end = this.ended;
      this.offset = this.#endAt;
      return;
    }
    const at = this.offset - this.#rest.length;
    const within = this.within !== undefined || this.#rest.length > 0;
    const what = within ? `an opcode's argument passes the end at ${this.offset}` : `there is no STOP before the end at ${this.offset}`;
    this.#damaged(new Damage(this.#rest.length > 0 || this.within === 'literal' ? 'pickle/truncated' : 'pickle/no-stop', what, at));
    this.end = this.ended;
  }

  #damaged(damage: Damage): void {
    const { code, message, at } = damage;
    const frame = code === 'pickle/expansion' ? undefined : this.beyond;
    this.ended = frame === undefined ? { kind: 'damage', code, what: message, at } : { kind: 'damage', code: 'pickle/truncated', what: `${frame}; ${message}`, at };
  }

  #run(bytes: Uint8Array, base: number): number {
    for (let from = 0; ; ) {
      try {
        return this.runFrom(bytes, base, from);
      } catch (error) {
        if (error !== reread) throw error;
        const { begin, from: cut, to } = reread;
        this.#rereads += 1;
        if (this.#rereads > mostRereads) throw new Damage('pickle/expansion', `more than ${mostRereads} frames end inside opcodes`, begin);
        const head = cut - begin;
        if (to > this.offset) { // the frame's end is still to come
          this.#rest = new Uint8Array(bytes.subarray(begin - base, cut - base));
          this.offset = to;
          return bytes.length;
        }
        from = to - head - base;
        bytes.copyWithin(from, begin - base, cut - base); // what is dropped makes room for the opcode's beginning
      }
    }
  }
}
