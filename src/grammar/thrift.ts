// SPDX-License-Identifier: Apache-2.0
// Thrift's compact protocol (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md) over bytes in
// memory: structs as maps from field number to value, nothing trusted.
import { asBuffer } from '../bytes/as-buffer.ts';
import { Malformed } from '../bytes/errors.ts';

export type Thrift = boolean | bigint | number | Uint8Array | readonly Thrift[] | Struct;
export type Struct = ReadonlyMap<number, Thrift>;

const deepest = 32;
/** Values of one struct in all: a list of a few bytes may otherwise say that it has billions. */
const mostValues = 8_000_000;

/** Reads one struct; `end` is where it ends. Throws `Malformed` with codes '<format>/thrift'. */
export function readStruct(bytes: Uint8Array, format: string, at = 0): { readonly value: Struct; readonly end: number } {
  const reader = new Reader(bytes, format, at);
  const value = reader.struct(0);
  return { value, end: reader.at };
}

class Reader {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #format: string;
  #values = 0;

  constructor(bytes: Uint8Array, format: string, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#format = format;
    this.at = at;
  }

  struct(depth: number): Struct {
    if (depth > deepest) throw this.#wrong(`structs are nested more than ${deepest} levels deep`);
    const out = new Map<number, Thrift>();
    let id = 0;
    for (;;) {
      const head = this.#byte();
      const type = head & 15;
      if (type === 0) return out;
      id = head >> 4 === 0 ? Number(this.#zigzag()) : id + (head >> 4);
      out.set(id, type === 1 ? true : type === 2 ? false : this.#value(type, depth));
    }
  }

  #value(type: number, depth: number): Thrift {
    this.#values += 1;
    if (this.#values > mostValues) throw this.#wrong(`more than ${mostValues} values`);
    switch (type) {
      case 1: case 2: return this.#byte() === 1; // only in lists
      case 3: return (this.#byte() << 24) >> 24;
      case 4: case 5: case 6: return this.#zigzag();
      case 7: return this.#double();
      case 8: return this.#binary();
      case 9: case 10: return this.#list(depth);
      case 12: return this.struct(depth + 1);
      default: throw this.#wrong(`type ${type} is none that this format uses`);
    }
  }

  #list(depth: number): Thrift[] {
    if (depth > deepest) throw this.#wrong(`lists are nested more than ${deepest} levels deep`);
    const head = this.#byte();
    const count = head >> 4 === 15 ? Number(this.#varint()) : head >> 4;
    // Every element takes a byte at least.
    if (count > this.#bytes.length - this.at) throw this.#wrong(`list of ${count} elements in ${this.#bytes.length - this.at} bytes`);
    return Array.from({ length: count }, () => this.#value(head & 15, depth + 1));
  }

  #binary(): Uint8Array {
    const length = Number(this.#varint());
    const begin = this.at;
    if (length > this.#bytes.length - begin) throw this.#wrong(`text of ${length} bytes, of which ${this.#bytes.length - begin} are there`);
    this.at += length;
    return this.#bytes.subarray(begin, this.at);
  }

  #double(): number {
    if (this.at + 8 > this.#bytes.length) throw this.#wrong('number passes the end');
    this.at += 8;
    return this.#view.getFloat64(this.at - 8, true);
  }

  #zigzag(): bigint {
    const value = this.#varint();
    return (value >> 1n) ^ -(value & 1n);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw this.#wrong('number has more than 10 bytes');
  }

  #byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw this.#wrong('it ends in the middle');
    this.at += 1;
    return byte;
  }

  #wrong(what: string): Malformed {
    return new Malformed(`${this.#format}/thrift`, `metadata break at their byte ${this.at}: ${what}`);
  }
}

/** A struct's field as a whole number; undefined where it is none, or too large to be exact. */
export function wholeOf(struct: Struct, field: number): number | undefined {
  const value = struct.get(field);
  const number = typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined;
  return Number.isSafeInteger(number) ? number : undefined;
}

export function textOf(struct: Struct, field: number): string | undefined {
  const value = struct.get(field);
  return value instanceof Uint8Array ? asBuffer(value).toString('utf8') : undefined;
}

export function structOf(struct: Struct, field: number): Struct | undefined {
  const value = struct.get(field);
  return value instanceof Map ? (value as Struct) : undefined;
}

/** A list of structs; anything else in it is left out. */
export function structsOf(struct: Struct, field: number): Struct[] {
  const value = struct.get(field);
  return Array.isArray(value) ? (value as readonly Thrift[]).filter((one): one is Struct => one instanceof Map) : [];
}
