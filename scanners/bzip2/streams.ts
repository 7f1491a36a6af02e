// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { Bits } from './bits.ts';
import { Block } from './block.ts';

/** 48 bits before each block and at the end of a stream: the digits of π and of its square root. */
const blockMagic = [0x314159, 0x265359] as const;
const endMagic = [0x177245, 0x385090] as const;

/** Walks bzip2 streams one after the other; `bytes()` is their content in one stream, as bunzip2 gives it. */
export class Streams {
  readonly #source: ByteSource;
  /** Where the part that is accounted for ends. */
  end = 0;
  count = 0;
  readonly malformed: FactOf<'malformed'>[] = [];

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const { size } = this.#source;
    const bits = new Bits(this.#source);
    const blocks: Block[] = [];
    while (this.end < size) {
      const head = await this.#source.read(this.end, Math.min(10, size - this.end));
      if (!isStream(head)) {
        if (this.count === 0) throw new Malformed('bzip2/magic', 'no bzip2 stream', 0);
        this.#odd('bzip2/trailing', `${size - this.end} bytes follow the last bzip2 stream`, this.end);
        return;
      }
      await bits.load();
      bits.read(24); // 'BZh'
      const level = bits.read(8) - 0x30;
      yield* this.#stream(bits, (blocks[level] ??= new Block(level)));
      this.count += 1;
      this.end = bits.offset;
    }
  }

  async *#stream(bits: Bits, block: Block): AsyncGenerator<Uint8Array> {
    let combined = 0;
    for (;;) {
      this.#source.budget.tick();
      await bits.load();
      const at = bits.offset;
      const magic = [bits.read(24), bits.read(24)];
      const told = bits.read(16) * 65_536 + bits.read(16);
      if (magic[0] === endMagic[0] && magic[1] === endMagic[1]) {
        if (told !== combined) this.#odd('bzip2/checksum', `bzip2 stream's blocks sum to ${hex(combined)}, it says ${hex(told)}`, at);
        bits.align();
        return;
      }
      if (magic[0] !== blockMagic[0] || magic[1] !== blockMagic[1]) throw new Malformed('bzip2/block', `no block and no end of the stream at ${at}`, at);
      block.read(bits);
      for (const part of block.bytes()) {
        this.#source.budget.tick();
        yield part;
      }
      this.end = bits.offset;
      if (block.crc !== told) this.#odd('bzip2/checksum', `bzip2 block at ${at} sums to ${hex(block.crc)}, it says ${hex(told)}`, at);
      combined = (((combined << 1) | (combined >>> 31)) ^ block.crc) >>> 0;
    }
  }

  #odd(code: string, what: string, at: number): void {
    if (this.malformed.length < 64) this.malformed.push({ kind: 'malformed', code, what, at: [at, at] });
  }
}

/** 'BZh', a level, and a block or the end of the stream. */
export function isStream(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 10)).toString('latin1');
  return /^BZh[1-9]/.test(text) && (text.startsWith('1AY&SY', 4) || text.startsWith('\u0017rE8P\u0090', 4));
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
