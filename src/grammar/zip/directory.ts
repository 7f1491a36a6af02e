// SPDX-License-Identifier: Apache-2.0
import { Cursor } from '../../bytes/cursor.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { centralHeader, endRecord, type CentralHeader, type EndRecord } from './records.ts';

/** A central directory that an end record leads to. */
export interface Directory {
  readonly end: EndRecord;
  /** Where its first header really lies. */
  readonly begin: number;
  /** Bytes in front of the archive that its offsets do not count (a self-extractor, another format). */
  readonly prefix: number;
  readonly headers: readonly CentralHeader[];
  /** Where reading its headers stopped. */
  readonly reached: number;
}

/** An end record is looked for in the last 64 KiB and its own 22 bytes, as all readers do. */
const tailLength = 22 + 0xffff;
/** A directory of more bytes is not read: 100,000 members take about 10 MB. */
const directoryLimit = 128 << 20;
/** Fake end records are cheap to write; looking at this many is enough to tell. */
const candidatesTried = 16;

/**
 * Every central directory that some reader could choose, the one that most readers choose first: CPython's zipfile,
 * miniz (PyTorch) and Info-ZIP all take the last end record's signature in the file.
 */
export async function directories(source: ByteSource): Promise<Directory[]> {
  const tailAt = Math.max(0, source.size - tailLength);
  const tail = Buffer.from(await source.read(tailAt, source.size - tailAt));
  const found: Directory[] = [];
  let at = tail.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  for (let tried = 0; at !== -1 && tried < candidatesTried; tried += 1) {
    const end = endRecord(new Cursor(tail, 'zip', tailAt, at), (place) => (
      place >= tailAt && place < source.size ? new Cursor(tail, 'zip', tailAt, place - tailAt) : undefined
    ));
    const directory = end === undefined ? undefined : await directoryOf(source, end);
    if (directory !== undefined) found.push(directory);
    at = at === 0 ? -1 : tail.lastIndexOf('PK\u0005\u0006', at - 1, 'latin1');
  }
  return found;
}

async function directoryOf(source: ByteSource, end: EndRecord): Promise<Directory | undefined> {
  const { directorySize: size, directoryOffset: offset, directoryEnd, entries } = end;
  if (size === undefined || offset === undefined || entries === undefined) return undefined;
  // Right before the end record, as CPython reckons (bytes in front allowed), or where it says, as miniz does.
  const places = [...new Set([directoryEnd - size, offset])].filter((place) => place >= 0 && place <= directoryEnd);
  for (const begin of places) {
    const length = Math.min(begin === offset && begin + size > directoryEnd ? directoryEnd - begin : size, directoryEnd - begin, directoryLimit);
    const cursor = new Cursor(await source.read(begin, length), 'zip', begin);
    const headers = headersIn(source, cursor);
    if (headers.length > 0 || (entries === 0 && size === 0)) {
      return { end, begin, prefix: begin - offset, headers, reached: begin + cursor.offset };
    }
  }
  return undefined;
}

/** Headers one after the other until something else comes; the declared number of entries is not believed. */
function headersIn(source: ByteSource, cursor: Cursor): CentralHeader[] {
  const headers: CentralHeader[] = [];
  for (;;) {
    const begin = cursor.offset;
    let header: CentralHeader | undefined;
    try {
      header = centralHeader(cursor);
    } catch {
      cursor.offset = begin; // a variable field passes the directory's end
    }
    if (header === undefined) return headers;
    headers.push(header);
    if (headers.length % 1024 === 0) source.budget.tick();
  }
}
