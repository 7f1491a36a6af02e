// SPDX-License-Identifier: Apache-2.0
// Where the pages of a column chunk lie. Files may have an index of them (OffsetIndex), which few have and which may lie: the headers of the
// pages themselves are walked, and an index is made of them, so that a decoder need not hold the chunk.
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { readStruct, structOf, wholeOf, type Struct } from '../../src/grammar/thrift.ts';
import type { Chunk } from './footer.ts';

/** A data page, its header included. */
export interface Page {
  readonly offset: number;
  readonly size: number;
  /** Its first row, counted from the row group's. */
  readonly first: number;
  readonly rows: number;
  readonly unpacked: number;
}

/** Bytes read for a header, and for one with long statistics. */
const window = { usual: 4096, most: 1 << 20 } as const;
/** Pages of one chunk. */
const mostPages = 1_000_000;

/** Unpacks the body of a page of this column. */
export type Unpack = (packed: Uint8Array, length: number) => Uint8Array;

/**
 * The data pages of a column of `rows` rows; undefined where their headers cannot be walked, or do not add up. Pages that begin within a row are told with
 * the one before. PageHeader: 1 type (0 data, 2 dictionary, 3 data v2), 2 unpacked and 3 packed bytes, 5 DataPageHeader (1 values), 8
 * DataPageHeaderV2 (1 values, 3 rows).
 * @param repeats largest repetition level: for 0 there are as many values as rows; else rows are counted in the pages themselves
 */
export async function pagesOf(source: ByteSource, { begin, end }: Chunk, rows: number, repeats: number, unpack: Unpack | undefined): Promise<Page[] | undefined> {
  const pages: Page[] = [];
  let first = 0;
  for (let at = begin; at < end;) {
    source.budget.tick();
    const header = await headerAt(source, at, end);
    if (header === undefined) return undefined;
    const [unpacked, packed] = [wholeOf(header.value, 2) ?? -1, wholeOf(header.value, 3) ?? -1];
    const size = header.length + packed;
    if (unpacked < 0 || packed < 0 || at + size > end || pages.length >= mostPages) return undefined;
    const [v1, v2] = [structOf(header.value, 5), structOf(header.value, 8)];
    if (v1 !== undefined || v2 !== undefined) {
      const values = wholeOf(v1 ?? v2!, 1) ?? -1;
      const begun = v2 !== undefined ? { rows: wholeOf(v2, 3) ?? -1, within: false }
        : repeats === 0 ? { rows: values, within: false }
          : unpack === undefined || packed > mostHeld || unpacked > mostHeld ? undefined
            : rowsBegun(unpack(new Uint8Array(await source.read(at + header.length, packed)), unpacked), values, repeats);
      if (begun === undefined || begun.rows < 0) return undefined;
      const last = pages.at(-1);
      if (begun.within && last !== undefined) pages[pages.length - 1] = { ...last, size: at + size - last.offset, rows: last.rows + begun.rows, unpacked: last.unpacked + unpacked };
      else if (begun.rows > 0) pages.push({ offset: at, size, first, rows: begun.rows, unpacked });
      first += begun.rows;
    }
    at += size;
  }
  return first === rows && pages.length > 0 ? pages : undefined;
}

/** Largest body of a page that rows are counted in. */
const mostHeld = 128 << 20;

/**
 * How many rows begin in a page of a nested column: its repetition levels of 0. They stand first in the body, a u32 of their length before them,
 * in the hybrid of runs and packed bits (https://parquet.apache.org/docs/file-format/data-pages/encodings/, RLE = 3).
 */
export function rowsBegun(body: Uint8Array, values: number, repeats: number): { readonly rows: number; readonly within: boolean } | undefined {
  if (body.length < 4 || values < 1) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const end = 4 + view.getUint32(0, true);
  if (end > body.length) return undefined;
  const width = 32 - Math.clz32(repeats);
  const mask = (1 << width) - 1;
  let [at, seen, rows, within] = [4, 0, 0, false];
  while (seen < values) {
    let [head, shift, byte] = [0, 0, 0x80];
    for (; byte >= 0x80 && shift < 35; shift += 7) {
      if (at >= end) return undefined;
      byte = body[at]!;
      at += 1;
      head += (byte & 0x7f) * 2 ** shift;
    }
    const packed = head % 2 === 1;
    const count = Math.min(values - seen, packed ? Math.floor(head / 2) * 8 : head / 2 | 0);
    if (count < 1 || width > 8) return undefined;
    if (packed) {
      for (let i = 0; i < count; i += 1) {
        const bit = i * width;
        const place = at + (bit >> 3);
        if (place >= end) return undefined;
        const level = ((body[place]! | ((body[place + 1] ?? 0) << 8)) >> (bit & 7)) & mask;
        if (level === 0) rows += 1;
        else if (seen + i === 0) within = true;
      }
      at += Math.floor(head / 2) * width;
    } else {
      if (at >= end) return undefined;
      const level = body[at]! & mask;
      at += 1;
      if (level === 0) rows += count;
      else if (seen === 0) within = true;
    }
    seen += count;
  }
  return { rows, within };
}

async function headerAt(source: ByteSource, at: number, end: number): Promise<{ value: Struct; length: number } | undefined> {
  for (const length of [window.usual, window.most]) {
    const bytes = await source.read(at, Math.min(length, end - at));
    try {
      const { value, end: used } = readStruct(bytes, 'parquet');
      return { value, length: used };
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
    }
  }
  return undefined;
}

/** OffsetIndex in Thrift's compact protocol: 1 list of PageLocation (1 offset, 2 size with header, 3 first row). */
export function offsetIndex(pages: readonly Page[]): Uint8Array {
  const out: number[] = [0x19, 0xfc];
  const varint = (value: number): void => {
    let left = BigInt(value);
    for (; left > 0x7fn; left >>= 7n) out.push(Number(left & 0x7fn) | 0x80);
    out.push(Number(left));
  };
  varint(pages.length);
  for (const { offset, size, first } of pages) {
    for (const [type, value] of [[0x16, offset], [0x15, size], [0x16, first]] as const) {
      out.push(type);
      varint(2 * value); // zigzag of what is not negative
    }
    out.push(0);
  }
  out.push(0);
  return Uint8Array.from(out);
}
