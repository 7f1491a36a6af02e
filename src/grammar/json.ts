// SPDX-License-Identifier: Apache-2.0
// RFC 8259 over bytes. JSON.parse keeps the last of two equal keys in silence, and knows no byte offsets.
import { isUtf8 } from 'node:buffer';
import { asBuffer } from '../bytes/as-buffer.ts';
import { LimitReached, Malformed } from '../bytes/errors.ts';

/** A key that an object had already. The last value wins, as in JSON.parse, Python and most loaders. */
export interface DuplicateKey {
  /** JSON pointer (RFC 6901) of the object's member. */
  readonly pointer: string;
  readonly key: string;
  /** Byte offset of the repeated key's opening quote. */
  readonly at: number;
}

/** What RFC 8259 does not allow and some readers accept. */
export interface NonStandard {
  readonly what: 'NaN' | 'Infinity' | '-Infinity' | 'byte-order-mark' | 'lone-surrogate';
  readonly at: number;
}

export interface JsonDocument {
  /** Plain data. Objects inherit nothing, so that '__proto__' and 'constructor' are keys like any other. */
  readonly value: unknown;
  /** The first thousand. */
  readonly duplicates: readonly DuplicateKey[];
  readonly duplicateCount: number;
  /** The first thousand. */
  readonly nonStandard: readonly NonStandard[];
  /** Byte offset behind the value, white space not included. */
  readonly end: number;
  /** Bytes of the value at a pointer through objects ('/auto_map/AutoModel'); undefined when there is none. The first call parses again. */
  spanOf(this: void, pointer: string): readonly [begin: number, end: number] | undefined;
}

export interface JsonOptions {
  /** Prefix of the codes of what is thrown: '<format>/json-syntax'. 'json' when absent. */
  readonly format?: string;
  /** Where `bytes` begins in the artefact: added to all offsets. */
  readonly base?: number;
  /** Arrays and objects inside one another; 512 when absent. */
  readonly depth?: number;
  /** Whether anything but white space may follow the value; `end` then tells where. */
  readonly trailing?: boolean;
}

/** An object as JSON has it: keys to values, with no prototype to speak of. */
export type JsonObject = Record<string, unknown>;

/** Whether a parsed value is an object, not an array or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Parses one JSON text. Throws `Malformed` with the byte offset: '…/json-truncated', '-syntax', '-number', '-string',
 * '-utf8', '-depth', '-trailing'.
 */
export function parseJson(bytes: Uint8Array, options: JsonOptions = {}): JsonDocument {
  return new Parser(bytes, options).document();
}

// Without Object.create(null): that makes a hash table of every small object, three times slower to fill.
const Bare = function Bare() {} as unknown as new () => JsonObject; // a class could not lose its prototype's constructor
Bare.prototype = Object.freeze(Object.create(null));

const kept = 1000;
/** Keys that are remembered, a power of two, and the longest of them. */
const cacheSize = 1024;
const longestCached = 32;
const longest = 2 ** 29 - 32; // V8's longest string
const [quote, backslash, comma, colon, minus, dot] = [0x22, 0x5c, 0x2c, 0x3a, 0x2d, 0x2e];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
const escapes: Readonly<Record<number, string>> = {
  0x22: '"', 0x5c: '\\', 0x2f: '/', 0x62: '\b', 0x66: '\f', 0x6e: '\n', 0x72: '\r', 0x74: '\t',
};

class Parser {
  readonly #bytes: Buffer;
  /** One character for each byte: slices of it cost no copy, and are right wherever bytes are ASCII. */
  readonly #text: string;
  readonly #format: string;
  readonly #base: number;
  readonly #depth: number;
  readonly #trailing: boolean;
  readonly #path: (string | number)[] = [];
  readonly #duplicates: DuplicateKey[] = [];
  readonly #nonStandard: NonStandard[] = [];
  /** Values of the top-level object; noted only once somebody asks, since it costs as much as the rest. */
  #spans: Map<string, readonly [number, number]> | undefined;
  readonly #keys: (string | undefined)[] = Array.from({ length: cacheSize });
  #duplicateCount = 0;
  #at = 0;

  constructor(bytes: Uint8Array, options: JsonOptions) {
    if (bytes.length > longest) throw new LimitReached('read', `a JSON text of ${bytes.length} bytes, allowed ${longest}`);
    this.#bytes = asBuffer(bytes);
    this.#text = this.#bytes.toString('latin1');
    this.#format = options.format ?? 'json';
    this.#base = options.base ?? 0;
    this.#depth = options.depth ?? 512;
    this.#trailing = options.trailing ?? false;
  }

  document(): JsonDocument {
    const bytes = this.#bytes;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
      this.#note('byte-order-mark', 0);
      this.#at = 3;
    }
    this.#space();
    const value = this.#value(0);
    const end = this.#at;
    this.#space();
    if (!this.#trailing && this.#at < bytes.length) throw this.#wrong('trailing', `byte ${this.#shown()} follows the JSON text`);
    return {
      value,
      duplicates: this.#duplicates,
      duplicateCount: this.#duplicateCount,
      nonStandard: this.#nonStandard,
      end: end + this.#base,
      spanOf: (pointer) => this.#spanOf(pointer),
    };
  }

  #value(depth: number): unknown {
    switch (this.#bytes[this.#at]) {
      case quote:
        return this.#string();
      case openObject:
        return this.#object(depth);
      case openArray:
        return this.#array(depth);
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      case 0x4e:
        this.#note('NaN', this.#at);
        return this.#word('NaN', Number.NaN);
      case 0x49:
        this.#note('Infinity', this.#at);
        return this.#word('Infinity', Number.POSITIVE_INFINITY);
      case undefined:
        throw this.#unexpected('a value');
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    if (depth >= this.#depth) throw this.#wrong('depth', `nested deeper than the allowed ${this.#depth} levels`);
    const out = new Bare();
    this.#at += 1;
    this.#space();
    if (this.#bytes[this.#at] === closeObject) {
      this.#at += 1;
      return out;
    }
    for (;;) {
      const keyAt = this.#at;
      if (this.#bytes[keyAt] !== quote) throw this.#unexpected('a key');
      const key = this.#key();
      this.#path[depth] = key;
      if (out[key] !== undefined) this.#repeated(key, keyAt, depth); // no JSON value is undefined; `in` takes twice the time
      this.#space();
      if (this.#bytes[this.#at] !== colon) throw this.#unexpected("':'");
      this.#at += 1;
      this.#space();
      const begin = this.#at;
      out[key] = this.#value(depth + 1);
      if (depth === 0 && this.#spans !== undefined) this.#spans.set(key, [begin, this.#at]);
      this.#space();
      const next = this.#bytes[this.#at];
      if (next === closeObject) break;
      if (next !== comma) throw this.#unexpected("',' or '}'");
      this.#at += 1;
      this.#space();
    }
    this.#at += 1;
    return out;
  }

  #array(depth: number): unknown[] {
    if (depth >= this.#depth) throw this.#wrong('depth', `nested deeper than the allowed ${this.#depth} levels`);
    const out: unknown[] = [];
    this.#at += 1;
    this.#space();
    if (this.#bytes[this.#at] === closeArray) {
      this.#at += 1;
      return out;
    }
    for (;;) {
      this.#path[depth] = out.length;
      out.push(this.#value(depth + 1));
      this.#space();
      const next = this.#bytes[this.#at];
      if (next === closeArray) break;
      if (next !== comma) throw this.#unexpected("',' or ']'");
      this.#at += 1;
      this.#space();
    }
    this.#at += 1;
    return out;
  }

  /** A key: a string that was seen before is used again, so that the engine need not hash it anew. */
  #key(): string {
    const bytes = this.#bytes;
    const begin = this.#at + 1;
    let hash = 0;
    let at = begin;
    for (const most = Math.min(begin + longestCached, bytes.length); at < most; at += 1) {
      const byte = bytes[at]!;
      if (byte === quote) break;
      if (byte === backslash || byte < 0x20 || byte > 0x7f) return this.#string();
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (bytes[at] !== quote) return this.#string();
    const slot = hash & (cacheSize - 1);
    const cached = this.#keys[slot];
    if (cached !== undefined && cached.length === at - begin && this.#text.startsWith(cached, begin)) {
      this.#at = at + 1;
      return cached;
    }
    this.#at = at + 1;
    const key = this.#text.slice(begin, at);
    this.#keys[slot] = key;
    return key;
  }

  /** From the opening quote to behind the closing one. */
  #string(): string {
    const bytes = this.#bytes;
    const begin = this.#at + 1;
    let at = begin;
    let ascii = true;
    for (; ; at += 1) {
      const byte = bytes[at];
      if (byte === quote) break;
      if (byte === backslash) return this.#escaped(begin, at);
      if (byte === undefined) throw this.#ended('a string');
      if (byte < 0x20) throw this.#control(at);
      if (byte > 0x7f) ascii = false;
    }
    this.#at = at + 1;
    return ascii ? this.#text.slice(begin, at) : this.#utf8(begin, at);
  }

  /** A string with escapes: `from` its first byte, `escape` its first backslash. */
  #escaped(from: number, escape: number): string {
    const bytes = this.#bytes;
    const parts: string[] = [];
    let begin = from;
    let at = escape;
    for (;;) {
      const byte = bytes[at];
      if (byte === undefined) throw this.#ended('a string');
      if (byte < 0x20) throw this.#control(at);
      if (byte === quote) break;
      if (byte !== backslash) {
        at += 1;
        continue;
      }
      if (at > begin) parts.push(this.#utf8(begin, at));
      const letter = bytes[at + 1];
      if (letter === 0x75) {
        parts.push(String.fromCharCode(this.#hex(at)));
        at += 6;
      } else {
        const plain = letter === undefined ? undefined : escapes[letter];
        if (plain === undefined) throw this.#wrong('string', `escape at ${this.#base + at} is none of JSON's`, at);
        parts.push(plain);
        at += 2;
      }
      begin = at;
    }
    if (at > begin) parts.push(this.#utf8(begin, at));
    this.#at = at + 1;
    const string = parts.join('');
    if (!string.isWellFormed()) this.#note('lone-surrogate', from);
    return string;
  }

  #hex(at: number): number {
    const digits = this.#text.slice(at + 2, at + 6);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#wrong('string', `escape at ${this.#base + at} lacks its four hex digits`, at);
    return Number.parseInt(digits, 16);
  }

  #utf8(begin: number, end: number): string {
    if (!isUtf8(this.#bytes.subarray(begin, end))) throw this.#wrong('utf8', `string at ${this.#base + begin} is not UTF-8`, begin);
    return this.#bytes.toString('utf8', begin, end);
  }

  #number(): number {
    const bytes = this.#bytes;
    const begin = this.#at;
    let at = begin;
    if (bytes[at] === minus) at += 1;
    if (bytes[at] === 0x49 && at > begin) {
      this.#note('-Infinity', begin);
      this.#at = at;
      return this.#word('Infinity', Number.NEGATIVE_INFINITY);
    }
    const digits = at;
    let whole = 0;
    for (; isDigit(bytes[at]); at += 1) whole = whole * 10 + bytes[at]! - 0x30;
    if (at === digits) throw this.#unexpected('a value');
    if (bytes[digits] === 0x30 && at > digits + 1) throw this.#wrong('number', `number at ${this.#base + begin} begins with a zero`, begin);
    this.#at = at;
    const next = bytes[at];
    if (next !== dot && next !== 0x65 && next !== 0x45) {
      if (at - digits > 15) whole = Number(this.#text.slice(digits, at)); // sums of digits round wrongly beyond 2^53
      return digits > begin ? -whole : whole;
    }
    return this.#fraction(begin);
  }

  #fraction(begin: number): number {
    const bytes = this.#bytes;
    let at = this.#at;
    const run = (): void => {
      const first = at;
      while (isDigit(bytes[at])) at += 1;
      if (at === first) throw this.#wrong('number', `number at ${this.#base + begin} lacks a digit at ${this.#base + at}`, begin);
    };
    if (bytes[at] === dot) {
      at += 1;
      run();
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at += bytes[at + 1] === 0x2b || bytes[at + 1] === minus ? 2 : 1;
      run();
    }
    this.#at = at;
    return Number(this.#text.slice(begin, at));
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected('a value');
    this.#at += word.length;
    return value;
  }

  #space(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (;;) {
      const byte = bytes[at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      at += 1;
    }
    this.#at = at;
  }

  #repeated(key: string, at: number, depth: number): void {
    if (this.#spans !== undefined) return; // the second time
    this.#duplicateCount += 1;
    if (this.#duplicates.length >= kept) return;
    const pointer = this.#path.slice(0, depth + 1).map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    this.#duplicates.push({ pointer, key, at: at + this.#base });
  }

  #note(what: NonStandard['what'], at: number): void {
    if (this.#nonStandard.length < kept && this.#spans === undefined) this.#nonStandard.push({ what, at: at + this.#base });
  }

  #spanOf(pointer: string): readonly [number, number] | undefined {
    const steps = /^\/([^/]*)(\/.*)?$/s.exec(pointer);
    const span = steps === null ? undefined : this.#topLevel().get(steps[1]!.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (steps === null || span === undefined) return undefined;
    if (steps[2] === undefined) return [span[0] + this.#base, span[1] + this.#base];
    return parseJson(this.#bytes.subarray(span[0], span[1]), { format: this.#format, base: this.#base + span[0], depth: this.#depth }).spanOf(steps[2]);
  }

  /** Parses a second time, noting where values lie. */
  #topLevel(): ReadonlyMap<string, readonly [number, number]> {
    if (this.#spans === undefined) {
      this.#spans = new Map();
      this.#at = this.#bytes[0] === 0xef ? 3 : 0;
      this.#space();
      this.#value(0);
    }
    return this.#spans;
  }

  #shown(): string {
    return `0x${(this.#bytes[this.#at] ?? 0).toString(16).padStart(2, '0')} at ${this.#base + this.#at}`;
  }
  #ended(what: string): Malformed {
    return this.#wrong('truncated', `JSON text ends inside ${what} at ${this.#base + this.#bytes.length}`, this.#bytes.length);
  }
  #control(at: number): Malformed {
    return this.#wrong('string', `string holds the control byte ${this.#bytes[at]} at ${this.#base + at}`, at);
  }
  #unexpected(wanted: string): Malformed {
    if (this.#at >= this.#bytes.length) return this.#wrong('truncated', `JSON text ends at ${this.#base + this.#bytes.length} where ${wanted} must follow`);
    return this.#wrong('syntax', `byte ${this.#shown()} stands where ${wanted} must`);
  }
  #wrong(code: string, what: string, at = this.#at): Malformed {
    return new Malformed(`${this.#format}/json-${code}`, what, this.#base + at);
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
