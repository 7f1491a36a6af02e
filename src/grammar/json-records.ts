// SPDX-License-Identifier: Apache-2.0
// The elements of one long JSON array, one after the other, without holding the array: [{…}, {…}] or {"data": [{…}, …]}.
import { asBuffer } from '../bytes/as-buffer.ts';
import type { ByteSource } from '../bytes/source.ts';

/** An element of the array as its bytes stand there, white space around it left out. */
export interface Element {
  readonly bytes: Buffer;
  /** Offset of its first byte. */
  readonly at: number;
  /** Longer than `longest`: only the beginning is here. */
  readonly cut: boolean;
}

/** Keys of an object that hold its rows. */
const rowsKeys: ReadonlySet<string> = new Set(['data', 'rows', 'records', 'examples', 'samples', 'items', 'instances', 'dataset', 'train', 'questions', 'documents']);

/** Where the rows of a document are: '' for a top-level array, a key of the top-level object, or undefined when the beginning shows none. */
export function rowsKey(head: Uint8Array): string | undefined {
  const text = asBuffer(head).toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '');
  if (/^\s{0,1000}\[\s{0,1000}\{/.test(text)) return '';
  if (!/^\s{0,1000}\{/.test(text)) return undefined;
  for (const [, key] of text.matchAll(/"([a-z]{4,9})"\s{0,100}:\s{0,100}\[\s{0,1000}\{/g)) if (rowsKeys.has(key!)) return key;
  return undefined;
}

/**
 * Elements of the array at `key` ('' for the document itself). Ends where the array does, or where the text is no JSON any more
 * as far as brackets and strings go: what an element holds is for the caller to parse.
 */
export async function* elements(source: ByteSource, key: string, longest: number): AsyncGenerator<Element> {
  const walk = new Walk(key, longest);
  for await (const block of source.sweep()) {
    yield* walk.push(block);
    if (walk.ended) return;
  }
}

const [quote, backslash] = [0x22, 0x5c];

/** A push parser over blocks: only brackets, strings and commas matter. */
class Walk {
  ended = false;
  readonly #key: string;
  readonly #longest: number;
  /** Depth at which elements lie: 1 for a top-level array, 2 for one in an object. */
  readonly #level: number;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The wanted array is open. */
  #inside = false;
  /** The last string at depth 1, by which the array is found. */
  #name = '';
  #naming = false;
  #base = 0;
  /** Beginning of the element at hand, and its bytes in earlier blocks. */
  #begin = -1;
  #held: Buffer[] = [];
  #length = 0;
  #cut = false;

  constructor(key: string, longest: number) {
    this.#key = key;
    this.#longest = longest;
    this.#level = key === '' ? 1 : 2;
  }

  *push(block: Uint8Array): Generator<Element> {
    let from = 0; // of the element at hand in this block
    for (let i = 0; i < block.length; i += 1) {
      const byte = block[i]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) this.#inString = this.#naming = false;
        else if (this.#naming && this.#name.length < 64) this.#name += String.fromCharCode(byte);
        continue;
      }
      if (byte === quote) {
        this.#inString = true;
        this.#naming = this.#depth === 1 && !this.#inside;
        if (this.#naming) this.#name = '';
        else if (this.#begin === -1 && this.#atLevel()) [from, this.#begin] = [i, this.#base + i];
      } else if (byte === 0x5b || byte === 0x7b) {
        if (this.#begin === -1 && this.#atLevel()) [from, this.#begin] = [i, this.#base + i];
        if (byte === 0x5b && !this.#inside && this.#depth === this.#level - 1 && (this.#level === 1 || this.#name === this.#key)) this.#inside = true;
        this.#depth += 1;
      } else if (byte === 0x5d || byte === 0x7d) {
        this.#depth -= 1;
        if (this.#inside && this.#depth === this.#level - 1) {
          if (this.#begin !== -1) yield this.#take(block, from, i);
          this.ended = true;
          return;
        }
      } else if (byte === 0x2c) {
        if (this.#begin !== -1 && this.#atLevel()) yield this.#take(block, from, i);
      } else if (this.#begin === -1 && byte > 0x20 && this.#atLevel()) [from, this.#begin] = [i, this.#base + i];
    }
    if (this.#begin !== -1) this.#hold(block.subarray(from));
    this.#base += block.length;
  }

  #atLevel(): boolean {
    return this.#inside && this.#depth === this.#level;
  }

  #hold(part: Uint8Array): void {
    if (this.#length < this.#longest) this.#held.push(Buffer.from(part.subarray(0, this.#longest - this.#length))); // a copy: the block is used again
    this.#length += part.length;
    if (this.#length > this.#longest) this.#cut = true;
  }

  #take(block: Uint8Array, from: number, to: number): Element {
    this.#hold(block.subarray(this.#held.length > 0 || this.#length > 0 ? 0 : from, to));
    const bytes = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held);
    const element = { bytes, at: this.#begin, cut: this.#cut };
    [this.#begin, this.#held, this.#length, this.#cut] = [-1, [], 0, false];
    return element;
  }
}
