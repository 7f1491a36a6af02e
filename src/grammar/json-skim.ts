// SPDX-License-Identifier: Apache-2.0
// A look over large JSON without making values of it: several times as fast as parsing, for data that only has to be
// whole, without repeated keys, and without keys that mean something.
import { isUtf8 } from 'node:buffer';

const deepest = 64;
const mostKeys = 4096;
const slots = 2 * mostKeys;
/** Object in which a key was last seen, by depth and key: used again by every call. */
const seenIn = new Int32Array(deepest * mostKeys);
const keyOf = new Int32Array(slots);
const [quote, backslash] = [0x22, 0x5c];

/**
 * True when `bytes` are one JSON text by RFC 8259 in which no object has a key twice and no key is among `telling`. False
 * when that is not so or cannot be said this way: then `parseJson` says what is.
 */
export function isPlainJson(bytes: Buffer, telling: ReadonlySet<string>): boolean {
  return new Skim(bytes, telling).run();
}

class Skim {
  readonly #bytes: Buffer;
  readonly #telling: ReadonlySet<string>;
  /** First place and length of each different key. */
  readonly #places: number[] = [];
  readonly #lengths: number[] = [];
  #objects = 0;
  #ascii = true;
  #at = 0;

  constructor(bytes: Buffer, telling: ReadonlySet<string>) {
    this.#bytes = bytes;
    this.#telling = telling;
    keyOf.fill(-1);
    seenIn.fill(0);
  }

  run(): boolean {
    if (this.#bytes.length >= 2 ** 31) return false;
    this.#space();
    if (!this.#nested()) return false;
    this.#space();
    return this.#at === this.#bytes.length && (this.#ascii || isUtf8(this.#bytes));
  }

  /** A value with all that is in it; the ones that are open are kept by number, not by recursion. */
  #nested(): boolean {
    const bytes = this.#bytes;
    const open = new Int32Array(deepest); // 0 for an array, else the object's number
    let depth = -1;
    for (;;) {
      // a value begins here
      const byte = bytes[this.#at];
      if (byte === 0x7b || byte === 0x5b) {
        depth += 1;
        if (depth === deepest) return false;
        open[depth] = byte === 0x5b ? 0 : ++this.#objects;
        this.#at += 1;
        this.#space();
        if (bytes[this.#at] === (byte === 0x5b ? 0x5d : 0x7d)) {
          this.#at += 1;
          depth -= 1;
        } else {
          if (byte === 0x7b && !this.#member(depth, open[depth]!)) return false;
          continue;
        }
      } else if (!this.#scalar(byte)) return false;
      // a value has ended here
      for (;;) {
        if (depth < 0) return true;
        this.#space();
        const next = bytes[this.#at++];
        if (next === 0x2c) {
          this.#space();
          if (open[depth] !== 0 && !this.#member(depth, open[depth]!)) return false;
          break;
        }
        if (next !== (open[depth] === 0 ? 0x5d : 0x7d)) return false;
        depth -= 1;
      }
    }
  }

  /** A key and its colon, up to the value. */
  #member(depth: number, object: number): boolean {
    const bytes = this.#bytes;
    if (bytes[this.#at] !== quote) return false;
    const begin = this.#at + 1;
    let hash = 0;
    let at = begin;
    for (;; at += 1) {
      const byte = bytes[at];
      if (byte === quote) break;
      if (byte === undefined || byte === backslash || byte < 0x20) return false; // an escaped key could be any
      if (byte > 0x7f) this.#ascii = false;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const key = this.#keyAt(begin, at - begin, hash);
    if (key < 0 || seenIn[depth * mostKeys + key] === object) return false;
    seenIn[depth * mostKeys + key] = object;
    this.#at = at + 1;
    this.#space();
    if (bytes[this.#at] !== 0x3a) return false;
    this.#at += 1;
    this.#space();
    return true;
  }

  /** Number of the key; -1 for one that means something, or when there are too many. */
  #keyAt(begin: number, length: number, hash: number): number {
    const bytes = this.#bytes;
    for (let slot = hash & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
      const known = keyOf[slot]!;
      if (known < 0) {
        if (this.#places.length === mostKeys || this.#telling.has(bytes.toString('latin1', begin, begin + length))) return -1;
        keyOf[slot] = this.#places.length;
        this.#places.push(begin);
        this.#lengths.push(length);
        return this.#places.length - 1;
      }
      if (this.#lengths[known] !== length) continue;
      const place = this.#places[known]!;
      let same = 0;
      while (same < length && bytes[place + same] === bytes[begin + same]) same += 1;
      if (same === length) return known;
    }
  }

  #scalar(byte: number | undefined): boolean {
    if (byte === quote) return this.#string();
    if (byte === 0x74) return this.#word('true');
    if (byte === 0x66) return this.#word('false');
    if (byte === 0x6e) return this.#word('null');
    return this.#number();
  }

  #string(): boolean {
    const bytes = this.#bytes;
    for (let at = this.#at + 1; ; at += 1) {
      const byte = bytes[at];
      if (byte === quote) {
        this.#at = at + 1;
        return true;
      }
      if (byte === undefined || byte < 0x20) return false;
      if (byte > 0x7f) this.#ascii = false;
      else if (byte === backslash) {
        at += 1;
        const letter = bytes[at];
        if (letter === 0x75) {
          for (let digit = 1; digit <= 4; digit += 1) if (!isHex(bytes[at + digit])) return false;
          at += 4;
        } else if (letter === undefined || !'"\\/bfnrt'.includes(String.fromCharCode(letter))) return false;
      }
    }
  }

  #word(word: string): boolean {
    for (let i = 1; i < word.length; i += 1) if (this.#bytes[this.#at + i] !== word.charCodeAt(i)) return false;
    this.#at += word.length;
    return true;
  }

  #number(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    if (bytes[at] === 0x2d) at += 1;
    const first = at;
    while (isDigit(bytes[at])) at += 1;
    if (at === first || (bytes[first] === 0x30 && at > first + 1)) return false;
    if (bytes[at] === 0x2e) {
      const fraction = ++at;
      while (isDigit(bytes[at])) at += 1;
      if (at === fraction) return false;
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at += 1;
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at += 1;
      const exponent = at;
      while (isDigit(bytes[at])) at += 1;
      if (at === exponent) return false;
    }
    this.#at = at;
    return true;
  }

  #space(): void {
    const bytes = this.#bytes;
    for (let byte = bytes[this.#at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[this.#at]) this.#at += 1;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHex(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66));
}
