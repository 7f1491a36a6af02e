// SPDX-License-Identifier: Apache-2.0
import type { Ledger } from './ledger.ts';
import { readBinaryLong, readFloat, readInt, readLong, readString, readUnicode } from './lines.ts';
import { Damage, Machine, type Watcher } from './machine.ts';
import { argumentSize, double, i32, invalid, latin1, lines, signed, texts, u64, utf8 } from './opcodes.ts';
import { BYTES, container, DICT, float, int, LIST, no, none, preview, SET, STR, TUPLE, yes, type Value } from './values.ts';

/** Something odd in the bytes, as a `malformed` fact has it. */
export interface Oddity {
  readonly code: string;
  readonly what: string;
  readonly at: number;
}

/** How reading one pickle ended: by STOP, or by what a loader would stop at. */
export type End = { readonly kind: 'stop'; readonly value: Value } | { readonly kind: 'damage'; readonly code: string; readonly what: string; readonly at: number };

/** Lines longer than this are looked at only at their beginning. */
const longLine = 65_536;
const shownLine = 4_096;
const chunkSize = 65_536;
/** An argument that needs more bytes than there are yet. */
const wait = -1;

/**
 * Cuts the bytes of one pickle into opcodes, whatever blocks they come in, and lets the machine run them. Long literals
 * are passed over: only their beginnings are kept.
 */
export class PickleReader {
  machine: Machine;
  readonly #ledger: Ledger;
  readonly #watcher: Watcher;
  /** Size of all there is: an argument that passes it is truncated, as a loader would find. */
  readonly #size: number;
  /** Absolute offset of the next byte. */
  offset: number;
  end: End | undefined;
  readonly oddities: Oddity[] = [];
  #rest: Uint8Array = new Uint8Array(0);
  #skip = 0;
  #frameEnd = Number.POSITIVE_INFINITY;
  #protocols = 0;
  readonly #begin: number;
  #raw: { readonly length: number; readonly padded: boolean; readonly seen: (begin: number, end: number) => void } | undefined;
  /** Machines that wait for a pickle inside their own to end. */
  readonly #outer: Machine[] = [];
  #chunk: Buffer = Buffer.alloc(0);
  #used = 0;
  /** A line that passes `longLine`: its opcode's offset, first bytes, length so far and last byte. */
  #line: { readonly op: number; readonly begin: number; readonly head: string; length: number; last: number } | undefined;
  /** Opcodes run. */
  opcodes = 0;

  constructor(ledger: Ledger, watcher: Watcher, begin: number, size: number) {
    this.#ledger = ledger;
    this.#watcher = watcher;
    this.machine = new Machine(ledger, watcher);
    this.#size = size;
    this.#begin = begin;
    this.offset = begin;
  }

  /** Raw bytes that a loader reads behind the present opcode; with `padded`, behind a byte that counts padding. */
  raw(length: number, padded: boolean, seen: (begin: number, end: number) => void): void {
    this.#raw = { length, padded, seen };
  }

  odd(code: string, what: string, at = this.machine.begin): void {
    if (this.oddities.length < 100 && !this.oddities.some((known) => known.code === code && known.what === what)) this.oddities.push({ code, what, at });
  }

  /** Reads on; says how many bytes of the block belong to this pickle (all of them while it has not ended). */
  push(block: Uint8Array): number {
    if (this.end !== undefined) return 0;
    const held = this.#rest.length;
    const bytes = held === 0 ? block : Buffer.concat([this.#rest, block]);
    const base = this.offset - held;
    let pos: number;
    try {
      pos = this.#run(bytes, base);
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      this.end = { kind: 'damage', code: error.code, what: error.message, at: error.at };
      this.offset = error.at;
      return Math.max(0, error.at - base - held);
    }
    if (this.end !== undefined) {
      this.offset = base + pos;
      return pos - held;
    }
    this.#rest = pos === bytes.length ? new Uint8Array(0) : new Uint8Array(bytes.subarray(pos)); // a copy, which Buffer.slice is not
    this.offset = base + bytes.length;
    return block.length;
  }

  /** There are no more bytes. */
  finish(): void {
    if (this.end !== undefined) return;
    const at = this.offset - this.#rest.length;
    const what = this.#skip > 0 || this.#rest.length > 0 || this.#line !== undefined
      ? `an opcode's argument passes the end at ${this.offset}` : `there is no STOP before the end at ${this.offset}`;
    this.end = { kind: 'damage', code: this.#rest.length > 0 || this.#skip > 0 ? 'pickle/truncated' : 'pickle/no-stop', what, at };
  }

  #run(bytes: Uint8Array, base: number): number {
    const end = bytes.length;
    let pos = 0;
    while (pos < end) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, end - pos);
        this.#skip -= step;
        pos += step;
        continue;
      }
      if (this.#line !== undefined) {
        pos = this.#continueLine(bytes, pos, base);
        continue;
      }
      if (this.#raw !== undefined) {
        pos = this.#passRaw(bytes, pos, base);
        continue;
      }
      pos = this.#hot(bytes, pos, base);
      if (pos >= end || this.#skip > 0 || this.#line !== undefined) continue;
      const next = this.#rare(bytes, pos, base);
      if (next === wait) return pos;
      pos = next;
      if (this.end !== undefined) return pos;
    }
    return pos;
  }

  /** The opcodes that make up the bulk of real pickles. Returns at the first other one, or where bytes are missing. */
  #hot(bytes: Uint8Array, from: number, base: number): number {
    const machine = this.machine;
    const end = bytes.length - 9;
    let pos = from;
    let count = 0;
    const frameEnd = this.#frameEnd - base;
    while (pos < end && pos < frameEnd) {
      count += 1;
      switch (bytes[pos]!) {
        case 0x4b: // BININT1
          machine.push(int(bytes[pos + 1]!));
          pos += 2;
          break;
        case 0x4d: // BININT2
          machine.push(int(bytes[pos + 1]! | (bytes[pos + 2]! << 8)));
          pos += 3;
          break;
        case 0x4a: // BININT
          machine.push(int(bytes[pos + 1]! | (bytes[pos + 2]! << 8) | (bytes[pos + 3]! << 16) | (bytes[pos + 4]! << 24)));
          pos += 5;
          break;
        case 0x47: // BINFLOAT
          machine.push(float(double(bytes, pos + 1)));
          pos += 9;
          break;
        case 0x8c: { // SHORT_BINUNICODE
          const length = bytes[pos + 1]!;
          if (pos + 2 + length > bytes.length) return this.#leave(pos, count);
          machine.push(this.#keep(STR, bytes, pos + 2, length, base));
          pos += 2 + length;
          break;
        }
        case 0x58: { // BINUNICODE
          const length = bytes[pos + 1]! | (bytes[pos + 2]! << 8) | (bytes[pos + 3]! << 16) | (bytes[pos + 4]! << 24);
          if (length < 0 || pos + 5 + length > bytes.length) return this.#leave(pos, count);
          machine.push(this.#keep(STR, bytes, pos + 5, length, base));
          pos += 5 + length;
          break;
        }
        case 0x94: // MEMOIZE
          machine.begin = base + pos;
          machine.memoise();
          pos += 1;
          break;
        case 0x71: // BINPUT
          machine.begin = base + pos;
          machine.memoise(bytes[pos + 1]);
          pos += 2;
          break;
        case 0x72: // LONG_BINPUT
          machine.begin = base + pos;
          machine.memoise((bytes[pos + 1]! | (bytes[pos + 2]! << 8) | (bytes[pos + 3]! << 16) | (bytes[pos + 4]! << 24)) >>> 0);
          pos += 5;
          break;
        case 0x68: // BINGET
          machine.begin = base + pos;
          machine.recall(bytes[pos + 1]!);
          pos += 2;
          break;
        case 0x6a: // LONG_BINGET
          machine.begin = base + pos;
          machine.recall((bytes[pos + 1]! | (bytes[pos + 2]! << 8) | (bytes[pos + 3]! << 16) | (bytes[pos + 4]! << 24)) >>> 0);
          pos += 5;
          break;
        case 0x28: // MARK
          machine.mark();
          pos += 1;
          break;
        case 0x4e: // NONE
          machine.push(none);
          pos += 1;
          break;
        default:
          return this.#leave(pos, count - 1);
      }
    }
    return this.#leave(pos, count);
  }

  #leave(pos: number, count: number): number {
    this.opcodes += count;
    return pos;
  }

  /** A literal's beginning is copied: the block it lies in will be used again. */
  #keep(kind: 4 | 5, bytes: Uint8Array, pos: number, length: number, base: number): Value {
    const kept = length < preview ? length : preview;
    if (this.#used + kept > this.#chunk.length) {
      this.#chunk = Buffer.allocUnsafe(this.#chunk.length < chunkSize ? 1024 + 8 * this.#chunk.length : chunkSize);
      this.#used = 0;
    }
    const begin = this.#used;
    const chunk = this.#chunk;
    for (let i = 0; i < kept; i += 1) chunk[begin + i] = bytes[pos + i]!;
    this.#used = begin + kept;
    return { kind, begin, length, at: base + pos, chunk };
  }

  /** One opcode of any kind. Returns where the next one begins, or `wait` when bytes are missing. */
  #rare(bytes: Uint8Array, start: number, base: number): number {
    const op = bytes[start]!;
    const { machine } = this;
    const at = base + start;
    if (at >= this.#frameEnd) {
      if (at > this.#frameEnd) this.odd('pickle/reader-difference', `a frame ends at ${this.#frameEnd}, inside the opcode before ${at}`, at);
      this.#frameEnd = Number.POSITIVE_INFINITY;
    }
    const size = argumentSize[op]!;
    machine.begin = at;
    if (size === invalid) throw new Damage('pickle/invalid-opcode', `byte 0x${op.toString(16).padStart(2, '0')} at ${at} is no opcode`, at);
    if (size >= 0) {
      if (start + 1 + size > bytes.length) return this.#missing(at, 1 + size);
      machine.end = at + 1 + size;
      this.opcodes += 1;
      this.#plain(op, bytes, start + 1, at);
      return start + 1 + size;
    }
    return size === lines ? this.#lines(op, bytes, start, base) : this.#counted(op, -size - 10, bytes, start, base);
  }

  #passRaw(bytes: Uint8Array, pos: number, base: number): number {
    const { length, padded, seen } = this.#raw!;
    if (base + pos === this.#frameEnd) this.#frameEnd = Number.POSITIVE_INFINITY; // joblib ends the frame before raw bytes
    this.#raw = undefined;
    const begin = padded ? pos + 1 + bytes[pos]! : pos;
    if (!(base + begin + length <= this.#size)) throw new Damage('pickle/truncated', `raw bytes of an array at ${base + begin} pass the end at ${this.#size}`, base + pos);
    seen(base + begin, base + begin + length);
    this.#skip = begin - pos + length;
    return pos;
  }

  #missing(at: number, length: number): typeof wait {
    if (at + length > this.#size) throw new Damage('pickle/truncated', `an opcode of ${length} bytes at ${at} passes the end at ${this.#size}`, at);
    return wait;
  }

  /** Opcodes whose argument has a fixed size. */
  #plain(op: number, bytes: Uint8Array, pos: number, at: number): void {
    const { machine } = this;
    switch (op) {
      case 0x80: return this.#proto(bytes[pos]!, at);
      case 0x2e: return this.#stop(at);
      case 0x95: return this.#frame(bytes, pos, at);
      case 0x28: return machine.mark();
      case 0x30: return machine.popOrUnmark();
      case 0x31: return machine.popMark();
      case 0x32: return machine.duplicate();
      case 0x4e: return machine.push(none);
      case 0x88: return machine.push(yes);
      case 0x89: return machine.push(no);
      case 0x4b: return machine.push(int(bytes[pos]!));
      case 0x4d: return machine.push(int(bytes[pos]! | (bytes[pos + 1]! << 8)));
      case 0x4a: return machine.push(int(i32(bytes, pos)));
      case 0x47: return machine.push(float(double(bytes, pos)));
      case 0x29: return machine.push(container(TUPLE));
      case 0x5d: return machine.push(container(LIST));
      case 0x7d: return machine.push(container(DICT));
      case 0x8f: return machine.push(container(SET));
      case 0x85: return machine.tuple(1);
      case 0x86: return machine.tuple(2);
      case 0x87: return machine.tuple(3);
      case 0x74: return machine.tupleFromMark();
      case 0x6c: return machine.listFromMark();
      case 0x64: return machine.dictFromMark();
      case 0x91: return machine.frozensetFromMark();
      case 0x61: return machine.append();
      case 0x65: return machine.appends();
      case 0x73: return machine.setItem();
      case 0x75: return machine.setItems();
      case 0x90: return machine.addItems();
      case 0x94: return machine.memoise();
      case 0x71: return machine.memoise(bytes[pos]);
      case 0x72: return machine.memoise(i32(bytes, pos) >>> 0);
      case 0x68: return machine.recall(bytes[pos]!);
      case 0x6a: return machine.recall(i32(bytes, pos) >>> 0);
      case 0x52: return machine.reduce();
      case 0x62: return machine.build();
      case 0x6f: return machine.object();
      case 0x81: return machine.newObject(false);
      case 0x92: return machine.newObject(true);
      case 0x93: return machine.stackGlobal();
      case 0x82: return machine.extension(bytes[pos]!);
      case 0x83: return machine.extension(bytes[pos]! | (bytes[pos + 1]! << 8));
      case 0x84: return machine.extension(i32(bytes, pos));
      case 0x51: return machine.persistent(machine.pop());
      case 0x97: return machine.buffer();
      case 0x98: return machine.checkTop();
      default: throw new Damage('pickle/invalid-opcode', `byte 0x${op.toString(16)} at ${at} is no opcode`, at);
    }
  }

  #proto(version: number, at: number): void {
    if (version > 5) throw new Damage('pickle/protocol', `protocol ${version} at ${at} is above the highest there is, 5`, at);
    this.machine.protocol = version;
    this.#protocols += 1;
    if (this.#outer.length === 0 && (at !== this.#begin || this.#protocols > 1)) this.odd('pickle/reader-difference', `PROTO ${version} stands at ${at}, not only at the beginning: it changes how later names are looked up`, at);
  }

  #stop(at: number): void {
    const value = this.machine.stop();
    if (this.#frameEnd !== Number.POSITIVE_INFINITY && this.#frameEnd > at + 1) {
      this.odd('pickle/reader-difference', `a frame ends at ${this.#frameEnd}, behind STOP at ${at}: readers go on at different bytes`, at);
    }
    const outer = this.#outer.pop();
    if (outer === undefined) {
      this.end = { kind: 'stop', value };
      return;
    }
    this.machine = outer;
    this.#ledger.use(outer.pop()); // the wrapper gives way to the array
    outer.push(value);
  }

  /** The C unpickler only makes sure that the frame's bytes are there; the Python one also stops at its end. */
  #frame(bytes: Uint8Array, pos: number, at: number): void {
    const length = u64(bytes, pos);
    const from = at + 9;
    if (!(from + length <= this.#size)) throw new Damage('pickle/truncated', `a frame of ${length} bytes at ${at} passes the end at ${this.#size}`, at);
    if (this.#frameEnd !== Number.POSITIVE_INFINITY) this.odd('pickle/reader-difference', `a frame begins at ${at}, inside another one that ends at ${this.#frameEnd}`, at);
    this.#frameEnd = from + length;
  }

  /** Opcodes whose argument has its own length before it. */
  #counted(op: number, width: number, bytes: Uint8Array, start: number, base: number): number {
    const at = base + start;
    const header = 1 + width;
    if (start + header > bytes.length) return this.#missing(at, header);
    const length = width === 1 ? bytes[start + 1]! : width === 8 ? u64(bytes, start + 1) : signed.has(op) ? i32(bytes, start + 1) : i32(bytes, start + 1) >>> 0;
    if (length < 0) throw new Damage('pickle/negative-length', `the argument at ${at} has a length of ${length}`, at);
    if (!(at + header + length <= this.#size)) throw new Damage('pickle/truncated', `an argument of ${length} bytes at ${at} passes the end at ${this.#size}`, at);
    const needed = Math.min(length, op === 0x8b ? 4_096 : preview);
    if (start + header + needed > bytes.length) return wait;
    const { machine } = this;
    machine.end = at + header + length;
    this.opcodes += 1;
    const pos = start + header;
    if (op === 0x8a || op === 0x8b) machine.push(readBinaryLong(bytes.subarray(pos, pos + needed)));
    else machine.push(this.#keep(texts.has(op) ? STR : BYTES, bytes, pos, length, base));
    const here = Math.min(length, bytes.length - pos);
    this.#skip += length - here;
    return pos + here;
  }

  /** Opcodes whose argument is one line, or two. */
  #lines(op: number, bytes: Uint8Array, start: number, base: number): number {
    const at = base + start;
    const first = bytes.indexOf(0x0a, start + 1);
    const two = op === 0x63 || op === 0x69;
    if (first < 0 || first - start > longLine) {
      if (first < 0 && bytes.length - start <= longLine) {
        if (base + bytes.length >= this.#size) throw new Damage('pickle/truncated', `the line at ${at} has no end`, at);
        return wait;
      }
      if (two) throw new Damage('pickle/long-name', `the name at ${at} is longer than ${longLine} bytes`, at);
      const head = latin1(bytes, start + 1, start + 1 + shownLine);
      this.#line = { op, begin: at, head, length: 0, last: 0 };
      return start + 1;
    }
    const line = latin1(bytes, start + 1, first);
    if (!two) {
      this.machine.end = base + first + 1;
      this.opcodes += 1;
      this.#line1(op, line, line.length, line.charCodeAt(line.length - 1), at);
      return first + 1;
    }
    const second = bytes.indexOf(0x0a, first + 1);
    if (second < 0 || second - first > longLine) {
      if (second < 0 && bytes.length - first <= longLine) {
        if (base + bytes.length >= this.#size) throw new Damage('pickle/truncated', `the name at ${at} has no end`, at);
        return wait;
      }
      throw new Damage('pickle/long-name', `the name at ${at} is longer than ${longLine} bytes`, at);
    }
    this.machine.end = base + second + 1;
    this.opcodes += 1;
    this.#names(op, bytes.subarray(start + 1, first), bytes.subarray(first + 1, second), at);
    return second + 1;
  }

  #continueLine(bytes: Uint8Array, pos: number, base: number): number {
    const line = this.#line!;
    const found = bytes.indexOf(0x0a, pos);
    const end = found < 0 ? bytes.length : found;
    if (end > pos) line.last = bytes[end - 1]!;
    line.length += end - pos;
    if (found < 0) return end;
    this.machine.begin = line.begin;
    this.machine.end = base + found + 1;
    this.#line = undefined;
    this.#line1(line.op, line.head, line.length, line.last, line.begin);
    return found + 1;
  }

  #line1(op: number, line: string, length: number, last: number, at: number): void {
    const { machine } = this;
    const bad = (): never => {
      throw new Damage('pickle/bad-line', `the line of opcode '${String.fromCharCode(op)}' at ${at} is not what the opcode takes`, at);
    };
    switch (op) {
      case 0x49: case 0x4c: { // INT, LONG
        const read = (op === 0x49 ? readInt(line) : readLong(line)) ?? bad();
        if (read.differs !== undefined) this.odd('pickle/reader-difference', read.differs, at);
        return machine.push(read.value);
      }
      case 0x46: // FLOAT
        return machine.push(readFloat(line) ?? bad());
      case 0x53: { // STRING
        const read = readString(line, length, last, at + 1) ?? bad();
        if (read.differs !== undefined) this.odd('pickle/reader-difference', read.differs, at);
        return machine.push(read.value);
      }
      case 0x56: // UNICODE
        return machine.push(readUnicode(line, length, at + 1));
      case 0x50: // PERSID
        return machine.persistent(readUnicode(line, length, at + 1));
      default: { // PUT, GET
        const index = /^[ ]*\+?0*[0-9]{1,15}[ ]*$/.test(line) ? Number(line) : bad();
        return op === 0x70 ? machine.memoise(index) : machine.recall(index);
      }
    }
  }

  #names(op: number, first: Uint8Array, second: Uint8Array, at: number): void {
    if (first.length === 0 || second.length === 0) throw new Damage('pickle/truncated', `a name at ${at} is empty`, at);
    const [module, name] = [utf8(first), utf8(second)];
    if (module === undefined || name === undefined) {
      const what = `a name at ${at} is not UTF-8, and readers decode it differently or refuse`;
      this.odd('pickle/reader-difference', what, at);
    }
    const where = module ?? Buffer.from(first).toString('latin1');
    const what = name ?? Buffer.from(second).toString('latin1');
    if (op === 0x69) this.machine.inst(where, what);
    else this.machine.push(this.machine.literalGlobal(where, what));
  }

  /** Puts a fresh machine in place, as a loader that reads another pickle inside this one does; memo and stack are its own. */
  nested(): void {
    this.#outer.push(this.machine);
    this.machine = new Machine(this.#ledger, this.#watcher);
  }

  /** Whether the opcodes now read are those of a pickle inside the outer one. */
  get inside(): boolean {
    return this.#outer.length > 0;
  }
}
