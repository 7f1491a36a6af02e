// SPDX-License-Identifier: Apache-2.0
// The xz container (xz-file-format.txt 1.2.1): stream header, blocks, index, footer; streams may follow each other.
import { crc32 } from 'node:zlib';
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { ByteWindow } from '../../src/bytes/window.ts';
import { lzma2 } from '../../src/grammar/lzma/lzma2.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { checkOf, checkSizes } from './checks.ts';

const magic = Buffer.from('fd377a585a00', 'hex');
const filterNames: Readonly<Record<number, string>> = { 4: 'x86', 5: 'PowerPC', 6: 'IA-64', 7: 'ARM', 8: 'ARM-Thumb', 9: 'SPARC', 10: 'ARM64', 11: 'RISC-V' };
const [delta, lzma2Id] = [0x03, 0x21] as const;
const headerSize = 12;

interface BlockHeader {
  readonly packed: number | undefined;
  readonly unpacked: number | undefined;
  /** Distances of delta filters, outermost first. */
  readonly deltas: readonly number[];
  readonly dictionary: number;
  readonly length: number;
}
interface Sizes {
  readonly unpadded: number;
  readonly unpacked: number;
}

/** Walks the streams of an xz file one after the other; `bytes()` is their content in one stream, as `xz -d` gives it. */
export class Streams {
  readonly #source: ByteSource;
  readonly #input: ByteWindow;
  /** Where the part that is accounted for ends. */
  end = 0;
  count = 0;
  readonly malformed: FactOf<'malformed'>[] = [];

  constructor(source: ByteSource) {
    this.#source = source;
    this.#input = new ByteWindow(source, 'xz');
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const input = this.#input;
    while (input.left > 0) {
      const at = input.offset;
      if (this.count > 0 && (await this.#isPadding())) continue;
      if (!isStream(await this.#source.read(at, Math.min(magic.length, input.left)))) {
        if (this.count === 0) throw new Malformed('xz/magic', 'no xz stream', at);
        this.#odd('xz/trailing', `${input.left} bytes follow the last xz stream`, at);
        return;
      }
      yield* this.#stream(at);
      this.count += 1;
      this.end = input.offset;
    }
  }

  /** Four zeros behind a stream. */
  async #isPadding(): Promise<boolean> {
    const input = this.#input;
    if (input.left < 4) return false;
    await input.load(4, 'padding');
    if (input.u32() !== 0) {
      input.offset -= 4;
      return false;
    }
    this.end = input.offset;
    return true;
  }

  async *#stream(at: number): AsyncGenerator<Uint8Array> {
    const input = this.#input;
    await input.load(headerSize, 'stream header');
    const header = Buffer.from(input.take(headerSize));
    if (header[6] !== 0 || header[7]! > 15) throw new Unsupported(`xz stream with flags ${header.subarray(6, 8).toString('hex')}`);
    if (header.readUInt32LE(8) !== crc32(header.subarray(6, 8))) this.#odd('xz/checksum', `xz stream header at ${at} does not sum to its CRC-32`, at);
    const blocks: Sizes[] = [];
    let counted = { unpadded: 0, unpacked: 0, blocks: 0 };
    for (;;) {
      this.#source.budget.tick();
      const blockAt = input.offset;
      await input.load(1, 'block header');
      const size = input.u8();
      if (size === 0) break;
      const sizes = yield* this.#block(blockAt, size, header[7]!);
      if (blocks.length < 10_000) blocks.push(sizes);
      counted = { unpadded: counted.unpadded + sizes.unpadded, unpacked: counted.unpacked + sizes.unpacked, blocks: counted.blocks + 1 };
      this.end = input.offset;
    }
    const indexLength = await this.#index(blocks, counted);
    const footerAt = input.offset;
    await input.load(headerSize, 'stream footer');
    const footer = Buffer.from(input.take(headerSize));
    if (footer.toString('latin1', 10) !== 'YZ') throw new Malformed('xz/footer', `xz stream has no footer at ${footerAt}`, footerAt);
    if (footer.readUInt32LE(0) !== crc32(footer.subarray(4, 10))) this.#odd('xz/checksum', `xz stream footer at ${footerAt} does not sum to its CRC-32`, footerAt);
    if ((footer.readUInt32LE(4) + 1) * 4 !== indexLength) this.#odd('xz/index', `xz footer says ${(footer.readUInt32LE(4) + 1) * 4} bytes of index, there are ${indexLength}`, footerAt);
    if (!footer.subarray(8, 10).equals(header.subarray(6, 8))) this.#odd('xz/footer', 'xz footer and header have different flags', footerAt);
  }

  async *#block(at: number, sizeByte: number, checkId: number): AsyncGenerator<Uint8Array, Sizes> {
    const input = this.#input;
    const length = (sizeByte + 1) * 4;
    input.offset = at;
    await input.load(length, 'block header');
    const raw = Buffer.from(input.take(length)); // a copy: the window moves on
    if (raw.readUInt32LE(length - 4) !== crc32(raw.subarray(0, length - 4))) this.#odd('xz/checksum', `xz block header at ${at} does not sum to its CRC-32`, at);
    const header = blockHeader(raw, at);
    const begin = input.offset;
    const check = checkOf(checkId);
    const filters = header.deltas.map((distance) => new Delta(distance));
    let unpacked = 0;
    for await (const part of lzma2(input, header.dictionary)) {
      for (const filter of filters.toReversed()) filter.apply(part);
      check?.update(part);
      unpacked += part.length;
      this.end = Math.max(this.end, begin);
      yield part;
    }
    const packed = input.offset - begin;
    if (header.packed !== undefined && header.packed !== packed) this.#odd('xz/size', `xz block at ${at} takes ${packed} bytes, its header says ${header.packed}`, at);
    if (header.unpacked !== undefined && header.unpacked !== unpacked) this.#odd('xz/size', `xz block at ${at} unpacks to ${unpacked} bytes, its header says ${header.unpacked}`, at);
    await this.#padding(begin);
    const checkSize = checkSizes[checkId] ?? 0;
    await input.load(checkSize, 'check');
    const told = input.take(checkSize);
    if (check !== undefined && !check.digest().equals(told)) this.#odd('xz/checksum', `xz block at ${at} does not sum to its check`, at);
    return { unpadded: length + packed + checkSize, unpacked };
  }

  /** Number of records, the sizes of each block, padding, CRC-32. Returns its length. */
  async #index(blocks: readonly Sizes[], counted: { readonly unpadded: number; readonly unpacked: number; readonly blocks: number }): Promise<number> {
    const input = this.#input;
    const begin = input.offset - 1;
    const records = await this.#number();
    if (records !== counted.blocks) this.#odd('xz/index', `xz index at ${begin} lists ${records} blocks, there are ${counted.blocks}`, begin);
    let [unpadded, unpacked, differs] = [0, 0, false];
    for (let i = 0; i < records; i += 1) {
      if ((i & 0xfff) === 0) this.#source.budget.tick();
      const one = { unpadded: await this.#number(), unpacked: await this.#number() };
      const block = blocks[i];
      differs ||= block !== undefined && (block.unpadded !== one.unpadded || block.unpacked !== one.unpacked);
      unpadded += one.unpadded;
      unpacked += one.unpacked;
    }
    if (differs || unpadded !== counted.unpadded || unpacked !== counted.unpacked) {
      this.#odd('xz/index', `xz index at ${begin} says ${unpadded} bytes packed and ${unpacked} unpacked, there are ${counted.unpadded} and ${counted.unpacked}`, begin);
    }
    await this.#padding(begin);
    const sum = crc32(await this.#source.read(begin, Math.min(input.offset - begin, this.#source.budget.limits.read)));
    await input.load(4, 'index checksum');
    const told = input.u32();
    if (told !== sum) this.#odd('xz/checksum', `xz index at ${begin} does not sum to its CRC-32`, begin);
    return input.offset - begin;
  }

  /** Zeros up to a multiple of four. */
  async #padding(begin: number): Promise<void> {
    const input = this.#input;
    const length = (4 - ((input.offset - begin) % 4)) % 4;
    await input.load(length, 'padding');
    if (input.take(length).some((byte) => byte !== 0)) this.#odd('xz/padding', `xz padding at ${input.offset - length} is not zero`, input.offset - length);
  }

  /** Seven bits a byte, the lowest first, nine bytes at most. */
  async #number(): Promise<number> {
    const input = this.#input;
    let value = 0;
    for (let i = 0; i < 9; i += 1) {
      if (!input.has(1)) await input.load(1, 'number');
      const byte = input.u8();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new Malformed('xz/number', `number at ${input.offset - 9} has no end`, input.offset - 9);
  }

  #odd(code: string, what: string, at: number): void {
    if (this.malformed.length < 64) this.malformed.push({ kind: 'malformed', code, what, at: [at, at] });
  }
}

/** Flags, sizes, filters (xz-file-format.txt, 3.1). */
function blockHeader(raw: Buffer, at: number): BlockHeader {
  let offset = 2;
  const number = (): number => {
    let value = 0;
    for (let i = 0; i < 9; i += 1) {
      const byte = raw[offset++] ?? 0;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new Malformed('xz/number', `number in the block header at ${at} has no end`, at);
  };
  const flags = raw[1]!;
  if ((flags & 0x3c) !== 0) throw new Unsupported(`xz block with reserved flags ${flags}`);
  const packed = (flags & 0x40) === 0 ? undefined : number();
  const unpacked = (flags & 0x80) === 0 ? undefined : number();
  const deltas: number[] = [];
  let dictionary: number | undefined;
  for (let i = 0; i <= (flags & 3); i += 1) {
    const id = number();
    const size = number();
    const property = raw[offset] ?? 0;
    offset += size;
    if (offset > raw.length - 4) throw new Malformed('xz/block-header', `filters of the block at ${at} pass its header of ${raw.length} bytes`, at);
    if (id === delta) deltas.push(property + 1);
    else if (id !== lzma2Id) throw new Unsupported(`xz filter ${filterNames[id] ?? `0x${id.toString(16)}`}`);
    else if (property > 40) throw new Malformed('xz/dictionary', `block at ${at} has dictionary size ${property}, allowed are 0 to 40`, at);
    else dictionary = property === 40 ? 0xffff_ffff : (2 | (property & 1)) * 2 ** (Math.trunc(property / 2) + 11);
  }
  if (dictionary === undefined) throw new Malformed('xz/block-header', `block at ${at} has no LZMA2 filter`, at);
  return { packed, unpacked, deltas, dictionary, length: raw.length };
}

/** Each byte is a difference to the one some places before. */
class Delta {
  readonly #history: Uint8Array;
  #next = 0;
  constructor(distance: number) {
    this.#history = new Uint8Array(distance);
  }
  apply(bytes: Uint8Array): void {
    const history = this.#history;
    for (let i = 0; i < bytes.length; i += 1) {
      const value = (bytes[i]! + history[this.#next]!) & 0xff;
      bytes[i] = value;
      history[this.#next] = value;
      this.#next = this.#next + 1 === history.length ? 0 : this.#next + 1;
    }
  }
}

export function isStream(head: Uint8Array): boolean {
  return magic.every((byte, i) => head[i] === byte);
}
