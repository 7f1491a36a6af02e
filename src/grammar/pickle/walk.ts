// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../bytes/errors.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { Ledger, type CallFact } from './ledger.ts';
import { Libraries } from './libraries.ts';
import { isOpcode } from './opcodes.ts';
import { PickleReader, type End, type Oddity } from './reader.ts';
import { CALL, DICT, none, wholeNumber, type Value } from './values.ts';

/** One pickle of a file. */
export interface Stream {
  readonly begin: number;
  /** Behind STOP, or where a loader would stop. */
  readonly end: number;
  readonly ended: End;
  readonly opcodes: number;
}
/** Raw storages of torch's format before 1.6, behind its fifth pickle. */
export interface Raw {
  readonly key: string;
  readonly begin: number;
  readonly end: number;
}
/** All that the pickles of one artefact say. */
export interface Walked {
  readonly streams: readonly Stream[];
  /** Parts that belong to no pickle. */
  readonly junk: readonly (readonly [begin: number, end: number])[];
  readonly raw: readonly Raw[];
  readonly oddities: readonly Oddity[];
  readonly calls: readonly CallFact[];
  readonly libraries: Libraries;
  /** Elements that a walk over the heaviest object would visit. */
  readonly heaviest: number;
  /** Calls that were only counted. */
  readonly uncounted: number;
  /** Where looking for further pickles was given up. */
  readonly stoppedAt: number | undefined;
}

const bounds = {
  /** Pickles described one by one. */
  streams: 10_000,
  /** Places that looked like the beginning of a pickle and were none. */
  probes: 20_000,
  /** Bytes read around such a place. */
  probe: 16_384,
  window: 1 << 20,
} as const;

/** Values of a shelf in dbm.dumb's .dat file begin at multiples of it (Lib/dbm/dumb.py, _BLOCKSIZE). */
const shelfBlock = 512;

/** How far to read: everything; everything if the beginning is a pickle or names something, else `Malformed`; the five pickles of old torch files. */
type Extent = 'all' | 'all-if-first' | 'legacy';

/** Reads the pickles of a source one after the other until its end, also behind damage and between other bytes. */
export async function walk(source: ByteSource, only: Extent = 'all'): Promise<Walked> {
  const walker = new Walker(source);
  return walker.run(only);
}

class Walker {
  readonly #source: ByteSource;
  readonly #ledger = new Ledger();
  readonly #libraries = new Libraries();
  readonly #streams: Stream[] = [];
  readonly #junk: (readonly [number, number])[] = [];
  readonly #raw: Raw[] = [];
  readonly #oddities: Oddity[] = [];
  #heaviest = 0;
  #probes = 0;
  #stoppedAt: number | undefined;
  /** The latest block of the sweep, and the sweep itself. */
  #block: Uint8Array = new Uint8Array(0);
  #blockAt = 0;
  #sweep: AsyncIterator<Uint8Array> | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async run(only: Extent): Promise<Walked> {
    let at = 0;
    while (at < this.#source.size) {
      const begin = at === 0 ? 0 : await this.#find(at);
      if (begin > at && !(await this.#padded(at, begin))) this.#junk.push([at, begin]);
      if (begin >= this.#source.size) break;
      at = await this.#one(begin);
      const last = this.#streams.at(-1)?.ended;
      if (last?.kind === 'damage' && last.code === 'pickle/expansion') break; // a bound of ours, not an end: said as a gap
      if (only === 'all-if-first' && begin === 0 && last?.kind === 'damage' && this.#isText()) throw new Malformed(last.code, last.what, last.at);
      at = await this.#legacy(at);
      if (only === 'legacy' && (this.#raw.length > 0 || this.#streams.length > 5)) break;
    }
    return {
      streams: this.#streams, junk: this.#junk, raw: this.#raw, oddities: this.#oddities, calls: this.#ledger.facts(),
      libraries: this.#libraries, heaviest: this.#heaviest, uncounted: this.#ledger.beyond, stoppedAt: this.#stoppedAt,
    };
  }

  /** Whether a damaged beginning is no pickle: it names nothing, or is a list of words that begin with c. */
  #isText(): boolean {
    const facts = this.#ledger.facts();
    if (!facts.some(nameable)) return true;
    const imports = facts.reduce((sum, { count = 1 }) => sum + count, 0);
    const others = (this.#streams[0]?.opcodes ?? 0) - imports; // the one that broke is counted
    return imports > 1 && others <= 1 && facts.every(({ via }) => via === 'import');
  }

  /** Zeros up to the next block behind a whole pickle, as dbm.dumb writes them between values: they count as part of it. */
  async #padded(from: number, to: number): Promise<boolean> {
    const last = this.#streams.at(-1);
    if (last?.ended.kind !== 'stop' || last.end !== from || to % shelfBlock !== 0 || to - from >= shelfBlock) return false;
    if ((await this.#source.read(from, to - from)).some((byte) => byte !== 0)) return false;
    this.#streams[this.#streams.length - 1] = { ...last, end: to };
    return true;
  }

  /** Reads the pickle at `begin`; returns where it ends. */
  async #one(begin: number): Promise<number> {
    const reader = new PickleReader(this.#ledger, this.#libraries, begin, this.#source.size);
    this.#libraries.reader = reader;
    for (let at = begin; reader.end === undefined && at < this.#source.size; ) {
      const block = await this.#bytes(at);
      reader.push(block);
      at += block.length;
    }
    reader.finish();
    this.#libraries.reader = undefined;
    const ended = reader.end!;
    const end = Math.max(begin + 1, Math.min(ended.kind === 'stop' ? reader.offset : Math.max(ended.at, begin + 1), this.#source.size));
    this.#heaviest = Math.max(this.#heaviest, reader.machine.heaviest);
    const light: End = ended.kind === 'stop' && this.#streams.length >= 5 ? { kind: 'stop', value: none } : ended; // values are heavy
    if (this.#streams.length < bounds.streams) this.#streams.push({ begin, end, ended: light, opcodes: reader.opcodes });
    else {
      const last = this.#streams[bounds.streams - 1]!; // further ones count as part of the last, as far as they adjoin
      if (last.end === begin) this.#streams[bounds.streams - 1] = { ...last, end, opcodes: last.opcodes + reader.opcodes };
    }
    for (const oddity of reader.oddities) if (this.#oddities.length < 200) this.#oddities.push(oddity);
    return end;
  }

  /** Bytes from `at` on: the sweep's block while reading goes forward, so that hashing costs no second pass. */
  async #bytes(at: number): Promise<Uint8Array> {
    this.#sweep ??= this.#source.sweep()[Symbol.asyncIterator]();
    if (at < this.#blockAt) return this.#source.read(at, Math.min(bounds.window, this.#source.size - at));
    while (at >= this.#blockAt + this.#block.length) {
      this.#blockAt += this.#block.length;
      const next = await this.#sweep.next();
      if (next.done === true) {
        this.#block = new Uint8Array(0);
        return this.#source.read(at, Math.min(bounds.window, this.#source.size - at));
      }
      this.#block = next.value;
    }
    return this.#block.subarray(at - this.#blockAt);
  }

  /** Bytes without reading, where the sweep's block has them. */
  #held(at: number, length: number): Uint8Array | undefined {
    const begin = at - this.#blockAt;
    return begin >= 0 && begin + length <= this.#block.length ? this.#block.subarray(begin, begin + length) : undefined;
  }

  /** The next place from `from` on that holds a pickle, or the size. */
  async #find(from: number): Promise<number> {
    const { size } = this.#source;
    if (await this.#plausible(from, true)) return from;
    let before: Uint8Array = new Uint8Array(0);
    for (let at = from; at < size; ) {
      const block = await this.#bytes(at);
      this.#source.budget.tick();
      for (let i = 0; i < block.length; i += 1) {
        const byte = block[i]!;
        const back = byte !== 0x93 ? 0 : i >= reach ? namesBefore(block, i) : namesBefore(Buffer.concat([before, block.subarray(0, i)]), before.length + i);
        if (byte === 0x93 ? back === 0 : byte === 0x80 ? !magicAt(block, i) : (byte !== 0x63 && byte !== 0x69) || !namesAt(block, i + 1)) continue;
        if (this.#probes >= bounds.probes) {
          this.#stoppedAt = at + i;
          return size;
        }
        if (at + i - back >= from && (await this.#plausible(at + i - back, false))) return at + i - back;
      }
      before = Buffer.concat([before, block.subarray(Math.max(0, block.length - reach))]).subarray(-reach); // a copy: the block's memory is used again
      at += block.length;
    }
    return size;
  }

  /** Runs a few thousand bytes on a machine of their own: a pickle gets to STOP, or names something to import. */
  async #plausible(at: number, direct: boolean): Promise<boolean> {
    const length = Math.min(bounds.probe, this.#source.size - at);
    if (length < 2) return false;
    const window = this.#held(at, length) ?? (await this.#source.read(at, length));
    const magic = window[0] === 0x80 && magicAt(window, 0);
    const named = (window[0] === 0x63 || window[0] === 0x69) && namesAt(window, 1);
    const texts = !direct && (window[0] === 0x8c || window[0] === 0x53 || window[0] === 0x56 || window[0] === 0x58);
    if (!magic && !named && !texts && !(direct && isOpcode(window[0]!))) return false;
    this.#probes += 1;
    const ledger = new Ledger();
    const reader = new PickleReader(ledger, new Libraries(), at, this.#source.size);
    reader.push(window);
    if (ledger.facts().some(nameable)) return true;
    if (reader.end?.kind === 'damage') return false;
    if (direct) return reader.end === undefined ? reader.opcodes > (magic ? 3 : 1_000) : magic || reader.opcodes > 6;
    // Small ones: a frame says how long they are, or they stand where dbm.dumb puts the values of a shelf.
    return magic && (reader.opcodes > 20 || (reader.end?.kind === 'stop' && (window[2] === 0x95 || at % shelfBlock === 0)));
  }

  /** Behind the fifth pickle of an old torch file lie the storages: 8 bytes of element count and the elements, by sorted key. */
  async #legacy(at: number): Promise<number> {
    if (this.#streams.length !== 5 || this.#raw.length > 0 || !isLegacy(this.#streams)) return at;
    const { storages } = this.#libraries;
    const { size } = this.#source;
    const keys = [...storages.keys()].toSorted(byCodePoint);
    for (const key of keys) {
      const storage = storages.get(key)!;
      if (at + 8 > size) break;
      const head = await this.#source.read(at, 8);
      const elements = Number(new DataView(head.buffer, head.byteOffset, 8).getBigInt64(0, true));
      const end = at + 8 + elements * storage.width;
      if (elements !== storage.elements || storage.width === 0 || end > size) {
        this.#oddities.push({ code: 'torch-legacy/storage-size', what: `storage ${key.slice(0, 40)} at ${at} has ${elements} elements, declared ${storage.elements}`, at });
        break;
      }
      this.#raw.push({ key, begin: at, end });
      at = end;
    }
    return at;
  }
}

/** Whether a call or import names something that could be there: text taken for opcodes seldom does. */
function nameable({ target }: CallFact): boolean {
  return /^[A-Za-z_]\w+(\.\w+)*\.[A-Za-z_]\w+$/.test(target);
}

/** PROTO and an opcode, as far as the block goes. */
function magicAt(block: Uint8Array, at: number): boolean {
  const [version, next] = [block[at + 1] ?? 2, block[at + 2] ?? 0x2e];
  return version >= 2 && version <= 5 && isOpcode(next);
}

/** Two names of 200 characters, with their opcodes. */
const reach = 416;

/** How far before a STACK_GLOBAL its two names begin, when they are literals just before it; 0 when they are not. */
function namesBefore(block: Uint8Array, at: number): number {
  let end = at;
  for (let text = 0; text < 2; text += 1) {
    if (block[end - 1] === 0x94) end -= 1; // MEMOIZE
    else if (block[end - 2] === 0x71) end -= 2; // BINPUT
    const begin = block[end - 1] === 0x0a ? lineBefore(block, end) : textBefore(block, end);
    if (begin === -1) return 0;
    end = begin;
  }
  return at - end;
}

/** Begin of STRING or UNICODE, a line of up to 200 characters, that ends at `end`; -1 when there is none. */
function lineBefore(block: Uint8Array, end: number): number {
  for (let i = end - 2; i >= Math.max(0, end - 202); i -= 1) {
    const byte = block[i]!;
    if (byte === 0x0a || byte < 0x20 || byte > 0x7e) return -1;
    if ((byte === 0x53 && (block[i + 1] === 0x27 || block[i + 1] === 0x22)) || (byte === 0x56 && (i === 0 || !wordByte(block[i - 1]!)))) return i;
  }
  return -1;
}

/** Begin of SHORT_BINUNICODE or BINUNICODE with a name of up to 200 characters that ends at `end`; -1 when there is none. */
function textBefore(block: Uint8Array, end: number): number {
  for (let length = 1; length <= 200 && length <= end - 2; length += 1) {
    if (!wordByte(block[end - length]!)) return -1;
    if (block[end - length - 1] === length && block[end - length - 2] === 0x8c) return end - length - 2;
    if (block[end - length - 5] === 0x58 && block[end - length - 4] === length && block[end - length - 3] === 0 && block[end - length - 2] === 0 && block[end - length - 1] === 0) return end - length - 5;
  }
  return -1;
}

/** A letter, a digit, '_' or '.'. */
function wordByte(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f || byte === 0x2e;
}

/** Two lines that could be a module and a name, as far as the block goes. */
function namesAt(block: Uint8Array, from: number): boolean {
  for (let line = 0, at = from; line < 2; line += 1) {
    const begin = at;
    for (; at < block.length && block[at] !== 0x0a; at += 1) {
      const byte = block[at]!;
      const letter = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f;
      if (!letter && (at === begin || !((byte >= 0x30 && byte <= 0x39) || byte === 0x2e))) return false;
      if (at - begin > 200) return false;
    }
    if (at >= block.length) return true;
    if (at - begin < 2) return false;
    at += 1;
  }
  return true;
}

/** Second pickle 1001, third a dict: torch/serialization.py. The first is the magic number, or whatever makes one. */
export function isLegacy(streams: readonly Stream[]): boolean {
  const value = (index: number): Value | undefined => {
    const ended = streams[index]?.ended;
    return ended?.kind === 'stop' ? ended.value : undefined;
  };
  const version = value(1);
  return (wholeNumber(version) === 1001 || version?.kind === CALL) && value(2)?.kind === DICT;
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
