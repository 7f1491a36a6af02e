// SPDX-License-Identifier: Apache-2.0
// GNU dbm (src/gdbmdefs.h): header, directory of buckets, buckets of hash entries, keys and values where those point.
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';

/** 0x13579ace first, …cd and …cf since 1.9 (32 and 64 bits), …d0 and …d1 with a sync counter. */
const magics: ReadonlySet<number> = new Set([0x13579ace, 0x13579acd, 0x13579acf, 0x13579ad0, 0x13579ad1]);
const available = 6; // free spaces that a bucket lists

/** Where a value lies. */
export interface Entry {
  readonly begin: number;
  readonly end: number;
}

/** Whether that is a gdbm file, in which order its bytes stand. */
export function orderOf(head: Uint8Array): 'little' | 'big' | undefined {
  if (head.length < 48) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (magics.has(view.getUint32(0, true))) return 'little';
  return magics.has(view.getUint32(0, false)) ? 'big' : undefined;
}

/** Walks all buckets once. */
export class Gdbm {
  readonly #source: ByteSource;
  readonly #little: boolean;
  /** Offsets are 8 bytes, or 4 in files of 32-bit systems. */
  readonly #wide: boolean;
  readonly #directory: number;
  readonly #directorySize: number;
  readonly #bucketSize: number;
  /** End of what is in use. */
  readonly end: number;
  readonly odd: { readonly code: string; readonly what: string; readonly at: number }[] = [];

  constructor(source: ByteSource, head: Uint8Array) {
    this.#source = source;
    this.#little = orderOf(head) === 'little';
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const u32 = (at: number): number => view.getUint32(at, this.#little);
    // A directory below 4 GiB has zeros in the upper half of its offset, where 32-bit files have the directory's size.
    this.#wide = u32(this.#little ? 12 : 8) === 0;
    const fields = this.#wide ? 16 : 12;
    this.#directory = this.#wide ? Number(view.getBigUint64(8, this.#little)) : u32(8);
    this.#directorySize = u32(fields);
    this.#bucketSize = u32(fields + 8);
    this.end = Math.min(source.size, this.#wide ? Number(view.getBigUint64(32, this.#little)) : u32(28));
    if (this.#directory + this.#directorySize > source.size) {
      throw new Malformed('dbm/directory', `directory of ${this.#directorySize} bytes at ${this.#directory} passes the end at ${source.size}`, 8);
    }
    if (this.#bucketSize < 128 || this.#bucketSize > source.size) throw new Malformed('dbm/bucket-size', `buckets of ${this.#bucketSize} bytes in a file of ${source.size}`, fields + 8);
  }

  async *entries(): AsyncGenerator<Entry> {
    const seen = new Set<number>();
    const step = 65_536;
    for (let at = this.#directory; at < this.#directory + this.#directorySize; at += step) {
      const part = await this.#view(at, Math.min(step, this.#directory + this.#directorySize - at));
      for (let i = 0; i + this.#width <= part.byteLength; i += this.#width) {
        const bucket = this.#offset(part, i);
        if (seen.has(bucket)) continue;
        seen.add(bucket);
        if (bucket + this.#bucketSize > this.#source.size) this.#say('dbm/bucket', `bucket at ${bucket} passes the end at ${this.#source.size}`, at + i);
        else yield* this.#bucket(bucket);
      }
    }
  }

  /** Free spaces, bits, count; then for each entry: hash, first bytes of the key, offset, size of key and value. */
  async *#bucket(at: number): AsyncGenerator<Entry> {
    this.#source.budget.tick();
    const bytes = await this.#view(at, this.#bucketSize);
    const begin = this.#wide ? 8 + 16 * available + 8 : 4 + 8 * available + 8;
    const length = this.#wide ? 24 : 20;
    for (let i = begin; i + length <= bytes.byteLength; i += length) {
      if (bytes.getInt32(i, this.#little) === -1) continue; // not in use
      const data = this.#offset(bytes, i + 8);
      const key = bytes.getUint32(i + 8 + this.#width, this.#little);
      const value = bytes.getUint32(i + 12 + this.#width, this.#little);
      if (data === 0 && key === 0 && value === 0) continue;
      if (data + key + value > this.#source.size) this.#say('dbm/entry', `entry at ${at + i} lies at ${data}..${data + key + value}, outside the ${this.#source.size} bytes there are`, at + i);
      else yield { begin: data + key, end: data + key + value };
    }
  }

  get #width(): number {
    return this.#wide ? 8 : 4;
  }
  #offset(view: DataView, at: number): number {
    return this.#wide ? Number(view.getBigUint64(at, this.#little)) : view.getUint32(at, this.#little);
  }
  async #view(at: number, length: number): Promise<DataView> {
    const bytes = await this.#source.read(at, length);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  #say(code: string, what: string, at: number): void {
    if (this.odd.length < 64) this.odd.push({ code, what, at });
  }
}
