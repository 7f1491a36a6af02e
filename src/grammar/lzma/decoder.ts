// SPDX-License-Identifier: Apache-2.0
// LZMA (LZMA SDK, lzma-specification.txt): a range coder, a model of probabilities, matches in a dictionary.
import { Malformed } from '../../bytes/errors.ts';
import { Dictionary } from './dictionary.ts';

/** lc: bits of the byte before that choose a literal's model; lp, pb: bits of the position that choose models. */
export interface Properties {
  readonly lc: number;
  readonly lp: number;
  readonly pb: number;
}

/** A byte that holds all three, or undefined when it holds none that is allowed. */
export function propertiesOf(byte: number): Properties | undefined {
  return byte >= 9 * 5 * 5 ? undefined : { lc: byte % 9, lp: Math.trunc(byte / 9) % 5, pb: Math.trunc(byte / 45) };
}

/** Input that one symbol can take at most, and some more. */
export const longestSymbol = 32;
/** The distance of 2^32 - 1 that ends a stream of unknown length. */
const endMarker = 0xffff_ffff;

const half = 1024; // of 2048: both bits are as likely
const states = 12;

/** A tree of probabilities for numbers of some bits. */
class LengthModel {
  readonly choice = new Uint16Array(2);
  readonly low = new Uint16Array(16 << 3);
  readonly middle = new Uint16Array(16 << 3);
  readonly high = new Uint16Array(256);
  reset(): void {
    for (const table of [this.choice, this.low, this.middle, this.high]) table.fill(half);
  }
}

/** What stopped a run: enough output, too little input, the end marker. */
export type Stop = 'output' | 'input' | 'end';

/** The decoder; the caller gives input with `feed()` and takes output from `drain()`. */
export class LzmaDecoder {
  readonly #dictionary: Dictionary;
  readonly #format: string;
  #lc = 0;
  #literalMask = 0;
  #positionMask = 0;
  #literals = new Uint16Array(0);
  readonly #isMatch = new Uint16Array(states << 4);
  readonly #isRep = new Uint16Array(states);
  readonly #isRepG0 = new Uint16Array(states);
  readonly #isRepG1 = new Uint16Array(states);
  readonly #isRepG2 = new Uint16Array(states);
  readonly #isRep0Long = new Uint16Array(states << 4);
  readonly #slots = Array.from({ length: 4 }, () => new Uint16Array(64));
  readonly #special = new Uint16Array(128);
  readonly #align = new Uint16Array(16);
  readonly #lengths = new LengthModel();
  readonly #repLengths = new LengthModel();
  #state = 0;
  readonly #reps = new Float64Array(4);
  #range = 0xffff_ffff;
  #code = 0;
  #input: Uint8Array = new Uint8Array(0);
  /** Next byte of the input. */
  position = 0;
  /** Length of a match that did not fit into the output asked for. */
  #pending = 0;
  /** Bytes written since the dictionary was reset. */
  #written = 0;

  constructor(dictionarySize: number, format: string) {
    this.#dictionary = new Dictionary(dictionarySize);
    this.#format = format;
  }

  setProperties({ lc, lp, pb }: Properties): void {
    this.#lc = lc;
    this.#literalMask = (1 << lp) - 1;
    this.#positionMask = (1 << pb) - 1;
    this.#literals = new Uint16Array(0x300 << (lc + lp));
    this.resetState();
  }

  resetState(): void {
    const tables = [
      this.#literals, this.#isMatch, this.#isRep, this.#isRepG0, this.#isRepG1, this.#isRepG2, this.#isRep0Long, ...this.#slots, this.#special, this.#align,
    ];
    for (const table of tables) table.fill(half);
    this.#lengths.reset();
    this.#repLengths.reset();
    this.#state = 0;
    this.#reps.fill(0);
    this.#pending = 0;
  }

  resetDictionary(): void {
    this.#dictionary.reset();
    this.#written = 0;
  }

  /** Gives input from its beginning; what was left of the last one must be part of it. */
  feed(input: Uint8Array): void {
    this.#input = input;
    this.position = 0;
  }

  /** Five bytes: a zero and the first value of the range coder. */
  startRange(at: number): void {
    if (this.#input.length - this.position < 5) throw this.#broken('truncated', 'the range coder has no five bytes', at);
    if (this.#input[this.position] !== 0) throw this.#broken('damaged', 'the range coder does not begin with a zero', at);
    this.#range = 0xffff_ffff;
    this.#code = 0;
    for (let i = 1; i < 5; i += 1) this.#code = ((this.#code << 8) | this.#input[this.position + i]!) >>> 0;
    this.position += 5;
  }

  /** Whether the range coder is where a whole stream leaves it. */
  get finished(): boolean {
    return this.#code === 0;
  }

  drain(): Generator<Uint8Array> {
    return this.#dictionary.drain();
  }

  /** Bytes as they are (an LZMA2 chunk that is not packed). */
  store(bytes: Uint8Array): void {
    for (const byte of bytes) this.#dictionary.put(byte);
    this.#written += bytes.length;
  }

  /** How much may be written before the output must be drained. */
  room(): number {
    return this.#dictionary.room();
  }

  /** Whether the last match ended where the output asked for did. */
  get whole(): boolean {
    return this.#pending === 0;
  }

  /** Like `run`, but what was written before damage is there to be drained: the error is returned, not thrown. */
  tryRun(output: number, last: boolean, at: number): { readonly written: number; readonly stop: Stop } | Malformed {
    try {
      return this.run(output, last, at);
    } catch (error) {
      if (error instanceof Malformed) return error;
      throw error;
    }
  }

  /** Decodes until `output` bytes are written, or the input runs low; with `last`, the input is all there is. */
  run(output: number, last: boolean, at: number): { readonly written: number; readonly stop: Stop } {
    const dictionary = this.#dictionary;
    const safe = last ? this.#input.length : this.#input.length - longestSymbol;
    const base = dictionary.filled;
    let left = output;
    if (this.#pending > 0) left -= this.#match(Math.min(this.#pending, left), at);
    while (left > 0) {
      if (this.position > safe) return { written: dictionary.filled - base, stop: 'input' };
      const position = this.#written & this.#positionMask;
      const state = this.#state;
      if (this.#bit(this.#isMatch, (state << 4) + position) === 0) {
        this.#literal();
        left -= 1;
        continue;
      }
      let length: number;
      if (this.#bit(this.#isRep, state) === 0) {
        length = this.#newMatch(position);
        if (this.#reps[0] === endMarker) return { written: dictionary.filled - base, stop: 'end' };
      } else {
        length = this.#repeated(state, position);
        if (length === 1) {
          this.#match(1, at);
          left -= 1;
          continue;
        }
      }
      this.#pending = length;
      left -= this.#match(Math.min(length, left), at);
    }
    if (this.position > this.#input.length) throw this.#broken('truncated', 'the input ends in the middle', at);
    return { written: dictionary.filled - base, stop: 'output' };
  }

  #match(length: number, at: number): number {
    const distance = this.#reps[0]! + 1;
    if (this.position > this.#input.length) throw this.#broken('truncated', 'the input ends in the middle', at);
    if (distance > this.#dictionary.reach) throw this.#broken('damaged', `a match reaches ${distance} bytes back, of ${this.#dictionary.reach}`, at);
    this.#dictionary.copy(distance, length);
    this.#written += length;
    this.#pending = Math.max(0, this.#pending - length);
    return length;
  }

  #literal(): void {
    const dictionary = this.#dictionary;
    const before = dictionary.filled > 0 ? dictionary.at(1) : 0;
    const base = 0x300 * (((this.#written & this.#literalMask) << this.#lc) + (before >> (8 - this.#lc)));
    const models = this.#literals;
    let symbol = 1;
    if (this.#state >= 7) {
      let matched = this.#reps[0]! < dictionary.reach ? dictionary.at(this.#reps[0]! + 1) : 0;
      while (symbol < 0x100) {
        const wanted = (matched >> 7) & 1;
        matched <<= 1;
        const bit = this.#bit(models, base + ((1 + wanted) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (bit !== wanted) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(models, base + symbol);
    dictionary.put(symbol & 0xff);
    this.#written += 1;
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  #newMatch(position: number): number {
    const reps = this.#reps;
    reps[3] = reps[2]!;
    reps[2] = reps[1]!;
    reps[1] = reps[0]!;
    const length = this.#length(this.#lengths, position);
    this.#state = this.#state < 7 ? 7 : 10;
    const slot = this.#tree(this.#slots[Math.min(length, 3)]!, 0, 6);
    if (slot < 4) reps[0] = slot;
    else {
      const bits = (slot >> 1) - 1;
      const high = (2 | (slot & 1)) * 2 ** bits;
      reps[0] = slot < 14 ? high + this.#reversed(this.#special, high - slot, bits) : high + this.#direct(bits - 4) * 16 + this.#reversed(this.#align, 0, 4);
    }
    return length + 2;
  }

  /** A match at one of the last four distances; 1 for a single byte. */
  #repeated(state: number, position: number): number {
    const reps = this.#reps;
    if (this.#bit(this.#isRepG0, state) === 0) {
      if (this.#bit(this.#isRep0Long, (state << 4) + position) === 0) {
        this.#state = state < 7 ? 9 : 11;
        return 1;
      }
    } else {
      let distance: number;
      if (this.#bit(this.#isRepG1, state) === 0) distance = reps[1]!;
      else {
        if (this.#bit(this.#isRepG2, state) === 0) distance = reps[2]!;
        else {
          distance = reps[3]!;
          reps[3] = reps[2]!;
        }
        reps[2] = reps[1]!;
      }
      reps[1] = reps[0]!;
      reps[0] = distance;
    }
    this.#state = state < 7 ? 8 : 11;
    return this.#length(this.#repLengths, position) + 2;
  }

  #length(model: LengthModel, position: number): number {
    if (this.#bit(model.choice, 0) === 0) return this.#tree(model.low, position << 3, 3);
    if (this.#bit(model.choice, 1) === 0) return 8 + this.#tree(model.middle, position << 3, 3);
    return 16 + this.#tree(model.high, 0, 8);
  }

  #tree(models: Uint16Array, base: number, bits: number): number {
    let node = 1;
    for (let i = 0; i < bits; i += 1) node = (node << 1) | this.#bit(models, base + node);
    return node - (1 << bits);
  }

  #reversed(models: Uint16Array, base: number, bits: number): number {
    let node = 1;
    let value = 0;
    for (let i = 0; i < bits; i += 1) {
      const bit = this.#bit(models, base + node);
      node = (node << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  #direct(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i += 1) {
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code -= this.#range;
      this.#normalise();
      value = 2 * value + bit;
    }
    return value;
  }

  #bit(models: Uint16Array, index: number): number {
    const chance = models[index]!;
    const bound = (this.#range >>> 11) * chance;
    let bit = 0;
    if (this.#code < bound) {
      this.#range = bound;
      models[index] = chance + ((2048 - chance) >> 5);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      models[index] = chance - (chance >> 5);
      bit = 1;
    }
    if (this.#range < 0x100_0000) this.#normalise();
    return bit;
  }

  /** Past the end it reads zeros; the position tells, and is checked before anything is made of it. */
  #normalise(): void {
    if (this.#range >= 0x100_0000) return;
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | (this.#input[this.position] ?? 0)) >>> 0;
    this.position += 1;
  }

  #broken(code: string, why: string, at: number): Malformed {
    return new Malformed(`${this.#format}/${code}`, `LZMA data near ${at + this.position} breaks: ${why}`, at + Math.min(this.position, this.#input.length));
  }
}
