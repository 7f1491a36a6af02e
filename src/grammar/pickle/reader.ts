// SPDX-License-Identifier: Apache-2.0
import { Blocks } from './blocks.ts';
import { Frames } from './frames.ts';
import { hot } from './hot.ts';
import { Keeper, Passing } from './keeper.ts';
import type { Ledger } from './ledger.ts';
import { shownLong } from './lines.ts';
import { Damage, Machine, type Watcher } from './machine.ts';
import { argumentSize, i32, invalid, latin1, lines, texts, u64, utf8Texts } from './opcodes.ts';
import { plain } from './plain.ts';
import { cutOff, oneLine, plainNumber, put, twoLines } from './textual.ts';
import { preview } from './values.ts';

export type { End, Oddity } from './blocks.ts';

/** Lines longer than this are looked at only at their beginning. */
const longLine = 65_536;
const shownLine = 4_096;
/** An argument that needs more bytes than there are yet. */
const wait = -1;
/** Pickles of one artefact that are followed in two ways. */
const mostForks = 1_000;
const unconcerned: Watcher = { called: () => {}, built: () => {}, persistent: () => false, item: () => {} };

/**
 * Cuts the bytes of one pickle into opcodes, whatever blocks they come in, and lets the machine run them. Long literals
 * are passed over: only their beginnings are kept.
 */
export class PickleReader extends Blocks {
  machine: Machine;
  readonly #ledger: Ledger;
  readonly #watcher: Watcher;
  readonly #passing = new Passing();
  readonly #frames: Frames;
  readonly #keeper = new Keeper();
  #protocols = 0;
  readonly #begin: number;
  #raw: { readonly length: number; readonly padded: boolean; readonly seen: (begin: number, end: number) => void } | undefined;
  /** Machines that wait for a pickle inside their own to end. */
  readonly #outer: Machine[] = [];
  /** A line that passes `longLine`: its opcode's offset, first bytes, length so far and last byte. */
  #line: { readonly op: number; readonly begin: number; readonly head: string; length: number; last: number } | undefined;
  readonly #say = (code: string, what: string): void => this.odd(code, what);

  constructor(ledger: Ledger, watcher: Watcher, begin: number, size: number, fromFile?: Machine) {
    super(begin, size, fromFile !== undefined);
    this.#ledger = ledger;
    this.#watcher = watcher;
    this.machine = fromFile ?? this.#fresh();
    this.#begin = begin;
    this.#frames = new Frames(size, (what, at) => this.odd('pickle/reader-difference', what, at));
  }

  #fresh(): Machine {
    return new Machine(this.#ledger, this.#watcher, (what) => this.odd('pickle/reader-difference', what));
  }

  protected get at(): number {
    return this.machine.begin;
  }

  protected get within(): 'literal' | 'line' | undefined {
    return this.#passing.left > 0 ? 'literal' : this.#line === undefined ? undefined : 'line';
  }

  protected get beyond(): string | undefined {
    return this.#frames.beyond;
  }

  protected fork(from: number): Blocks | undefined {
    if (this.#ledger.forks >= mostForks) return undefined;
    this.#ledger.forks += 1;
    const other = new PickleReader(this.#ledger, unconcerned, from, this.size, this.machine.fork(unconcerned));
    other.#frames.end = this.#frames.end;
    return other;
  }

  /** Opcodes run. */
  get opcodes(): number {
    return this.#outer.reduce((sum, machine) => sum + machine.opcodes, this.machine.opcodes);
  }

  /** Raw bytes that a loader reads behind the present opcode; with `padded`, behind a byte that counts padding. */
  raw(length: number, padded: boolean, seen: (begin: number, end: number) => void): void {
    this.#raw = { length, padded, seen };
  }

  protected runFrom(bytes: Uint8Array, base: number, from: number): number {
    const end = bytes.length;
    let pos = from;
    while (pos < end) {
      if (this.#passing.left > 0) pos = this.#passing.pass(bytes, pos);
      else if (this.#line !== undefined) pos = this.#continueLine(bytes, pos, base);
      else if (this.#raw !== undefined) pos = this.#passRaw(bytes, pos, base);
      else {
        pos = hot(this.machine, this.#keeper, bytes, pos, base, this.#frames.end - base);
        if (pos >= end) break;
        const next = this.#rare(bytes, pos, base);
        if (next === wait) return pos;
        pos = next;
        if (this.ended !== undefined) return pos;
      }
    }
    return pos;
  }

  /** One opcode of any kind. Returns where the next one begins, or `wait` when bytes are missing. */
  #rare(bytes: Uint8Array, start: number, base: number): number {
    const op = bytes[start]!;
    const { machine } = this;
    const at = base + start;
    const size = argumentSize[op]!;
    machine.begin = at;
    if (size === invalid) throw new Damage('pickle/invalid-opcode', `byte 0x${op.toString(16).padStart(2, '0')} at ${at} is no opcode`, at);
    if (size === lines) return this.#lines(op, bytes, start, base);
    if (size < 0) return this.#counted(op, -size - 10, bytes, start, base);
    if (start + 1 + size > bytes.length) return this.#missing(at, 1 + size);
    this.#enter(at, at + 1 + size);
    if (op === 0x80) this.#proto(bytes[start + 1]!, at);
    else if (op === 0x2e) this.#stop(at);
    else if (op === 0x95) this.#frame(u64(bytes, start + 1), at);
    else if (op === 0x72) put(machine, this.#say, i32(bytes, start + 1) >>> 0);
    else plain(machine, op, bytes, start + 1);
    return start + 1 + size;
  }

  /** An opcode is whole, and is about to be run. */
  #enter(begin: number, end: number, middle?: number, drops = true): void {
    this.machine.end = end;
    this.machine.opcodes += 1;
    if (end <= this.#frames.end) return;
    const to = this.#frames.end;
    const cut = this.#frames.pass(begin, end, middle);
    if (cut !== undefined && (drops || cut !== middle)) this.cutAt(begin, cut, to);
  }

  /** A cut through a length comes before what the length would be. */
  #enterHeader(begin: number, end: number): void {
    const to = this.#frames.end;
    if (to >= end || to <= begin + 1) return;
    this.#frames.pass(begin, end);
    this.cutAt(begin, begin + 1, to);
  }

  #frame(length: number, at: number): void {
    const to = this.#frames.begin(length, at);
    if (to === undefined) return;
    this.cutAt(at + 9, at + 9, to);
    this.#frames.end = Number.POSITIVE_INFINITY;
  }

  #passRaw(bytes: Uint8Array, pos: number, base: number): number {
    const { length, padded, seen } = this.#raw!;
    if (base + pos === this.#frames.end) this.#frames.end = Number.POSITIVE_INFINITY; // joblib ends the frame before raw bytes
    this.#raw = undefined;
    const begin = padded ? pos + 1 + bytes[pos]! : pos;
    if (!(base + begin + length <= this.size)) throw new Damage('pickle/truncated', `raw bytes of an array at ${base + begin} pass the end at ${this.size}`, base + pos);
    seen(base + begin, base + begin + length);
    this.#passing.begin(begin - pos + length);
    return pos;
  }

  #missing(at: number, length: number): typeof wait {
    if (at + length > this.size) throw new Damage('pickle/truncated', `an opcode of ${length} bytes at ${at} passes the end at ${this.size}`, at);
    return wait;
  }

  #proto(version: number, at: number): void {
    if (version > 5) throw new Damage('pickle/protocol', `protocol ${version} at ${at} is above the highest there is, 5`, at);
    this.machine.protocol = version;
    this.#protocols += 1;
    if (this.#outer.length === 0 && (at !== this.#begin || this.#protocols > 1)) this.odd('pickle/repeated-protocol', `PROTO ${version} stands at ${at}, not only at the beginning: it changes how later names are looked up`, at);
  }

  #stop(at: number): void {
    const value = this.machine.stop();
    const outer = this.#outer.pop();
    if (outer === undefined) {
      this.#frames.stop(at + 1);
      this.ended = { kind: 'stop', value };
      return;
    }
    outer.opcodes += this.machine.opcodes;
    this.machine = outer;
    this.#ledger.use(outer.pop()); // the wrapper gives way to the array
    outer.push(value);
  }

  /** Opcodes whose argument has its own length before it. */
  #counted(op: number, width: number, bytes: Uint8Array, start: number, base: number): number {
    const at = base + start;
    const header = 1 + width;
    if (start + header > bytes.length) return this.#missing(at, header);
    this.#enterHeader(at, at + header);
    const length = width === 1 ? bytes[start + 1]! : width === 8 ? u64(bytes, start + 1) : i32(bytes, start + 1) >>> 0;
    if (op === 0x8b && length >= 2 ** 31) throw new Damage('pickle/negative-length', `the argument at ${at} has a length of ${length - 2 ** 32}`, at);
    if (!(at + header + length <= this.size)) throw new Damage('pickle/truncated', `an argument of ${length} bytes at ${at} passes the end at ${this.size}`, at);
    if (op === 0x54 && length >= 2 ** 31) this.odd('pickle/reader-difference', `the text at ${at} has a length that only the C unpickler does not take for negative`, at);
    const needed = Math.min(length, op === 0x8b ? shownLong : preview);
    if (start + header + needed > bytes.length) return wait;
    const pos = start + header;
    this.#enter(at, at + header + length, at + header, texts.has(op) || op === 0x8a || op === 0x8b);
    this.machine.push(this.#keeper.literal(op, bytes, pos, length, base));
    const here = Math.min(length, bytes.length - pos);
    if (utf8Texts.has(op)) this.#passing.text(bytes.subarray(pos, pos + here), length - here, at);
    else this.#passing.begin(length - here);
    return pos + here;
  }

  /** Opcodes whose argument is one line, or two. */
  #lines(op: number, bytes: Uint8Array, start: number, base: number): number {
    const at = base + start;
    const two = op === 0x63 || op === 0x69;
    const first = bytes.indexOf(0x0a, start + 1);
    if (first < 0 || first - start > longLine) {
      if (first < 0 && bytes.length - start <= longLine) return this.#cut(op, bytes.subarray(start + 1), undefined, at, base + bytes.length);
      if (two) throw new Damage('pickle/long-name', `the name at ${at} is longer than ${longLine} bytes`, at);
      this.#line = { op, begin: at, head: latin1(bytes, start + 1, start + 1 + shownLine), length: 0, last: 0 };
      return start + 1;
    }
    if (!two) {
      this.#enter(at, base + first + 1);
      if (plainNumber(this.machine, this.#say, op, bytes, start + 1, first)) return first + 1;
      const line = latin1(bytes, start + 1, first);
      oneLine(this.machine, this.#say, op, line, line.length, line.charCodeAt(line.length - 1));
      return first + 1;
    }
    const second = bytes.indexOf(0x0a, first + 1);
    if (second < 0 && bytes.length - first <= longLine) return this.#cut(op, bytes.subarray(start + 1, first), bytes.subarray(first + 1), at, base + bytes.length);
    if (second < 0 || second - first > longLine) throw new Damage('pickle/long-name', `the name at ${at} is longer than ${longLine} bytes`, at);
    this.#enter(at, base + second + 1, base + first + 1);
    twoLines(this.machine, this.#say, op, bytes.subarray(start + 1, first), bytes.subarray(first + 1, second));
    return second + 1;
  }

  /** A line has no end in the bytes at hand: more of them are to come, or it is cut off. */
  #cut(op: number, first: Uint8Array, second: Uint8Array | undefined, at: number, end: number): typeof wait {
    if (end < this.size) return wait;
    this.machine.end = end;
    const from = second === undefined ? at + 1 : end - second.length;
    if ((op === 0x63 || op === 0x69 || op === 0x50) && (from === end || !this.#frames.holds(from))) cutOff(this.machine, this.#say, op, first, second);
    throw new Damage('pickle/truncated', `the line at ${at} has no end`, at);
  }

  #continueLine(bytes: Uint8Array, pos: number, base: number): number {
    const line = this.#line!;
    const found = bytes.indexOf(0x0a, pos);
    const end = found < 0 ? bytes.length : found;
    if (end > pos) line.last = bytes[end - 1]!;
    line.length += end - pos;
    if (found < 0) return end;
    this.machine.begin = line.begin;
    this.#enter(line.begin, base + found + 1);
    this.#line = undefined;
    oneLine(this.machine, this.#say, line.op, line.head, line.length, line.last);
    return found + 1;
  }

  /** Puts a fresh machine in place, as a loader that reads another pickle inside this one does; memo and stack are its own. */
  nested(): void {
    this.#outer.push(this.machine);
    this.machine = this.#fresh();
  }

  /** Whether the opcodes now read are those of a pickle inside the outer one. */
  get inside(): boolean {
    return this.#outer.length > 0;
  }
}
