// SPDX-License-Identifier: Apache-2.0
import { isAscii, isUtf8 } from 'node:buffer';

/**
 * Whether text that comes in parts is UTF-8 as an unpickler takes it: surrogates pass, nothing else that is odd does
 * (`surrogatepass` in Modules/_pickle.c).
 */
export class Utf8 {
  /** Continuation bytes that are missing. */
  #missing = 0;
  /** Bounds of the next byte: the first continuation byte is restricted behind some leads. */
  #low = 0x80;
  #high = 0xbf;

  /** False once a byte does not fit. */
  feed(bytes: Uint8Array): boolean {
    if (this.#missing === 0 && (isAscii(bytes) || isUtf8(bytes))) return true;
    for (const byte of bytes) if (!this.#step(byte)) return false;
    return true;
  }

  /** Whether the text may end here. */
  get whole(): boolean {
    return this.#missing === 0;
  }

  #step(byte: number): boolean {
    if (this.#missing > 0) {
      if (byte < this.#low || byte > this.#high) return false;
      this.#missing -= 1;
      this.#low = 0x80;
      this.#high = 0xbf;
      return true;
    }
    if (byte < 0x80) return true;
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte === 0xe0) this.#low = 0xa0;
    else if (byte === 0xf0) this.#low = 0x90;
    else if (byte === 0xf4) this.#high = 0x8f;
    return true;
  }
}
