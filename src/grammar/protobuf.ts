// SPDX-License-Identifier: Apache-2.0
// Protocol Buffers wire format (https://protobuf.dev/programming-guides/encoding/) over a source that need not fit in
// memory: fields are walked, payloads stay where they are until somebody asks for them.
import { Malformed } from '../bytes/errors.ts';
import type { ByteSource } from '../bytes/source.ts';
import { ByteWindow } from '../bytes/window.ts';

/** A message being walked: `offset` moves on. */
export interface MessageRange {
  offset: number;
  readonly end: number;
}

export interface Field {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  readonly wire: 0 | 1 | 2 | 5;
  /** Where the field begins, its tag included. */
  readonly at: number;
  /** Payload of wire types 1, 2 and 5; the varint itself for 0. */
  readonly begin: number;
  readonly end: number;
  /** The two halves of a varint or fixed number: see `unsigned` and `signed`. */
  readonly low: number;
  readonly high: number;
}

/** A varint as a non-negative number; not exact beyond 2^53. */
export function unsigned(field: Field): number {
  return field.high * 2 ** 32 + field.low;
}

/** A varint as a 64-bit number in two's complement, as int64 and int32 fields hold it. */
export function signed(field: Field): bigint {
  return BigInt.asIntN(64, (BigInt(field.high) << 32n) | BigInt(field.low));
}

/** Tag and length or varint: the most that must be in memory to read one field's frame. */
const longestFrame = 20;

/** Walks fields in a window. Messages may be left and gone back to: each has a range of its own. */
export class ProtoReader {
  readonly #window: ByteWindow;
  readonly #format: string;
  #low = 0;
  #high = 0;

  constructor(source: ByteSource, format: string) {
    this.#window = new ByteWindow(source, format);
    this.#format = format;
  }

  get source(): ByteSource {
    return this.#window.source;
  }

  /** The next field, or undefined at the message's end. Throws `Malformed`: '…/truncated', '-varint', '-wire-type', '-field-number', '-length'. */
  async next(range: MessageRange): Promise<Field | undefined> {
    if (range.offset >= range.end) return undefined;
    const window = this.#window;
    window.offset = range.offset;
    const frame = Math.min(longestFrame, range.end - range.offset);
    if (!window.has(frame)) await window.load(frame, 'field');
    const field = this.#field(range);
    range.offset = field.end;
    return field;
  }

  /** The message that a length-delimited field holds. */
  enter(field: Field): MessageRange {
    if (field.wire !== 2) throw this.#wrong('wire-type', `field ${field.number} at ${field.at} has the wire type ${field.wire}, where a message must be`, field.at);
    return { offset: field.begin, end: field.end };
  }

  /** At most `most` bytes of a length-delimited field as text; bytes that are no UTF-8 become U+FFFD. */
  async text(field: Field, most = 1024): Promise<string> {
    return Buffer.from(await this.bytes(field, most)).toString('utf8');
  }

  /** At most `most` bytes of a field's payload; valid until the next read. */
  async bytes(field: Field, most: number): Promise<Uint8Array> {
    const length = Math.min(most, field.end - field.begin);
    this.#window.offset = field.begin;
    await this.#window.load(length, 'payload');
    return this.#window.take(length);
  }

  /** Numbers of a repeated varint field, packed or not; at most `most`. */
  async varints(field: Field, most: number): Promise<bigint[]> {
    if (field.wire === 0) return [signed(field)];
    const out: bigint[] = [];
    const range = { offset: field.begin, end: field.end };
    while (range.offset < range.end && out.length < most) {
      this.#window.offset = range.offset;
      await this.#window.load(Math.min(10, range.end - range.offset), 'varint');
      this.#varint(range.end);
      range.offset = this.#window.offset;
      out.push(BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low)));
    }
    return out;
  }

  #field(range: MessageRange): Field {
    const window = this.#window;
    const at = range.offset;
    this.#varint(range.end);
    const tag = this.#low;
    const number = tag >>> 3;
    if (this.#high !== 0 || number === 0) throw this.#wrong('field-number', `field at ${at} has the number ${this.#high === 0 ? 0 : 'beyond 2^29'}, allowed 1..536870911`, at);
    const wire = tag & 7;
    if (wire === 0) {
      const begin = window.offset;
      this.#varint(range.end);
      return { number, wire, at, begin, end: window.offset, low: this.#low, high: this.#high };
    }
    if (wire === 1 || wire === 5) {
      const length = wire === 1 ? 8 : 4;
      if (window.offset + length > range.end) throw this.#passes(length, window.offset, range.end);
      const begin = window.offset;
      const low = window.u32();
      return { number, wire, at, begin, end: begin + length, low, high: wire === 1 ? window.u32() : 0 };
    }
    if (wire !== 2) throw this.#wrong('wire-type', `field ${number} at ${at} has the wire type ${wire}, allowed 0, 1, 2 and 5`, at);
    this.#varint(range.end);
    const length = this.#high * 2 ** 32 + this.#low;
    const begin = window.offset;
    if (length > range.end - begin) throw this.#wrong('length', `field ${number} at ${at} has ${length} bytes, but ${range.end - begin} are left in its message`, at);
    return { number, wire, at, begin, end: begin + length, low: 0, high: 0 };
  }

  #varint(end: number): void {
    const window = this.#window;
    const at = window.offset;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (window.offset >= end) throw this.#passes(1, window.offset, end);
      const byte = window.u8();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32); // bits beyond 64 fall away, as in the reference reader
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw this.#wrong('varint', `varint at ${at} has more than 10 bytes`, at);
  }

  #passes(length: number, at: number, end: number): Malformed {
    return this.#wrong('truncated', `${length} bytes at ${at} pass the end of their message at ${end}`, at);
  }
  #wrong(code: string, what: string, at: number): Malformed {
    return new Malformed(`${this.#format}/${code}`, what, at);
  }
}
