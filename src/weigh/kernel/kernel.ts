// SPDX-License-Identifier: Apache-2.0
import { at, blockBytes, packedBytes, pages, routines } from './routines.ts';
import { moduleOf } from './wasm.ts';

export { blockBytes };

/** The part of the WebAssembly interface that is used; Node's types leave it to those of browsers. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { readonly Module: new (bytes: Uint8Array) => object; readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> } };
};

type Run = (...values: readonly number[]) => void;
type Names = 'plain' | 'bfloat' | 'half' | 'count32' | 'count16' | 'gather' | 'rows' | 'pack';

/** What the kernel says of a run of numbers: a multiple of four of them. */
export interface Measured {
  readonly sum: number;
  readonly squares: number;
  readonly least: number;
  readonly greatest: number;
  readonly zeros: number;
  /** Whether there is neither NaN nor infinity among them, which would be in the sums. */
  readonly finite: boolean;
}

/** Sums of squares and hashes of rows. */
export interface RowSums {
  readonly squares: Float64Array;
  /** Of 53 bits: rows with equal hashes are taken as equal. */
  readonly hashes: Float64Array;
}

/** Float formats that the kernel knows: mantissa bits below the seven highest, and exponent bits. */
const formats = { F32: { bytes: 4, shift: 16, exponents: 256 }, BF16: { bytes: 2, shift: 0, exponents: 256 }, F16: { bytes: 2, shift: 3, exponents: 32 } } as const;
export type Format = keyof typeof formats;

/** The compiled inner loops with their memory, which holds one block of numbers at a time. Compiled once for each process. */
export class Kernel {
  readonly #run: Readonly<Record<Names, Run>>;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #halves: Uint16Array;
  readonly #floats: Float32Array;
  readonly #doubles: Float64Array;
  #format: Format = 'F32';
  #length = 0;
  /** Exponents counted since the last `forget`: the first but 0, and the last. */
  #range: [number, number] = [Infinity, 0];
  /** Whether f16 may still stand as numbers that are none. */
  #widened = false;

  constructor() {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleOf(pages, routines)));
    const { buffer } = exports['memory'] as { readonly buffer: ArrayBuffer };
    this.#run = exports as unknown as Record<Names, Run>;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#halves = new Uint16Array(buffer);
    this.#floats = new Float32Array(buffer);
    this.#doubles = new Float64Array(buffer);
    for (let left = 0; left < 4; left += 1) for (let lane = 0; lane < 4; lane += 1) this.#words[at.masks / 4 + 4 * left + lane] = left === 0 || lane < left ? 0xffffffff : 0;
  }

  /** Where the next block lies: what is put there need not be copied by `take`. */
  room(length: number): Uint8Array {
    return this.#bytes.subarray(at.block, at.block + Math.min(length, blockBytes));
  }

  /** Takes a block of at most `blockBytes`; 16-bit numbers are widened too. */
  take(block: Uint8Array, format: Format): void {
    const { bytes } = formats[format];
    if (block.buffer !== this.#bytes.buffer) this.#bytes.set(block, at.block);
    this.#format = format;
    this.#length = Math.floor(block.length / bytes);
    if (format === 'F32') return;
    const end = at.block + ((block.length + 15) & ~15); // what lies behind the last number is widened and not looked at
    if (block.length > 0) this.#run[format === 'F16' ? 'half' : 'bfloat'](at.block, end, at.wide);
    this.#widened = format === 'F16';
  }

  /** f16 with exponent 31 are NaN and infinities; widened they are numbers from 65,536 on, which f16 has none of. */
  #restoreSpecials(): void {
    this.#widened = false;
    for (let i = 0; i < this.#length; i += 1) {
      const word = this.#halves[at.block / 2 + i]!;
      if ((word & 0x7c00) === 0x7c00) this.#words[at.wide / 4 + i] = ((word & 0x8000) << 16) | 0x7f800000 | ((word & 0x3ff) << 13);
    }
  }

  /** The numbers of the block, as f32. Good until the next `take`. */
  get numbers(): Float32Array {
    if (this.#widened) this.#restoreSpecials();
    const begin = (this.#format === 'F32' ? at.block : at.wide) / 4;
    return this.#floats.subarray(begin, begin + this.#length);
  }

  /** The words of the block as they lie in the file. Good until the next `take`. */
  get words(): Uint32Array | Uint16Array {
    return this.#format === 'F32' ? this.#words.subarray(at.block / 4, at.block / 4 + this.#length) : this.#halves.subarray(at.block / 2, at.block / 2 + this.#length);
  }

  /** Moments and extremes of numbers `from` to `to`, of which there are a multiple of four, and at least four. */
  measure(from: number, to: number): Measured {
    const begin = this.#format === 'F32' ? at.block : at.wide;
    this.#run.plain(begin + 4 * from, begin + 4 * to);
    const [d, f] = [this.#doubles, this.#floats];
    if (this.#widened && this.#largest() >= 0x47800000) {
      this.#restoreSpecials();
      this.#run.plain(begin + 4 * from, begin + 4 * to);
    }
    return {
      sum: d[at.sums / 8]! + d[at.sums / 8 + 1]!, squares: d[at.squares / 8]! + d[at.squares / 8 + 1]!,
      least: Math.min(...f.subarray(at.least / 4, at.least / 4 + 4)), greatest: Math.max(...f.subarray(at.greatest / 4, at.greatest / 4 + 4)),
      zeros: this.#lanes(at.zeros), finite: this.#largest() < 0x7f800000,
    };
  }

  /**
   * Counts the words `from` to `to` of the block, a multiple of four, into `exponents`, `mantissas` (of normal numbers) and, for F32, `low`
   * (lowest bytes), which are good until the next call, and into `whole`. They must lie within what was measured last: only exponents
   * that occurred there are gathered.
   */
  count(from: number, to: number): { readonly exponents: Uint32Array; readonly mantissas: Uint32Array; readonly low: Uint32Array } {
    const { bytes, shift, exponents: all } = formats[this.#format];
    this.#words.fill(0, at.low / 4, at.low / 4 + 256);
    this.#words.fill(0, at.exponents / 4, at.mantissas / 4 + 128);
    const [begin, end] = [at.block + bytes * from, at.block + bytes * to];
    if (bytes === 4) this.#run.count32(begin, end);
    else this.#run.count16(begin, end, shift);
    const [first, last] = this.#occurring(all);
    this.#range = [Math.min(this.#range[0], first), Math.max(this.#range[1], last)];
    for (let e = 0; e <= last; e += e === 0 ? first : 1) {
      const here = at.window + e * 512;
      // zeros and denormals, NaN and infinities have a mantissa that follows no law
      const mantissa = e === 0 || e === all - 1 ? at.mantissas + 512 : at.mantissas;
      this.#run.gather(here, here + 512, all * 512, mantissa, at.sums);
      this.#words[at.exponents / 4 + e] = this.#lanes(at.sums);
    }
    return {
      exponents: this.#words.subarray(at.exponents / 4, at.exponents / 4 + all), mantissas: this.#words.subarray(at.mantissas / 4, at.mantissas / 4 + 128),
      low: this.#words.subarray(at.low / 4, at.low / 4 + 256),
    };
  }

  /** First exponent but 0, and last, that can have been counted. */
  #occurring(all: number): [number, number] {
    if (this.#format === 'F16') return [1, all - 1];
    const w = this.#words.subarray(at.smallest / 4, at.smallest / 4 + 4);
    const smallest = Math.min(w[0]!, w[1]!, w[2]!, w[3]!);
    return [Math.min((smallest >>> 23) + 1, all), this.#largest() >>> 23];
  }

  /** Counts since the last `forget`, by sign, exponent and seven mantissa bits, negative numbers in the second half. */
  get whole(): Uint32Array {
    return this.#words.subarray(at.whole / 4, at.whole / 4 + 2 * 128 * formats[this.#format].exponents);
  }

  /** Exponents that may have been counted since then: the first but 0, and the last. Others have no counts in `whole`. */
  get range(): readonly [number, number] {
    return this.#range;
  }

  /** The `n` lowest bits (1 to 8) of the first words of the block as bytes, the first bit highest and lowest in each. Good until the next call. */
  lowBits(n: number, words: number): { readonly high: Buffer; readonly low: Buffer } {
    const { bytes } = formats[this.#format];
    const taken = Math.min(words, this.#length, Math.floor((packedBytes * 8) / n));
    if (taken > 0) this.#run.pack(at.block, at.block + bytes * taken, bytes, n, 2 ** n - 1, at.packed, at.packed + packedBytes);
    const stream = (from: number): Buffer => Buffer.from(this.#bytes.buffer, from, Math.floor((taken * n) / 8));
    return { high: stream(at.packed), low: stream(at.packed + packedBytes) };
  }

  /** Begins another tensor. */
  forget(): void {
    this.#range = [Infinity, 0];
    this.#words.fill(0, at.whole / 4, at.whole / 4 + 65_536);
  }

  /** Rows of `length` numbers, from number `from` on: `count` of them, at most 32,768. */
  rows(from: number, length: number, count: number): RowSums {
    const begin = (this.#format === 'F32' ? at.block : at.wide) + 4 * from;
    this.#run.rows(begin, begin + 4 * length * count, 4 * length, at.masks + 16 * (length % 4), at.rows);
    const [f, h] = [this.#floats, this.#words];
    const [squares, hashes] = [new Float64Array(count), new Float64Array(count)];
    for (let i = 0, place = at.rows / 4; i < count; i += 1, place += 8) {
      squares[i] = f[place]! + f[place + 1]! + (f[place + 2]! + f[place + 3]!);
      const [high, low] = [Math.imul(h[place + 4]!, 31) ^ Math.imul(h[place + 5]!, 0x9e3779b1), Math.imul(h[place + 6]!, 31) ^ Math.imul(h[place + 7]!, 0x85ebca6b)];
      hashes[i] = (high >>> 0) * 0x200000 + (low >>> 11);
    }
    return { squares, hashes };
  }

  /** Greatest bits without sign of what was measured last. */
  #largest(): number {
    const [w, i] = [this.#words, at.largest / 4];
    return Math.max(w[i]!, w[i + 1]!, w[i + 2]!, w[i + 3]!);
  }

  #lanes(address: number): number {
    const w = this.#words;
    return w[address / 4]! + w[address / 4 + 1]! + w[address / 4 + 2]! + w[address / 4 + 3]!;
  }
}
