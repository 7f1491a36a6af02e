// SPDX-License-Identifier: Apache-2.0
// Keeping much in little memory.

/** A text of its own: a part of a string keeps the whole of it in memory. */
export function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** Ids of rows, in the order in which they were added. Most are 'file#number', and cost twelve bytes. */
export class RowIds {
  readonly #files: string[] = [];
  #file = new Uint32Array(1024);
  #number = new Float64Array(1024);
  readonly #names = new Map<number, string>();
  #last = '';
  #count = 0;

  get size(): number {
    return this.#count;
  }

  add(id: string): number {
    const at = this.#count;
    if (at === this.#file.length) {
      this.#file = doubled(this.#file, Uint32Array);
      this.#number = doubled(this.#number, Float64Array);
    }
    this.#count += 1;
    const cut = id.lastIndexOf('#');
    const number = cut > 0 && id.length - cut <= 15 ? Number(id.slice(cut + 1)) : Number.NaN;
    if (!Number.isInteger(number) || number < 0 || String(number) !== id.slice(cut + 1)) {
      this.#names.set(at, detached(id));
      return at;
    }
    if (this.#last.length !== cut || !id.startsWith(this.#last)) {
      this.#last = detached(id.slice(0, cut));
      this.#files.push(this.#last);
    }
    this.#file[at] = this.#files.length - 1;
    this.#number[at] = number;
    return at;
  }

  get(at: number): string {
    return this.#names.get(at) ?? `${this.#files[this.#file[at]!]!}#${this.#number[at]!}`;
  }
}

function doubled<T extends Uint32Array | Float64Array>(array: T, of: new (length: number) => T): T {
  const out = new of(2 * array.length);
  out.set(array);
  return out;
}

/** Different texts by number from 1, few of them; 0 for none, and for those beyond 65,000. */
export class Numbered {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];

  of(text: string | undefined): number {
    if (text === undefined) return 0;
    const known = this.#numbers.get(text);
    if (known !== undefined || this.#texts.length >= 65_000) return known ?? 0;
    this.#texts.push(text);
    this.#numbers.set(text, this.#texts.length);
    return this.#texts.length;
  }

  get(number: number): string | undefined {
    return this.#texts[number - 1];
  }
}

/** Keys of 53 bits with a number from 1 in the order in which they came, and two small numbers: sixteen bytes each. */
export class Table {
  readonly #keys: Float64Array;
  readonly #values: Uint32Array;
  readonly #labels: Uint16Array;
  readonly #splits: Uint16Array;
  readonly #mask: number;
  readonly #most: number;
  #size = 0;

  constructor(most: number) {
    const bits = Math.max(10, Math.ceil(Math.log2(Math.max(1, most) * 1.5)));
    this.#mask = 2 ** bits - 1;
    this.#most = most;
    this.#keys = new Float64Array(2 ** bits);
    this.#values = new Uint32Array(2 ** bits);
    this.#labels = new Uint16Array(2 ** bits);
    this.#splits = new Uint16Array(2 ** bits);
  }

  /** Where a key is or belongs; -1 where it is not there and there is no more room. */
  place(key: number): number {
    let at = (key ^ Math.floor(key / 2 ** 21)) & this.#mask;
    while (this.#values[at] !== 0 && this.#keys[at] !== key) at = (at + 1) & this.#mask;
    return this.#values[at] === 0 && this.#size >= this.#most ? -1 : at;
  }

  /** Which key it was in order, from 1; 0 where nothing is. */
  valueAt(at: number): number {
    return this.#values[at]!;
  }

  labelAt(at: number): number {
    return this.#labels[at]!;
  }

  splitAt(at: number): number {
    return this.#splits[at]!;
  }

  set(at: number, key: number, label: number, split: number): void {
    this.#size += 1;
    this.#keys[at] = key;
    this.#values[at] = this.#size;
    this.#labels[at] = label;
    this.#splits[at] = split;
  }
}

/** Numbers of 32 bits with a place from 0 in the order in which they were added: about twelve bytes each. */
export class Places {
  #keys = new Uint32Array(1 << 12);
  /** Place + 1; 0 where nothing is. */
  #places = new Uint32Array(1 << 12);
  #size = 0;

  /** Where a number is; -1 where it was not added. */
  of(key: number): number {
    return this.#places[this.#slot(key)]! - 1;
  }

  /** Adds one that was not there. */
  add(key: number): void {
    if (2 * this.#size >= this.#keys.length) this.#grow();
    const at = this.#slot(key);
    this.#size += 1;
    this.#keys[at] = key;
    this.#places[at] = this.#size;
  }

  #slot(key: number): number {
    const mask = this.#keys.length - 1;
    let at = (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
    while (this.#places[at] !== 0 && this.#keys[at] !== key) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const [keys, places] = [this.#keys, this.#places];
    this.#keys = new Uint32Array(2 * keys.length);
    this.#places = new Uint32Array(2 * keys.length);
    for (const [at, place] of places.entries()) {
      if (place === 0) continue;
      const slot = this.#slot(keys[at]!);
      this.#keys[slot] = keys[at]!;
      this.#places[slot] = place;
    }
  }
}
