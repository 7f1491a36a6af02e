// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from '../../bytes/source.ts';
import { decodeName, isText, oddFields, u16, u32, unicodePath, wide, zip64Fields } from './fields.ts';

/** A central directory header (APPNOTE 4.3.12); offsets count from the first byte of the source. */
export interface Listed {
  readonly name: string;
  readonly rawName: Uint8Array;
  readonly method: number;
  readonly flags: number;
  readonly crc32: number;
  readonly packedSize: number;
  readonly size: number;
  /** Where the local header is said to be. */
  readonly headerAt: number;
  /** Unix mode, 0 when the archive was not made on Unix. */
  readonly mode: number;
}

/** Something that breaks the format, or that two readers would read differently. */
export interface Anomaly {
  readonly code: string;
  readonly what: string;
  readonly at?: readonly [number, number];
}

/** One end-of-central-directory record with the headers that it leads to. */
export interface Directory {
  readonly listed: readonly Listed[];
  readonly begin: number;
  /** Behind its last header that can be read. */
  readonly parsedEnd: number;
  /** Where its headers end by its end record; zip64 records follow. */
  readonly end: number;
  /** Where its end record begins, and where that ends with its comment. */
  readonly endAt: number;
  readonly endsAt: number;
  /** True when the comment reads as text. */
  readonly plainComment: boolean;
  /** Extra fields and comments that no writer would leave: no part of the archive. */
  readonly odd: readonly (readonly [number, number])[];
  readonly problems: readonly Anomaly[];
}

const tailLength = 22 + 0xffff;
const candidatesTried = 16;
/** Members that are looked at, listed and hidden ones each. */
export const membersMost = 200_000;
/** Bytes of a directory that are read at once. What is behind them is searched for local headers. */
const tableMost = 64 * 1024 * 1024;
/** Odd fields told apart; the others count as parts of the archive. */
const oddMost = 64;

/** Every readable directory that an end record in the tail leads to, the last one first: miniz and CPython take that one. */
export async function directories(source: ByteSource): Promise<Directory[]> {
  const begin = Math.max(0, source.size - tailLength);
  const tail = Buffer.from(await source.read(begin, source.size - begin));
  const out: Directory[] = [];
  let at = tail.lastIndexOf('PK\x05\x06', tail.length, 'latin1');
  for (let tried = 0; at >= 0 && tried < candidatesTried; tried += 1) {
    if (at + 22 <= tail.length) {
      const directory = await read(source, tail.subarray(at), begin + at);
      if (directory !== undefined) out.push(directory);
    }
    at = at === 0 ? -1 : tail.lastIndexOf('PK\x05\x06', at - 1, 'latin1');
  }
  return out;
}

async function read(source: ByteSource, record: Uint8Array, endAt: number): Promise<Directory | undefined> {
  const problems: Anomaly[] = [];
  let [count, size, offset, tableEnd] = [u16(record, 10), u32(record, 12), u32(record, 16), endAt];
  const commentLength = u16(record, 20);
  if (endAt >= 20) {
    const locator = await source.read(endAt - 20, 20); // zip64 locator, APPNOTE 4.3.15
    if (u32(locator, 0) === 0x07064b50) {
      const wanted = wide(locator, 8) ?? -1;
      const found = await record64(source, wanted, endAt - 76);
      if (found === undefined) problems.push({ code: 'zip/zip64-record-missing', what: `zip64 locator at ${endAt - 20} leads to ${wanted}, where no record is` });
      else ({ count, size, offset, at: tableEnd } = found);
    }
  }
  const begin = tableEnd - size;
  if (begin < 0 || offset > source.size) return undefined;
  let start = begin;
  if (!(await signed(source, start, count))) {
    if (!(await signed(source, offset, count))) return undefined;
    start = offset;
  }
  if (start > tableEnd) return undefined; // a decoy that points behind itself
  const table = await source.read(start, Math.min(tableEnd - start, tableMost));
  const odd: (readonly [number, number])[] = [];
  const { listed, parsed } = headers(table, start, start - offset, problems, odd);
  if (parsed < tableEnd - start) problems.push({ code: 'zip/directory-broken', what: `central directory breaks at ${start + parsed}, ${tableEnd - start - parsed} bytes before its end`, at: [start + parsed, tableEnd] });
  if (listed.length !== count && (listed.length & 0xffff) !== count) {
    problems.push({ code: 'zip/count-differs', what: `${listed.length} members listed, end record says ${count}` });
  }
  const endsAt = Math.min(source.size, endAt + 22 + commentLength);
  const plainComment = isText(await source.read(endAt + 22, endsAt - endAt - 22));
  return { listed, begin: start, parsedEnd: start + parsed, end: tableEnd, endAt, endsAt, plainComment, odd, problems };
}

async function record64(source: ByteSource, wanted: number, usual: number): Promise<{ count: number; size: number; offset: number; at: number } | undefined> {
  for (const at of [usual, wanted]) {
    if (at < 0 || at + 56 > source.size) continue;
    const bytes = await source.read(at, 56);
    const [count, size, offset] = [wide(bytes, 32), wide(bytes, 40), wide(bytes, 48)];
    if (u32(bytes, 0) === 0x06064b50 && count !== undefined && size !== undefined && offset !== undefined) return { count, size, offset, at };
  }
  return undefined;
}

async function signed(source: ByteSource, at: number, count: number): Promise<boolean> {
  if (count === 0) return true;
  return at >= 0 && at + 46 <= source.size && u32(await source.read(at, 4), 0) === 0x02014b50;
}

function headers(table: Uint8Array, base: number, shift: number, problems: Anomaly[], odd: (readonly [number, number])[]): { listed: Listed[]; parsed: number } {
  const out: Listed[] = [];
  let at = 0;
  while (at + 46 <= table.length && u32(table, at) === 0x02014b50) {
    if (out.length >= membersMost) {
      problems.push({ code: 'zip/too-many-members', what: `more than ${membersMost} members listed`, at: [base + at, base + at] });
      break;
    }
    const nameEnd = at + 46 + u16(table, at + 28);
    const extraEnd = nameEnd + u16(table, at + 30);
    const next = extraEnd + u16(table, at + 32);
    if (next > table.length) break;
    if (odd.length < oddMost) {
      for (const [begin, end] of oddFields(table.subarray(nameEnd, extraEnd))) odd.push([base + nameEnd + begin, base + nameEnd + end]);
      if (!isText(table.subarray(extraEnd, next))) odd.push([base + extraEnd, base + next]);
    }
    const flags = u16(table, at + 8);
    const rawName = table.subarray(at + 46, nameEnd);
    const extra = table.subarray(nameEnd, extraEnd);
    const name = decodeName(rawName, flags);
    const other = unicodePath(extra);
    if (other !== undefined && other !== name) problems.push({ code: 'zip/unicode-name-differs', what: `name ${quote(name)} has another one in its Unicode path field: ${quote(other)}`, at: [base + at, base + next] });
    const sizes = zip64Fields(extra, [u32(table, at + 24), u32(table, at + 20), u32(table, at + 42)]);
    const [size, packedSize, offset] = sizes ?? [0, 0, -1];
    const mode = table[at + 5] === 3 ? u16(table, at + 40) : 0;
    out.push({ name, rawName, method: u16(table, at + 10), flags, crc32: u32(table, at + 16), packedSize: packedSize!, size: size!, headerAt: sizes === undefined ? -1 : offset! + shift, mode });
    at = next;
  }
  return { listed: out, parsed: at };
}

/** A name for a message: at most 100 characters. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 99)}…` : name);
}
