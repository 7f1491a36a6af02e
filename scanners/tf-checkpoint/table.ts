// SPDX-License-Identifier: Apache-2.0
// A sorted string table, as LevelDB writes it (https://github.com/google/leveldb/blob/main/doc/table_format.md): blocks of
// entries whose keys share a beginning, an index of the blocks, and a footer of 48 bytes with the mark.
import { crc32c } from '../../src/bytes/crc32c.ts';
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import type { Span } from '../../src/model/span.ts';
import { unsnap } from './snappy.ts';

export const footerLength = 48;
export const mark = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb] as const;
/** One block; writers close them at 4 KiB or 256 KiB. */
const mostBlock = 64 << 20;
const mostBlocks = 1_000_000;
const longestKey = 64 << 10;

export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** The block that it lies in. */
  readonly at: Span;
}

export type Complain = (code: string, what: string, at: number) => void;

/** All entries in order. `spans` is filled with what the table accounts for. */
export async function* entriesOf(source: ByteSource, complain: Complain, spans: Span[]): AsyncGenerator<Entry> {
  const begin = source.size - footerLength;
  if (begin < 0) throw new Malformed('tf-checkpoint/truncated', `file of ${source.size} bytes is shorter than its footer of ${footerLength}`, 0);
  const footer = await source.read(begin, footerLength);
  if (!mark.every((byte, i) => footer[40 + i] === byte)) throw new Malformed('tf-checkpoint/footer', 'the mark of the table is not at its end', begin);
  const reader = new Varints(footer, begin);
  const meta = reader.handle();
  const index = reader.handle();
  spans.push([begin, source.size]);
  await block(source, meta, begin, complain, spans);
  let blocks = 0;
  for (const { value } of walk(await block(source, index, begin, complain, spans), index.offset, complain)) {
    blocks += 1;
    if (blocks > mostBlocks) throw new Malformed('tf-checkpoint/blocks', `more than ${mostBlocks} blocks`, index.offset);
    const handle = new Varints(value, index.offset).handle();
    const bytes = await block(source, handle, begin, complain, spans);
    for (const { key, value: own } of walk(bytes, handle.offset, complain)) yield { key, value: own, at: [handle.offset, handle.offset + handle.size] };
  }
}

interface Handle {
  readonly offset: number;
  readonly size: number;
}

/** A block's content: behind it lie its compression and a masked CRC-32C of both. */
async function block(source: ByteSource, { offset, size }: Handle, end: number, complain: Complain, spans: Span[]): Promise<Uint8Array> {
  if (!(size <= mostBlock && offset + size + 5 <= end)) throw new Malformed('tf-checkpoint/block', `block lies outside the table (${offset}..${offset + size + 5} of ${end})`, Math.min(offset, end));
  const bytes = await source.read(offset, size + 5);
  spans.push([offset, offset + size + 5]);
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(size + 1, true);
  if (stored !== masked(crc32c(bytes.subarray(0, size + 1)))) complain('block-checksum', `block at ${offset} does not sum to its checksum`, offset);
  const method = bytes[size]!;
  if (method === 0) return bytes.subarray(0, size);
  if (method !== 1) throw new Unsupported(`block compressed with method ${method}`);
  return unsnap(bytes.subarray(0, size), mostBlock, source.budget, offset);
}

export function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function* walk(bytes: Uint8Array, at: number, complain: Complain): Generator<{ key: Uint8Array; value: Uint8Array }> {
  if (bytes.length < 4) throw new Malformed('tf-checkpoint/block', `block at ${at} has ${bytes.length} bytes, too few for its list of restarts`, at);
  const restarts = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
  const end = bytes.length - 4 - 4 * restarts;
  if (end < 0) throw new Malformed('tf-checkpoint/block', `block at ${at} has ${restarts} restarts in ${bytes.length} bytes`, at);
  const reader = new Varints(bytes.subarray(0, end), at);
  let key: Uint8Array = new Uint8Array(0);
  let first = true;
  while (reader.left > 0) {
    const [shared, own, length] = [reader.number(), reader.number(), reader.number()];
    if (shared > key.length || shared + own > longestKey) throw new Malformed('tf-checkpoint/key', `key in the block at ${at} shares ${shared} bytes with one of ${key.length}, and adds ${own}`, at);
    const next: Uint8Array = Buffer.concat([key.subarray(0, shared), reader.take(own)]);
    // Loaders search by halves: in a table out of order they find some entries and not others.
    if (!first && Buffer.compare(key, next) >= 0) complain('order', `keys in the block at ${at} are not in order`, at);
    first = false;
    key = next;
    yield { key, value: reader.take(length) };
  }
}

class Varints {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  #offset = 0;

  constructor(bytes: Uint8Array, base: number) {
    this.#bytes = bytes;
    this.#base = base;
  }

  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  number(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 63; scale *= 128) {
      const byte = this.#bytes[this.#offset];
      if (byte === undefined) break;
      this.#offset += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new Malformed('tf-checkpoint/varint', `number at ${this.#base + this.#offset} has no end`, this.#base);
  }

  handle(): Handle {
    return { offset: this.number(), size: this.number() };
  }

  take(length: number): Uint8Array {
    if (!(length <= this.left)) throw new Malformed('tf-checkpoint/truncated', `entry of ${length} bytes in the block at ${this.#base} passes its end`, this.#base);
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }
}
