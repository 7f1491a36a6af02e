// SPDX-License-Identifier: Apache-2.0
// CPython's marshal format (Python/marshal.c), versions 0 to 5, as far as code objects need it. Nothing is run.
import { asBuffer } from '../../bytes/as-buffer.ts';
import { Malformed } from '../../bytes/errors.ts';
import type { Code } from './code.ts';

/** What was unmarshalled: texts and bytes are kept, numbers are not. */
type Value = string | Uint8Array | readonly Value[] | Code | undefined;

/** Fields of a code object changed with versions: what stands before co_code, and what behind. */
interface Layout {
  readonly numbers: number;
  /** One table of all variables with a byte of kind for each (3.11), or three. */
  readonly together: boolean;
  /** Numbers are 16 bits up to 2.2: not read here. */
  readonly qualified: boolean;
}
const layouts: readonly Layout[] = [
  { numbers: 5, together: true, qualified: true }, // 3.11 and later
  { numbers: 6, together: false, qualified: false }, // 3.8 to 3.10: positional-only count
  { numbers: 5, together: false, qualified: false }, // 3.0 to 3.7
  { numbers: 4, together: false, qualified: false }, // 2.3 to 2.7
];

const bounds = { depth: 200, codes: 10_000, texts: 2_000, length: 64 << 20 } as const;

/** All code objects of one marshalled value, and where it ends. Throws `Malformed('marshal/…')`. */
export function unmarshal(bytes: Uint8Array, begin = 0): { readonly codes: readonly Code[]; readonly end: number } {
  let first: Malformed | undefined;
  for (const layout of layouts) {
    const reader = new Reader(bytes, begin, layout);
    try {
      reader.value(0);
      return { codes: reader.codes, end: reader.offset };
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      if (first === undefined || (error.at ?? 0) > (first.at ?? 0)) first = error; // the layout that went furthest is the likely one
    }
  }
  throw first ?? new Malformed('marshal/layout', 'no layout of a code object fits', begin);
}

/** Whether bytes begin with a marshalled code object: small numbers, then co_code. */
export function isCode(head: Uint8Array, begin: number, size: number): boolean {
  if ((head[begin]! & 0x7f) !== 0x63) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return [4, 5, 6].some((numbers) => {
    const at = begin + 1 + 4 * numbers;
    if (at + 5 > head.length || (head[at]! & 0x7f) !== 0x73) return false;
    for (let i = 0; i < numbers - 1; i += 1) if (view.getUint32(begin + 1 + 4 * i, true) > 0xffff) return false;
    const length = view.getUint32(at + 1, true);
    return length > 0 && at + 5 + length < size;
  });
}

/** One attempt with one layout. */
class Reader {
  readonly #bytes: Buffer;
  readonly #layout: Layout;
  readonly #references: Value[] = [];
  /** Texts that 'R' refers to (Python 2). */
  readonly #interned: string[] = [];
  readonly codes: Code[] = [];
  offset: number;

  constructor(bytes: Uint8Array, begin: number, layout: Layout) {
    this.#bytes = asBuffer(bytes);
    this.offset = begin;
    this.#layout = layout;
  }

  #take(length: number): Buffer {
    const begin = this.offset;
    if (!(length >= 0 && begin + length <= this.#bytes.length)) {
      throw new Malformed('marshal/truncated', `${length} bytes at ${begin} pass the end at ${this.#bytes.length}`, begin);
    }
    this.offset = begin + length;
    return this.#bytes.subarray(begin, this.offset);
  }
  #u8(): number {
    return this.#take(1)[0]!;
  }
  #u32(): number {
    return this.#take(4).readUInt32LE(0);
  }

  value(depth: number): Value {
    const at = this.offset;
    if (depth > bounds.depth) throw new Malformed('marshal/deep', `values nested more than ${bounds.depth} levels deep`, at);
    const byte = this.#u8();
    const type = String.fromCharCode(byte & 0x7f);
    const slot = (byte & 0x80) === 0 ? -1 : this.#references.push(undefined) - 1;
    const value = this.#body(type, depth, at);
    if (slot >= 0) this.#references[slot] = value;
    return value;
  }

  #body(type: string, depth: number, at: number): Value {
    switch (type) {
      case '0': case 'N': case 'F': case 'T': case 'S': case '.':
        return undefined;
      case 'i':
        this.#take(4);
        return undefined;
      case 'I': case 'g':
        this.#take(8);
        return undefined;
      case 'y':
        this.#take(16);
        return undefined;
      case 'l':
        this.#take(2 * Math.abs(this.#take(4).readInt32LE(0)));
        return undefined;
      case 'f':
        this.#take(this.#u8());
        return undefined;
      case 'x':
        this.#take(this.#u8());
        this.#take(this.#u8());
        return undefined;
      case 's':
        return this.#take(this.#u32());
      case 't': case 'u': case 'a': case 'A': {
        const text = this.#take(this.#u32()).toString(type === 'u' || type === 't' ? 'utf8' : 'latin1');
        if (type === 't') this.#interned.push(text);
        return text;
      }
      case 'z': case 'Z':
        return this.#take(this.#u8()).toString('latin1');
      case ')':
        return this.#items(this.#u8(), depth);
      case '(': case '[': case '<': case '>':
        return this.#items(this.#u32(), depth);
      case '{':
        return this.#pairs(depth);
      case ':':
        return this.#items(3, depth);
      case 'r':
        return this.#referred(this.#references, this.#u32(), at);
      case 'R':
        return this.#referred(this.#interned, this.#u32(), at);
      case 'c':
        return this.#code(depth, at);
      default:
        throw new Malformed('marshal/type', `type ${JSON.stringify(type)} at ${at} is none of marshal's`, at);
    }
  }

  #referred(list: readonly Value[], index: number, at: number): Value {
    if (index >= list.length) throw new Malformed('marshal/reference', `reference ${index} at ${at} is not among the ${list.length} before it`, at);
    return list[index];
  }

  #items(count: number, depth: number): Value[] {
    if (count > this.#bytes.length - this.offset) throw new Malformed('marshal/truncated', `${count} items at ${this.offset} pass the end at ${this.#bytes.length}`, this.offset);
    const out: Value[] = [];
    for (let i = 0; i < count; i += 1) out.push(this.value(depth + 1));
    return out;
  }

  #pairs(depth: number): Value[] {
    const out: Value[] = [];
    while (this.#bytes[this.offset] !== 0x30) { // '0', NULL, ends a dict
      out.push(this.value(depth + 1), this.value(depth + 1));
    }
    this.#take(1);
    return out;
  }

  #code(depth: number, at: number): Code {
    const { numbers, together, qualified } = this.#layout;
    this.#take(4 * numbers);
    const field = (what: string, kind: 'bytes' | 'list' | 'text'): Value => {
      const from = this.offset;
      const value = this.value(depth + 1);
      const fits = kind === 'list' ? Array.isArray(value) : kind === 'bytes' ? value instanceof Uint8Array : typeof value === 'string' || value instanceof Uint8Array;
      if (!fits) throw new Malformed('marshal/code', `${what} at ${from} is no ${kind}`, from);
      return value;
    };
    const bytes = field('co_code', 'bytes') as Uint8Array; // as are the casts below: field() has checked
    const constants = field('co_consts', 'list') as readonly Value[];
    const names = textsOf(field('co_names', 'list'));
    const locals = textsOf(field('the variables', 'list'));
    let cells: string[] = locals;
    if (together) field('their kinds', 'bytes');
    else {
      const free = textsOf(field('co_freevars', 'list'));
      cells = [...textsOf(field('co_cellvars', 'list')), ...free];
    }
    const file = textOf(field('co_filename', 'text'));
    let name = textOf(field('co_name', 'text'));
    if (qualified) name = textOf(field('co_qualname', 'text'));
    this.#take(4); // first line
    field('the line table', together ? 'bytes' : 'text');
    if (together) field('the exception table', 'bytes');
    const code: Code = { name, file, bytes, names, locals, cells, texts: constantTexts(constants) };
    if (this.codes.length >= bounds.codes) throw new Malformed('marshal/codes', `more than ${bounds.codes} code objects`, at);
    this.codes.push(code);
    return code;
  }
}

function textOf(value: Value): string {
  return typeof value === 'string' ? value : value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : '?';
}

function textsOf(value: Value): string[] {
  return Array.isArray(value) ? (value as readonly Value[]).map(textOf) : [];
}

/** Text constants; tuples are looked into, code objects speak for themselves. References make the walk a graph: bounded. */
function constantTexts(constants: readonly Value[]): string[] {
  const out: string[] = [];
  const open: Value[] = [...constants].toReversed();
  for (let steps = 0; open.length > 0 && steps < bounds.texts; steps += 1) {
    const value = open.pop();
    if (typeof value === 'string') out.push(value);
    else if (value instanceof Uint8Array) out.push(Buffer.from(value).toString('latin1'));
    else if (Array.isArray(value)) for (const inner of (value as readonly Value[]).slice(0, bounds.texts).toReversed()) open.push(inner);
  }
  return out;
}
