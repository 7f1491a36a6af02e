// SPDX-License-Identifier: Apache-2.0
// MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md), value by value, over a source that need not fit in memory.
import { Malformed } from '../bytes/errors.ts';
import type { ByteSource } from '../bytes/source.ts';
import { ByteWindow } from '../bytes/window.ts';

/** One value's frame. Of arrays and maps only the head is read: what they hold follows. */
export interface Value {
  readonly type: 'nil' | 'bool' | 'int' | 'float' | 'str' | 'bin' | 'array' | 'map' | 'ext';
  /** Where it begins, and where its payload does (of `str`, `bin` and `ext`) and ends; for arrays and maps, the end of the head. */
  readonly at: number;
  readonly begin: number;
  readonly end: number;
  /** Elements of an array, entries of a map. */
  readonly count: number;
  /** Of `int`, `float` and `bool`; an integer beyond 2^53 is not exact. */
  readonly number: number;
  /** Type of an extension, -128 to 127. */
  readonly ext: number;
}

type Kind = Value['type'];

/** Bytes that every frame fits in. */
const longest = 9;

export class MsgpackReader {
  readonly #window: ByteWindow;
  readonly #format: string;

  constructor(source: ByteSource, format: string, begin = 0, end = source.size) {
    this.#window = new ByteWindow(source, format, begin, end);
    this.#window.littleEndian = false;
    this.#format = format;
  }

  /** Where the next value begins. */
  get offset(): number {
    return this.#window.offset;
  }
  set offset(to: number) {
    this.#window.offset = to;
  }

  /** The next value's frame; what `str`, `bin` and `ext` hold is passed over. Throws `Malformed` at the end. */
  async next(): Promise<Value> {
    const window = this.#window;
    const at = window.offset;
    if (!window.has(longest)) await window.load(Math.max(1, Math.min(longest, window.left)), 'value');
    const first = window.u8();
    if (first < 0x80) return this.#made('int', at, { number: first });
    if (first < 0x90) return this.#made('map', at, { count: first & 15 });
    if (first < 0xa0) return this.#made('array', at, { count: first & 15 });
    if (first < 0xc0) return this.#run('str', at, first & 31, 0);
    if (first >= 0xe0) return this.#made('int', at, { number: first - 256 });
    return this.#long(first, at);
  }

  /** At most `most` bytes of a value's payload as text. */
  async text(value: Value, most = 256): Promise<string> {
    const after = this.#window.offset;
    const length = Math.min(most, value.end - value.begin);
    this.#window.offset = value.begin;
    await this.#window.load(length, 'text');
    const text = Buffer.from(this.#window.take(length)).toString('utf8');
    this.#window.offset = after;
    return text;
  }

  async #long(first: number, at: number): Promise<Value> {
    const window = this.#window;
    switch (first) {
      case 0xc0: return this.#made('nil', at, {});
      case 0xc2: case 0xc3: return this.#made('bool', at, { number: first & 1 });
      case 0xc4: case 0xc5: case 0xc6: return this.#run('bin', at, this.#size(first - 0xc4), 0);
      case 0xc7: case 0xc8: case 0xc9: {
        const length = this.#size(first - 0xc7);
        return this.#extension(at, length);
      }
      case 0xca: { const view = this.#view(4, at); return this.#made('float', at, { number: view.getFloat32(0) }); }
      case 0xcb: { const view = this.#view(8, at); return this.#made('float', at, { number: view.getFloat64(0) }); }
      case 0xcc: case 0xcd: case 0xce: return this.#made('int', at, { number: this.#size(first - 0xcc) });
      case 0xcf: { const view = this.#view(8, at); return this.#made('int', at, { number: Number(view.getBigUint64(0)) }); }
      case 0xd0: return this.#made('int', at, { number: this.#view(1, at).getInt8(0) });
      case 0xd1: return this.#made('int', at, { number: this.#view(2, at).getInt16(0) });
      case 0xd2: return this.#made('int', at, { number: this.#view(4, at).getInt32(0) });
      case 0xd3: return this.#made('int', at, { number: Number(this.#view(8, at).getBigInt64(0)) });
      case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8: return this.#extension(at, 1 << (first - 0xd4));
      case 0xd9: case 0xda: case 0xdb: return this.#run('str', at, this.#size(first - 0xd9), 0);
      case 0xdc: case 0xdd: return this.#made('array', at, { count: this.#size(first - 0xdb) });
      case 0xde: case 0xdf: return this.#made('map', at, { count: this.#size(first - 0xdd) });
      default: throw new Malformed(`${this.#format}/type`, `byte 0x${first.toString(16)} at ${at} begins no value`, window.offset - 1);
    }
  }

  #extension(at: number, length: number): Value {
    const type = this.#view(1, at).getInt8(0);
    return this.#run('ext', at, length, type);
  }

  /** An unsigned number of 1, 2 or 4 bytes. */
  #size(power: number): number {
    const view = this.#view(1 << power, this.#window.offset);
    return power === 0 ? view.getUint8(0) : power === 1 ? view.getUint16(0) : view.getUint32(0);
  }

  #view(length: number, at: number): DataView {
    const window = this.#window;
    if (!window.has(length)) throw new Malformed(`${this.#format}/truncated`, `value at ${at} passes the end at ${window.end}`, at);
    return window.view(length);
  }

  #run(type: Kind, at: number, length: number, ext: number): Value {
    const begin = this.#window.offset;
    this.#window.skip(length, type);
    return { type, at, begin, end: begin + length, count: 0, number: 0, ext };
  }

  #made(type: Kind, at: number, { count = 0, number = 0 }: { count?: number; number?: number }): Value {
    const end = this.#window.offset;
    // Each entry takes a byte at least: a larger count than what is left cannot be meant.
    if (count > this.#window.left) throw new Malformed(`${this.#format}/count`, `${type} at ${at} has ${count} entries, but ${this.#window.left} bytes are left`, at);
    return { type, at, begin: end, end, count, number, ext: 0 };
  }
}
