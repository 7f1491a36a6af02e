// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../bytes/as-buffer.ts';
import { LimitReached, Malformed, Unsupported } from '../../bytes/errors.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { Xxh32, xxh32 } from './xxh32.ts';

const magic = { frame: 0x184d2204, legacy: 0x184c2102, skippable: 0x184d2a50 } as const;
/** How far matches reach back. */
const history = 65_536;
const legacyBlock = 8 << 20;
const readAhead = 1 << 20;

/** Walks LZ4 frames one after the other; `bytes()` is their content in one stream, as `lz4 -d` gives it. */
export class Frames {
  readonly #source: ByteSource;
  /** Next byte. */
  #offset = 0;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;
  /** Where the part that is accounted for ends. */
  end = 0;
  count = 0;
  readonly malformed: { readonly kind: 'malformed'; readonly code: string; readonly what: string; readonly at: readonly [number, number] }[] = [];

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const { size, budget } = this.#source;
    while (this.#offset < size) {
      budget.tick();
      const at = this.#offset;
      const mark = size - at >= 4 ? (await this.#take(4, 'magic')).readUInt32LE(0) : 0;
      if (mark === magic.frame) yield* this.#frame(at);
      else if (mark === magic.legacy) yield* this.#legacy();
      else if (mark >>> 4 === magic.skippable >>> 4) await this.#skip(at);
      else {
        this.#offset = at;
        this.#odd('lz4/trailing', `${size - at} bytes follow the last LZ4 frame`, at);
        return;
      }
      this.count += 1;
      this.end = this.#offset;
    }
  }

  /** Frame descriptor, blocks, end mark, checksum of the content (lz4_Frame_format.md). */
  async *#frame(at: number): AsyncGenerator<Uint8Array> {
    const flags = await this.#take(2, 'frame descriptor');
    const [flag, block] = [flags[0]!, flags[1]!];
    if (flag >> 6 !== 1) throw new Unsupported(`LZ4 frame of version ${flag >> 6}, known is 1`);
    const most = [0, 0, 0, 0, 1 << 16, 1 << 18, 1 << 20, 1 << 22][(block >> 4) & 7]!;
    if (most === 0) throw new Malformed('lz4/block-size', `LZ4 frame at ${at} has blocks of size class ${(block >> 4) & 7}, known are 4 to 7`, at);
    const optional = await this.#take(((flag & 8) === 0 ? 0 : 8) + ((flag & 1) === 0 ? 0 : 4), 'frame descriptor');
    const told = (flag & 8) === 0 ? undefined : optional.readBigUInt64LE(0);
    const sum = (xxh32(Buffer.concat([flags, optional])) >>> 8) & 0xff;
    const header = (await this.#take(1, 'header checksum'))[0]!;
    if (sum !== header) this.#odd('lz4/checksum', `LZ4 frame's header sums to ${hex(sum)}, it says ${hex(header)}`, at);
    if ((flag & 1) !== 0) throw new Unsupported('LZ4 frame that needs a dictionary');
    const content = (flag & 4) === 0 ? undefined : new Xxh32();
    const unpacker = new Unpacker(most, (flag & 0x20) === 0);
    let length = 0n;
    for (let blockAt = this.#offset; ; blockAt = this.#offset) {
      this.#source.budget.tick();
      const word = (await this.#take(4, 'block size')).readUInt32LE(0);
      if (word === 0) break;
      const packed = word & 0x7fff_ffff;
      if (packed > most) throw new Malformed('lz4/block-size', `LZ4 block at ${blockAt} has ${packed} bytes, allowed ${most}`, blockAt);
      const raw = await this.#take(packed, 'block');
      const out = word >>> 31 === 1 ? unpacker.keep(raw) : unpacker.unpack(raw, blockAt);
      if ((flag & 0x10) !== 0) {
        const sumOfBlock = xxh32(raw); // before the next take, which may move the window
        const said = (await this.#take(4, 'block checksum')).readUInt32LE(0);
        if (sumOfBlock !== said) this.#odd('lz4/checksum', `LZ4 block at ${blockAt} sums to ${hex(sumOfBlock)}, it says ${hex(said)}`, blockAt);
      }
      content?.update(out);
      length += BigInt(out.length);
      this.end = this.#offset;
      yield out;
    }
    if (content !== undefined) {
      const said = (await this.#take(4, 'content checksum')).readUInt32LE(0);
      if (content.digest() !== said) this.#odd('lz4/checksum', `LZ4 frame's content sums to ${hex(content.digest())}, it says ${hex(said)}`, this.#offset - 4);
    }
    if (told !== undefined && told !== length) this.#odd('lz4/size', `LZ4 frame at ${at} unpacks to ${length} bytes, its header says ${told}`, at);
  }

  /** The form before frames: blocks of up to 8 MiB until the end, or until another magic number. */
  async *#legacy(): AsyncGenerator<Uint8Array> {
    const { size, budget } = this.#source;
    const unpacker = new Unpacker(legacyBlock, false);
    while (size - this.#offset >= 4) {
      budget.tick();
      const at = this.#offset;
      const packed = (await this.#take(4, 'block size')).readUInt32LE(0);
      if (packed > legacyBlock + (legacyBlock >> 8) + 16) { // LZ4_COMPRESSBOUND: a magic number, or junk
        this.#offset = at;
        return;
      }
      const out = unpacker.unpack(await this.#take(packed, 'block'), at);
      this.end = this.#offset;
      yield out;
    }
  }

  async #skip(at: number): Promise<void> {
    const length = (await this.#take(4, 'skippable frame')).readUInt32LE(0);
    if (length > this.#source.size - this.#offset) throw new Malformed('lz4/truncated', `skippable frame of ${length} bytes at ${at} passes the end at ${this.#source.size}`, at);
    this.#offset += length;
    this.#odd('lz4/skippable', `${length} bytes at ${at} are skipped by every reader`, at);
  }

  /** The next bytes; valid until the next call. */
  async #take(length: number, what: string): Promise<Buffer> {
    const begin = this.#offset;
    const { size } = this.#source;
    if (length > size - begin) throw new Malformed('lz4/truncated', `LZ4 ${what} of ${length} bytes at ${begin} passes the end at ${size}`, begin);
    if (begin < this.#windowAt || begin + length > this.#windowAt + this.#window.length) {
      const bytes = await this.#source.read(begin, Math.min(Math.max(length, readAhead), size - begin));
      this.#window = asBuffer(bytes);
      this.#windowAt = begin;
    }
    this.#offset = begin + length;
    return this.#window.subarray(begin - this.#windowAt, begin - this.#windowAt + length);
  }

  #odd(code: string, what: string, at: number): void {
    if (this.malformed.length < 64) this.malformed.push({ kind: 'malformed', code, what, at: [at, at] });
  }
}

/** Unpacks blocks; with `linked`, matches reach into the blocks before. */
class Unpacker {
  readonly #most: number;
  readonly #linked: boolean;
  #out: Uint8Array;
  /** Bytes of earlier blocks at the beginning of #out. */
  #before = 0;
  #length = 0;

  constructor(most: number, linked: boolean) {
    this.#most = most;
    this.#linked = linked;
    this.#out = new Uint8Array(Math.min(most, 1 << 16) + history);
  }

  /** A block that is stored as it is. */
  keep(block: Uint8Array): Uint8Array {
    this.#turn();
    this.#room(this.#before + block.length);
    this.#out.set(block, this.#before);
    this.#length = this.#before + block.length;
    return this.#out.subarray(this.#before, this.#length);
  }

  /** Sequences of literals and matches (lz4_Block_format.md). */
  unpack(block: Uint8Array, at: number): Uint8Array {
    this.#turn();
    const limit = this.#before + this.#most;
    let into = this.#before;
    for (let i = 0; i < block.length; ) {
      const token = block[i++]!;
      let literals = token >> 4;
      if (literals === 15) {
        for (let more = 255; more === 255; literals += more) more = block[i++] ?? broken(at, 'a length has no end');
      }
      if (i + literals > block.length) broken(at, `${literals} literals pass its end`);
      if (into + literals > limit) broken(at, `it unpacks to more than ${this.#most} bytes`);
      this.#room(into + literals);
      this.#out.set(block.subarray(i, i + literals), into);
      i += literals;
      into += literals;
      if (i === block.length) break; // the last sequence has no match
      const distance = (block[i] ?? 0) | ((block[i + 1] ?? 0) << 8);
      i += 2;
      if (i > block.length || distance === 0 || distance > into) broken(at, `a match reaches ${distance} bytes back, of ${into}`);
      let match = 4 + (token & 15);
      if (match === 19) {
        for (let more = 255; more === 255; match += more) more = block[i++] ?? broken(at, 'a length has no end');
      }
      if (into + match > limit) broken(at, `it unpacks to more than ${this.#most} bytes`);
      this.#room(into + match);
      const out = this.#out;
      if (distance >= match) out.copyWithin(into, into - distance, into - distance + match);
      else for (let k = into; k < into + match; k += 1) out[k] = out[k - distance]!;
      into += match;
    }
    this.#length = into;
    return this.#out.subarray(this.#before, into);
  }

  /** Keeps what later matches can reach. */
  #turn(): void {
    const kept = this.#linked ? Math.min(history, this.#length) : 0;
    if (kept > 0) this.#out.copyWithin(0, this.#length - kept, this.#length);
    this.#before = kept;
  }

  #room(length: number): void {
    if (length <= this.#out.length) return;
    const larger = new Uint8Array(Math.min(Math.max(length, 2 * this.#out.length), this.#most + history));
    if (length > larger.length) throw new LimitReached('memory', `an LZ4 block of ${length} bytes, allowed ${larger.length}`);
    larger.set(this.#out);
    this.#out = larger;
  }
}

function broken(at: number, why: string): never {
  throw new Malformed('lz4/damaged', `LZ4 block at ${at} breaks: ${why}`, at);
}

/** A frame's magic number, behind skippable frames if need be. */
export function isFrame(head: Uint8Array, size: number): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (let at = 0, skipped = 0; at + 8 <= head.length && skipped < 16; skipped += 1) {
    const mark = view.getUint32(at, true);
    const next = view.getUint32(at + 4, true);
    if (mark === magic.frame) return head[at + 4]! >> 6 === 1;
    if (mark === magic.legacy) return next > 0 && at + 8 + next <= size && next <= legacyBlock + (legacyBlock >> 8) + 16;
    if (mark >>> 4 !== magic.skippable >>> 4) return false;
    at += 8 + next;
  }
  return false;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
