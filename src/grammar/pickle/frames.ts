// SPDX-License-Identifier: Apache-2.0
import { Damage } from './stack.ts';

/** From a file, the bytes of the opcode at `begin` from `from` on are dropped up to the frame's end `to`, and read from there. */
class Reread extends Error {
  begin = 0;
  from = 0;
  to = 0;
}
/** What is thrown for it: one for all, since collecting a stack each time takes longer than reading a frame. */
export const reread = new Reread('read again behind the frame');

/**
 * FRAME: how many bytes a loader reads ahead. `pickle.loads` only makes sure that they are there. Reading from a file, the
 * C unpickler drops what is left of a frame when an opcode passes its end; the Python one stops there, and at a frame that
 * begins inside another. Only the C one minds a frame that passes the end of the file.
 */
export class Frames {
  /** Where the present frame ends; infinite when there is none. */
  end = Number.POSITIVE_INFINITY;
  readonly #size: number;
  readonly #odd: (what: string, at: number) => void;
  /** A frame that passes the end of all there is. */
  #beyond: { readonly at: number; readonly what: string } | undefined;

  constructor(size: number, odd: (what: string, at: number) => void) {
    this.#size = size;
    this.#odd = odd;
  }

  /** FRAME. Returns where a reader from a file goes on when it drops the rest of the frame before. */
  begin(length: number, at: number): number | undefined {
    const from = at + 9;
    if (length >= 2 ** 63) throw new Damage('pickle/truncated', `a frame of ${length} bytes at ${at} is longer than any reader takes`, at);
    if (this.holds(from)) {
      const { end } = this;
      this.#odd(`a frame begins at ${at}, inside another one that ends at ${end}`, at);
      if (from + length <= end) return undefined; // its bytes are at hand, so that the outer one stays
      this.end = end + length;
      return end;
    }
    if (from + length > this.#size) this.#beyond ??= { at, what: `a frame of ${length} bytes at ${at} passes the end at ${this.#size}` };
    this.end = from + length;
    return undefined;
  }

  /**
   * An opcode begins and ends here. Readers take its byte, a length or first line up to `middle`, and the rest one by one:
   * a frame that ends between two of them cuts nothing in two. Returns where the one begins that is cut.
   */
  pass(begin: number, end: number, middle = begin + 1): number | undefined {
    if (end <= this.end) return undefined;
    const cut = this.end !== begin && this.end !== begin + 1 && this.end !== middle;
    if (cut) this.#odd(`a frame ends at ${this.end}, inside an opcode: readers go on at different bytes, or stop`, this.end);
    const from = this.end < middle ? begin + 1 : middle;
    this.end = Number.POSITIVE_INFINITY;
    return cut ? from : undefined;
  }

  /** Whether a byte lies in the present frame. */
  holds(at: number): boolean {
    return this.end !== Number.POSITIVE_INFINITY && at < this.end;
  }

  /** The pickle ends with STOP, behind which reading goes on at `at`. */
  stop(at: number): void {
    if (this.#beyond !== undefined) this.#odd(`${this.#beyond.what}: the C unpickler stops there, the Python one reads on`, this.#beyond.at);
    else if (this.holds(at)) this.#odd(`a frame ends at ${this.end}, behind STOP at ${at - 1}: readers go on at different bytes`, at - 1);
  }

  /** In words, a frame at which the C unpickler stops although there are bytes in it to be run. */
  get beyond(): string | undefined {
    return this.#beyond?.what;
  }
}
