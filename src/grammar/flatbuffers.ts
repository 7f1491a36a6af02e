// SPDX-License-Identifier: Apache-2.0
// FlatBuffers (https://flatbuffers.dev/internals/) without a schema compiler: every offset is checked where it is followed, since
// the format's own runtimes trust them. All numbers are little-endian.
import { Malformed } from '../bytes/errors.ts';

/** Bytes of one buffer. `base` is where they begin in the artefact: only for messages. */
export class FlatBuffer {
  readonly bytes: Uint8Array;
  readonly format: string;
  readonly base: number;
  readonly #view: DataView;
  /** Tables and vectors followed: offsets may lead to the same place again and again. */
  #followed = 0;
  /** Which pieces of 16 bytes were looked at; only where somebody asks what was not. */
  #touched: Uint8Array | undefined;

  constructor(bytes: Uint8Array, format: string, base = 0) {
    this.bytes = bytes;
    this.format = format;
    this.base = base;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** From now on, what is looked at is remembered. */
  track(): void {
    this.#touched = new Uint8Array(Math.ceil(this.bytes.length / piece));
  }

  /** Runs of bytes that were looked at, holes of up to `hole` bytes included; beginnings and ends are rounded to 16. */
  *looked(hole: number): Generator<readonly [begin: number, end: number]> {
    const touched = this.#touched ?? new Uint8Array(0);
    let begin = -1;
    let end = 0;
    for (let i = 0; i < touched.length; i += 1) {
      if (touched[i] === 0) continue;
      if (begin >= 0 && (i - end) * piece > hole) {
        yield [begin * piece, end * piece];
        begin = -1;
      }
      if (begin < 0) begin = i;
      end = i + 1;
    }
    if (begin >= 0) yield [begin * piece, Math.min(end * piece, this.bytes.length)];
  }

  /** How many bytes of a range are tables that nothing leads to any more, as writers leave them behind: each begins with an offset to a list of fields that fits. */
  leftOver(begin: number, end: number): number {
    let found = 0;
    for (let at = begin + ((4 - (begin % 4)) % 4); at + 4 <= end;) {
      const vtable = at - this.#view.getInt32(at, true);
      const fits = vtable >= 0 && vtable + 4 <= this.bytes.length;
      const [length, size] = fits ? [this.#view.getUint16(vtable, true), this.#view.getUint16(vtable + 2, true)] : [0, 0];
      if (length >= 4 && length <= 64 && length % 2 === 0 && size >= 4 && size <= 32 && at + size <= end + 4) {
        found += Math.ceil(size / 4) * 4;
        at += Math.ceil(size / 4) * 4;
      } else at += 4;
    }
    return Math.min(found, end - begin);
  }

  /** Says that bytes belong to something, as far as they lie in the buffer. */
  touch(at: number, length: number): void {
    if (this.#touched === undefined || !(length > 0)) return;
    this.#touched.fill(1, Math.floor(at / piece), Math.ceil((at + length) / piece));
  }

  /** The table that the buffer is: its first four bytes say where it begins. `at` is where those lie. */
  root(at = 0): FlatTable {
    return this.table(at + this.u32(at));
  }

  table(at: number): FlatTable {
    this.#followed += 1;
    if (this.#followed > mostFollowed) throw this.wrong('size', `more than ${mostFollowed} tables and vectors`);
    return new FlatTable(this, at);
  }

  u8(at: number): number {
    return this.#view.getUint8(this.check(at, 1));
  }
  u16(at: number): number {
    return this.#view.getUint16(this.check(at, 2), true);
  }
  i16(at: number): number {
    return this.#view.getInt16(this.check(at, 2), true);
  }
  u32(at: number): number {
    return this.#view.getUint32(this.check(at, 4), true);
  }
  i32(at: number): number {
    return this.#view.getInt32(this.check(at, 4), true);
  }
  i64(at: number): bigint {
    return this.#view.getBigInt64(this.check(at, 8), true);
  }
  f32(at: number): number {
    return this.#view.getFloat32(this.check(at, 4), true);
  }
  f64(at: number): number {
    return this.#view.getFloat64(this.check(at, 8), true);
  }

  /** Throws `Malformed` unless `length` bytes from `at` lie in the buffer; gives `at`. */
  check(at: number, length: number): number {
    if (!(at >= 0 && length >= 0 && at + length <= this.bytes.length)) {
      throw this.wrong('offset', `${length} bytes at ${this.base + at} lie outside the buffer at ${this.base}..${this.base + this.bytes.length}`);
    }
    if (this.#touched !== undefined) this.touch(at, length);
    return at;
  }

  wrong(code: string, what: string): Malformed {
    return new Malformed(`${this.format}/flatbuffer-${code}`, what, this.base);
  }
}

const mostFollowed = 4_000_000;
const piece = 16;

/** A table: its vtable says for each slot how far behind the table's beginning the field lies, 0 for one that is not there. */
export class FlatTable {
  readonly buffer: FlatBuffer;
  readonly at: number;
  readonly #vtable: number;
  readonly #slots: number;

  constructor(buffer: FlatBuffer, at: number) {
    this.buffer = buffer;
    this.at = at;
    this.#vtable = at - buffer.i32(at);
    const length = buffer.u16(this.#vtable);
    if (length < 4 || length % 2 !== 0) throw buffer.wrong('vtable', `vtable at ${buffer.base + this.#vtable} has ${length} bytes, allowed an even number from 4 on`);
    buffer.check(this.#vtable, length);
    this.#slots = (length - 4) / 2;
    buffer.touch(at, buffer.u16(this.#vtable + 2)); // the fields, whether or not anybody asks for them
  }

  /** Where a field's value lies; undefined where it has its default. */
  field(slot: number): number | undefined {
    if (slot >= this.#slots) return undefined;
    const offset = this.buffer.u16(this.#vtable + 4 + 2 * slot);
    return offset === 0 ? undefined : this.at + offset;
  }

  u8(slot: number, otherwise = 0): number {
    const at = this.field(slot);
    return at === undefined ? otherwise : this.buffer.u8(at);
  }
  bool(slot: number): boolean {
    return this.u8(slot) !== 0;
  }
  i16(slot: number, otherwise = 0): number {
    const at = this.field(slot);
    return at === undefined ? otherwise : this.buffer.i16(at);
  }
  i32(slot: number, otherwise = 0): number {
    const at = this.field(slot);
    return at === undefined ? otherwise : this.buffer.i32(at);
  }
  u32(slot: number, otherwise = 0): number {
    const at = this.field(slot);
    return at === undefined ? otherwise : this.buffer.u32(at);
  }
  i64(slot: number, otherwise = 0n): bigint {
    const at = this.field(slot);
    return at === undefined ? otherwise : this.buffer.i64(at);
  }

  /** A table that a field leads to. */
  table(slot: number): FlatTable | undefined {
    const at = this.field(slot);
    return at === undefined ? undefined : this.buffer.table(at + this.buffer.u32(at));
  }

  /** At most `longest` bytes of a text, in UTF-8. */
  text(slot: number, longest = 1024): string | undefined {
    const at = this.field(slot);
    return at === undefined ? undefined : textAt(this.buffer, at + this.buffer.u32(at), longest);
  }

  /** A vector of elements of `size` bytes: where the first one lies, and how many there are. All of them lie in the buffer. */
  vector(slot: number, size: number): { readonly at: number; readonly length: number } | undefined {
    const field = this.field(slot);
    if (field === undefined) return undefined;
    const at = field + this.buffer.u32(field);
    const length = this.buffer.u32(at);
    if (length * size > this.buffer.bytes.length) throw this.buffer.wrong('vector', `vector at ${this.buffer.base + at} has ${length} elements of ${size} bytes, in a buffer of ${this.buffer.bytes.length}`);
    this.buffer.check(at + 4, length * size);
    return { at: at + 4, length };
  }

  /** Whole numbers of a vector, at most `most`. */
  ints(slot: number, most = 1_000_000): number[] {
    const vector = this.vector(slot, 4);
    if (vector === undefined) return [];
    return Array.from({ length: Math.min(vector.length, most) }, (_, i) => this.buffer.i32(vector.at + 4 * i));
  }

  /** The tables of a vector, at most `most`. */
  *tables(slot: number, most = 1_000_000): Generator<FlatTable> {
    const vector = this.vector(slot, 4);
    if (vector === undefined) return;
    for (let i = 0; i < Math.min(vector.length, most); i += 1) {
      const at = vector.at + 4 * i;
      yield this.buffer.table(at + this.buffer.u32(at));
    }
  }

  /** The texts of a vector, at most `most`. */
  *texts(slot: number, most = 1_000_000, longest = 1024): Generator<string> {
    const vector = this.vector(slot, 4);
    if (vector === undefined) return;
    for (let i = 0; i < Math.min(vector.length, most); i += 1) {
      const at = vector.at + 4 * i;
      yield textAt(this.buffer, at + this.buffer.u32(at), longest);
    }
  }
}

function textAt(buffer: FlatBuffer, at: number, longest: number): string {
  const length = buffer.u32(at);
  buffer.check(at + 4, length);
  return Buffer.from(buffer.bytes.buffer, buffer.bytes.byteOffset + at + 4, Math.min(length, longest)).toString('utf8');
}
