// SPDX-License-Identifier: Apache-2.0
// One block of bzip2: Huffman codes, move to front, run lengths, Burrows–Wheeler.
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { Bits } from './bits.ts';

const groupSize = 50;
const longestCode = 20;
const chunk = 1 << 18;

/** Canonical Huffman code: for each length the last code, and where its symbols begin. */
interface Code {
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
}

/** Memory for the largest block of a stream, used again for each. */
export class Block {
  readonly #most: number;
  /** Low 8 bits: the byte; above: where the next one stands. */
  readonly #table: Uint32Array;
  #length = 0;
  #origin = 0;
  readonly #out = new Uint8Array(chunk);
  /** CRC-32 of what has been unpacked, complete when `bytes()` has ended. */
  crc = 0;

  constructor(level: number) {
    this.#most = level * 100_000;
    this.#table = new Uint32Array(this.#most);
  }

  /** Reads the block behind its magic number and checksum. */
  read(bits: Bits): void {
    const at = bits.offset;
    if (bits.read(1) === 1) throw new Unsupported('bzip2 block that is randomised, as only versions before 0.9.5 wrote');
    this.#origin = bits.read(24);
    const used = symbolsUsed(bits);
    if (used.length === 0) broken(at, 'it uses no symbol');
    const groups = bits.read(3);
    if (groups < 2 || groups > 6) broken(at, `it has ${groups} code tables, allowed are 2 to 6`);
    const selectors = readSelectors(bits, groups, at);
    const codes = Array.from({ length: groups }, () => readCode(bits, used.length + 2, at));
    this.#length = this.#symbols(bits, used, selectors, codes, at);
    if (this.#origin >= this.#length) broken(at, `it begins at row ${this.#origin} of ${this.#length}`);
    this.#invert();
  }

  /** Huffman symbols to bytes: run lengths of the first symbol, positions in a list that moves to front. */
  #symbols(bits: Bits, used: Uint8Array, selectors: Uint8Array, codes: readonly Code[], at: number): number {
    const table = this.#table;
    const most = this.#most;
    const front = Uint8Array.from(used);
    const end = used.length + 1;
    let [length, run, weight, group, left] = [0, 0, 1, 0, 0];
    let code = codes[0]!;
    for (;;) {
      if (left === 0) {
        const selector = selectors[group];
        if (selector === undefined) broken(at, 'it has more symbols than selectors');
        code = codes[selector]!;
        group += 1;
        left = groupSize;
      }
      left -= 1;
      const symbol = readSymbol(bits, code, at);
      if (symbol <= 1) { // RUNA, RUNB: a number in bijective base 2
        run += weight << symbol;
        weight *= 2;
        if (run > most) broken(at, `a run of ${run} passes its ${most} bytes`);
        continue;
      }
      if (run > 0) {
        if (length + run > most) broken(at, `it unpacks to more than ${most} bytes`);
        table.fill(front[0]!, length, length + run);
        length += run;
        run = 0;
        weight = 1;
      }
      if (symbol === end) return length;
      if (length >= most) broken(at, `it unpacks to more than ${most} bytes`);
      const position = symbol - 1;
      const byte = front[position]!;
      front.copyWithin(1, 0, position);
      front[0] = byte;
      table[length++] = byte;
    }
  }

  /** Burrows–Wheeler, backwards: each entry learns where the next byte stands. */
  #invert(): void {
    const table = this.#table;
    const starts = new Uint32Array(257);
    for (let i = 0; i < this.#length; i += 1) starts[(table[i]! & 0xff) + 1]! += 1;
    for (let byte = 0; byte < 256; byte += 1) starts[byte + 1]! += starts[byte]!;
    for (let i = 0; i < this.#length; i += 1) {
      const place = starts[table[i]! & 0xff]!++;
      table[place] = (table[place]! | (i << 8)) >>> 0;
    }
  }

  /** The block's content; a part is valid until the next one. Four equal bytes are followed by a count of more. */
  *bytes(): Generator<Uint8Array> {
    const table = this.#table;
    const out = this.#out;
    let crc = 0xffff_ffff | 0;
    let into = 0;
    let row = table[this.#origin]! >>> 8;
    let [equal, last] = [0, -1];
    for (let i = 0; i < this.#length; i += 1) {
      const entry = table[row]!;
      const byte = entry & 0xff;
      row = entry >>> 8;
      if (equal === 4) {
        for (let more = byte; more > 0; more -= 1) {
          out[into++] = last;
          crc = (crc << 8) ^ crcTable[((crc >>> 24) ^ last) & 0xff]!;
          if (into === chunk) {
            yield out;
            into = 0;
          }
        }
        equal = 0;
        last = -1;
        continue;
      }
      equal = byte === last ? equal + 1 : 1;
      last = byte;
      out[into++] = byte;
      crc = (crc << 8) ^ crcTable[((crc >>> 24) ^ byte) & 0xff]!;
      if (into === chunk) {
        yield out;
        into = 0;
      }
    }
    if (into > 0) yield out.subarray(0, into);
    this.crc = ~crc >>> 0;
  }
}

/** Two levels of bit maps: 16 ranges, 16 symbols in each that is used. */
function symbolsUsed(bits: Bits): Uint8Array {
  const ranges = bits.read(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range += 1) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const map = bits.read(16);
    for (let i = 0; i < 16; i += 1) if ((map & (0x8000 >> i)) !== 0) used.push(16 * range + i);
  }
  return Uint8Array.from(used);
}

/** Which table each group of 50 symbols uses, moved to front. */
function readSelectors(bits: Bits, groups: number, at: number): Uint8Array {
  const count = bits.read(15);
  if (count === 0) broken(at, 'it has no selector');
  const out = new Uint8Array(count);
  const front = [0, 1, 2, 3, 4, 5];
  for (let i = 0; i < count; i += 1) {
    let position = 0;
    while (bits.read(1) === 1) {
      position += 1;
      if (position >= groups) broken(at, `selector ${i} is none of ${groups} tables`);
    }
    const [table] = front.splice(position, 1);
    front.unshift(table!);
    out[i] = table!;
  }
  return out;
}

/** Code lengths, each as a difference to the one before; then the code. */
function readCode(bits: Bits, symbols: number, at: number): Code {
  const lengths = new Uint8Array(symbols);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbols; symbol += 1) {
    for (;;) {
      if (length < 1 || length > longestCode) broken(at, `a code has ${length} bits, allowed are 1 to ${longestCode}`);
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  const limit = new Int32Array(longestCode + 2).fill(-1);
  const base = new Int32Array(longestCode + 2);
  const sorted: number[] = [];
  let code = 0;
  for (let bitCount = 1; bitCount <= longestCode; bitCount += 1) {
    base[bitCount] = sorted.length - code;
    for (let symbol = 0; symbol < symbols; symbol += 1) {
      if (lengths[symbol] !== bitCount) continue;
      sorted.push(symbol);
      code += 1;
    }
    limit[bitCount] = code - 1;
    code <<= 1;
  }
  return { limit, base, symbols: Uint16Array.from(sorted) };
}

function readSymbol(bits: Bits, { limit, base, symbols }: Code, at: number): number {
  let code = 0;
  for (let length = 1; length <= longestCode; length += 1) {
    code = (code << 1) | bits.read(1);
    if (code > limit[length]!) continue;
    const symbol = symbols[code + base[length]!];
    if (symbol === undefined) break;
    return symbol;
  }
  return broken(at, 'bits are no code');
}

function broken(at: number, why: string): never {
  throw new Malformed('bzip2/damaged', `bzip2 block at ${at} breaks: ${why}`, at);
}

/** CRC-32 with the most significant bit first, polynomial 0x04c11db7. */
const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});
