// SPDX-License-Identifier: Apache-2.0
// SQLite's file format (https://www.sqlite.org/fileformat2.html): pages, b-trees, records.
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';

/** A row's payload: its first part lies in the leaf, the rest in a chain of overflow pages. */
export interface Cell {
  readonly rowid: number;
  readonly length: number;
  /** Absolute offset of the part in the leaf, and its bytes. */
  readonly at: number;
  readonly local: Buffer;
  /** First overflow page; 0 when all is local. */
  readonly overflow: number;
}
/** A value of a record: where it lies in the payload. */
export interface Column {
  readonly type: 'blob' | 'text' | 'other';
  readonly offset: number;
  readonly length: number;
  /** Serial type (2.1): 0 null, 1-6 integers, 7 a float, 8 and 9 the numbers 0 and 1. */
  readonly serial: number;
}

const integerSizes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0] as const;
const mostColumns = 32_768; // SQLITE_MAX_COLUMN at its largest

export class Pages {
  readonly source: ByteSource;
  readonly size: number;
  readonly count: number;
  /** Bytes of a page without the part reserved for extensions. */
  readonly usable: number;
  /** 1 UTF-8, 2 and 3 UTF-16. */
  readonly encoding: number;
  /** Pages that break the format, in words. */
  readonly odd: { readonly code: string; readonly what: string; readonly at: number }[] = [];

  private constructor(source: ByteSource, size: number, reserved: number, encoding: number) {
    this.source = source;
    this.size = size;
    this.count = Math.floor(source.size / size);
    this.usable = size - reserved;
    this.encoding = encoding;
  }

  /** The header is the first 100 bytes (1.3). */
  static async open(source: ByteSource): Promise<Pages> {
    if (source.size < 512) throw new Malformed('sqlite/truncated', `database of ${source.size} bytes is shorter than a page`, 0);
    const head = Buffer.from(await source.read(0, 100));
    const told = head.readUInt16BE(16);
    const size = told === 1 ? 65_536 : told;
    if (size < 512 || (size & (size - 1)) !== 0) throw new Malformed('sqlite/page-size', `page size ${size} is no power of two from 512 on`, 16);
    if (size - head[20]! < 480) throw new Malformed('sqlite/page-size', `pages of ${size} bytes with ${head[20]!} reserved have less than 480 left`, 20);
    return new Pages(source, size, head[20]!, head.readUInt32BE(56));
  }

  async page(number: number): Promise<Buffer> {
    if (!(number >= 1 && number <= this.count)) throw new Malformed('sqlite/page', `page ${number} is none of the ${this.count} there are`, 0);
    const bytes = await this.source.read((number - 1) * this.size, this.size);
    return asBuffer(bytes);
  }

  /** All rows of the b-tree with that root (1.6). A page that is met twice, or is none of a b-tree, is said in `odd`. */
  async *rows(root: number): AsyncGenerator<Cell> {
    const open = [root];
    const seen = new Set<number>();
    while (open.length > 0) {
      this.source.budget.tick();
      const number = open.pop()!;
      if (seen.has(number) || !(number >= 1 && number <= this.count)) {
        this.#say('sqlite/page', `page ${number} of the b-tree at ${root} is ${seen.has(number) ? 'met twice' : `none of the ${this.count} there are`}`, (number - 1) * this.size);
        continue;
      }
      seen.add(number);
      const page = await this.page(number);
      const base = number === 1 ? 100 : 0;
      const type = page[base]!;
      if (![2, 5, 10, 13].includes(type)) {
        this.#say('sqlite/page-type', `page ${number} of the b-tree at ${root} has type ${type}, known are 2, 5, 10 and 13`, (number - 1) * this.size);
        continue;
      }
      yield* this.#cells(page, number, base, type, open);
    }
  }

  *#cells(page: Buffer, number: number, base: number, type: number, open: number[]): Generator<Cell> {
    const inner = type === 2 || type === 5;
    const count = page.readUInt16BE(base + 3);
    const pointers = base + (inner ? 12 : 8);
    const pageAt = (number - 1) * this.size;
    if (pointers + 2 * count > this.usable) {
      this.#say('sqlite/cells', `page ${number} lists ${count} cells, which pass its end`, pageAt);
      return;
    }
    if (inner && open.length < 1_000_000) open.push(page.readUInt32BE(base + 8));
    for (let i = 0; i < count; i += 1) {
      let offset = page.readUInt16BE(pointers + 2 * i);
      if (inner) {
        if (offset + 4 > this.usable) {
          this.#say('sqlite/cells', `cell ${i} of page ${number} lies outside it`, pageAt);
          continue;
        }
        if (open.length < 1_000_000) open.push(page.readUInt32BE(offset));
        offset += 4;
      }
      if (type === 5) continue; // a key only
      const cell = this.#cell(page, offset, type === 13, pageAt);
      if (cell === undefined) this.#say('sqlite/cells', `cell ${i} of page ${number} lies outside it`, pageAt);
      else yield cell;
    }
  }

  /** Payload length, row id of a table's leaf, payload (1.6, "B-tree Cell Format"). */
  #cell(page: Buffer, offset: number, table: boolean, pageAt: number): Cell | undefined {
    const length = varint(page, offset, this.usable);
    if (length === undefined) return undefined;
    const rowid = table ? varint(page, length.end, this.usable) : { value: 0, end: length.end };
    if (rowid === undefined) return undefined;
    const total = length.value;
    const u = this.usable;
    const most = table ? u - 35 : Math.floor(((u - 12) * 64) / 255) - 23;
    const least = Math.floor(((u - 12) * 32) / 255) - 23;
    const kept = least + ((total - least) % (u - 4));
    const local = total <= most ? total : kept <= most ? kept : least;
    const begin = rowid.end;
    if (begin + local + (local < total ? 4 : 0) > u || total > this.source.size) return undefined;
    return { rowid: rowid.value, length: total, at: pageAt + begin, local: page.subarray(begin, begin + local), overflow: local < total ? page.readUInt32BE(begin + local) : 0 };
  }

  /** The whole payload, overflow pages included; its length is bounded by the caller. */
  async payload({ length, local, overflow }: Cell): Promise<Buffer> {
    if (overflow === 0) return local;
    const out = Buffer.allocUnsafe(length);
    local.copy(out);
    let filled = local.length;
    for (let next = overflow; filled < length; ) { // ends: each round fills at least 476 bytes
      this.source.budget.tick();
      const page = await this.page(next);
      const step = Math.min(length - filled, this.usable - 4);
      page.copy(out, filled, 4, 4 + step);
      filled += step;
      next = page.readUInt32BE(0);
    }
    return out;
  }

  #say(code: string, what: string, at: number): void {
    if (this.odd.length < 64) this.odd.push({ code, what, at: Math.max(0, Math.min(at, this.source.size)) });
  }
}

/** Columns of a record (2.1): a header of serial types, then the values. Undefined where they do not fit. */
export function columns(payload: Buffer, length: number): Column[] | undefined {
  const header = varint(payload, 0, payload.length);
  if (header === undefined || header.value > payload.length || header.value < header.end) return undefined;
  const out: Column[] = [];
  let offset = header.value;
  for (let at = header.end; at < header.value && out.length < mostColumns; ) {
    const serial = varint(payload, at, header.value);
    if (serial === undefined) return undefined;
    at = serial.end;
    const { value } = serial;
    const size = value < 10 ? integerSizes[value]! : value < 12 ? 0 : Math.floor((value - 12) / 2);
    if (offset + size > length) return undefined;
    out.push({ type: value < 12 ? 'other' : value % 2 === 0 ? 'blob' : 'text', offset, length: size, serial: value });
    offset += size;
  }
  return out;
}

/** Big-endian, seven bits a byte, nine bytes at most; the ninth has eight. Values beyond 2^53 lose digits, and are too large for anything. */
export function varint(bytes: Buffer, begin: number, end: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 9; i += 1) {
    if (begin + i >= end) return undefined;
    const byte = bytes[begin + i]!;
    if (i === 8) return { value: value * 256 + byte, end: begin + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: begin + i + 1 };
  }
  return undefined;
}
