// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { decoded, size, text, textMost } from '../../src/grammar/picture/said.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';
import type { Span } from '../../src/model/span.ts';

const directoriesMost = 4096;
const entriesMost = 4096;
/** Strips and tiles of one file whose places are read. */
const piecesMost = 1 << 20;
const textsMost = 32;

/** Bytes of a value by type (TIFF 6.0, section 2; BigTIFF adds 13 and 16 to 18). */
const widths: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8, 129: 1 };
const names: Readonly<Record<number, string>> = {
  269: 'DocumentName', 270: 'ImageDescription', 271: 'Make', 272: 'Model', 305: 'Software', 306: 'DateTime', 315: 'Artist', 316: 'HostComputer', 700: 'XMP', 33_432: 'Copyright', 37_510: 'UserComment',
};
/** Entries whose values are offsets of further directories: SubIFDs, Exif, GPS, interoperability. */
const deeper: ReadonlySet<number> = new Set([330, 34_665, 34_853, 40_965]);

interface Walk {
  readonly source: ByteSource;
  readonly little: boolean;
  readonly big: boolean;
  readonly spans: Span[];
  readonly queue: number[];
  pieces: number;
  texts: number;
  pages: number;
}

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Where its values lie. */
  readonly at: number;
  readonly length: number;
}

/** TIFF and BigTIFF: all directories, and where their values, strips and tiles lie. Camera raw files are made like this too. */
export default scanner({
  id: 'tiff',
  title: 'TIFF picture',
  extensions: ['.tif', '.tiff', '.dng'],
  holds: 'data',
  says: ['region', 'claim', 'anomaly', 'malformed'],
  recognise({ head }) {
    const start = asBuffer(head.subarray(0, 4)).toString('latin1');
    return ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(start) ? 'yes' : 'no';
  },
  async *inspect(source) {
    const header = Buffer.from(await source.read(0, Math.min(16, source.size)));
    const little = header[0] === 0x49;
    const big = header[little ? 2 : 3] === 43;
    const length = big ? 16 : 8;
    if (header.length < length) throw new Malformed('tiff/truncated', `file of ${source.size} bytes is shorter than its header`, header.length);
    const walk: Walk = { source, little, big, spans: [[0, length]], queue: [offset(header, big ? 8 : 4, little, big)], pieces: 0, texts: 0, pages: 0 };
    const seen = new Set<number>();
    while (walk.queue.length > 0) {
      const at = walk.queue.shift()!;
      if (at === 0) continue;
      if (seen.has(at)) {
        yield { kind: 'malformed', code: 'tiff/loop', what: `two directories lead to the one at ${at}` };
        continue;
      }
      if (seen.size >= directoriesMost) throw new Malformed('tiff/directories', `more than ${directoriesMost} directories`, at);
      seen.add(at);
      source.budget.tick();
      yield* directory(walk, at);
    }
    if (walk.pages === 0) yield { kind: 'malformed', code: 'tiff/no-image', what: 'no directory describes an image' };
    for (const at of merged(walk.spans, source.size)) yield { kind: 'region', name: 'directories and pixels', at };
  },
});

async function* directory(walk: Walk, at: number): AsyncGenerator<FactOf<'claim' | 'anomaly' | 'malformed'>> {
  const { source, little, big } = walk;
  const [head, each, link] = big ? [8, 20, 8] : [2, 12, 4];
  if (at + head > source.size) throw new Malformed('tiff/outside', `directory at ${at} lies outside the ${source.size} bytes there are`, Math.min(at, source.size));
  const counted = Buffer.from(await source.read(at, head));
  const count = big ? offset(counted, 0, little, true) : little ? counted.readUInt16LE(0) : counted.readUInt16BE(0);
  if (count > entriesMost) throw new Malformed('tiff/entries', `directory at ${at} has ${count} entries, allowed ${entriesMost}`, at);
  const end = at + head + count * each + link;
  if (end > source.size) throw new Malformed('tiff/truncated', `directory of ${count} entries at ${at} passes the end at ${source.size}`, at);
  const bytes = Buffer.from(await source.read(at + head, count * each + link));
  walk.spans.push([at, end]);
  walk.queue.push(offset(bytes, count * each, little, big));
  const entries = new Map<number, Entry>();
  for (let n = 0; n < count; n += 1) {
    const entry = entryOf(bytes, n * each, at + head + n * each, walk);
    if (entry === undefined) continue;
    if (entry.at + entry.length > source.size) {
      yield { kind: 'malformed', code: 'tiff/value-outside', what: `value of tag ${entry.tag}, ${entry.length} bytes at ${entry.at}, passes the end at ${source.size}` };
      continue;
    }
    if (entry.length > (big ? 8 : 4)) walk.spans.push([entry.at, entry.at + entry.length]);
    entries.set(entry.tag, entry);
  }
  yield* described(walk, entries);
}

function entryOf(bytes: Buffer, at: number, place: number, { little, big }: Walk): Entry | undefined {
  const [tag, type] = little ? [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)] : [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)];
  const count = offset(bytes, at + 4, little, big);
  const width = widths[type];
  if (width === undefined) return undefined; // readers skip types that they do not know
  const length = width * count;
  const inline = big ? 8 : 4;
  return { tag, type, count, length, at: length <= inline ? place + (big ? 12 : 8) : offset(bytes, at + (big ? 12 : 8), little, big) };
}

async function* described(walk: Walk, entries: ReadonlyMap<number, Entry>): AsyncGenerator<FactOf<'claim' | 'anomaly' | 'malformed'>> {
  const { source } = walk;
  const first = async (tag: number): Promise<number | undefined> => (await numbers(walk, entries.get(tag), 1))[0];
  const [width, height] = [await first(256), await first(257)];
  if (width !== undefined && height !== undefined) {
    walk.pages += 1;
    if (walk.pages <= 16) yield* size(width, height, `${(await first(277)) ?? 1} samples of ${(await first(258)) ?? 1} bits`, source.size);
  }
  // 273 and 279 strips, 324 and 325 tiles, 513 and 514 an embedded JPEG: offsets and lengths
  for (const [offsets, lengths] of [[273, 279], [324, 325], [513, 514]] as const) {
    const places = await numbers(walk, entries.get(offsets), piecesMost - walk.pieces);
    const sizes = await numbers(walk, entries.get(lengths), piecesMost - walk.pieces);
    walk.pieces += places.length;
    let outside = 0;
    places.forEach((at, n) => {
      const end = at + (sizes[n] ?? 0);
      if (end > source.size) outside += 1;
      if (at < source.size) walk.spans.push([at, Math.min(end, source.size)]);
    });
    if (outside > 0) yield { kind: 'malformed', code: 'tiff/pixels-outside', what: `${outside} of ${places.length} strips or tiles pass the end at ${source.size}` };
  }
  for (const [tag, entry] of entries) {
    if (deeper.has(tag)) walk.queue.push(...(await numbers(walk, entry, 64)));
    const name = names[tag];
    if ((name === undefined && entry.type !== 2) || entry.type > 2 && ![7, 129].includes(entry.type) || walk.texts >= textsMost || entry.length < 4) continue;
    walk.texts += 1;
    const bytes = await source.read(entry.at, Math.min(entry.length, textMost));
    yield* text(name ?? `tag ${tag}`, decoded(tag === 37_510 ? bytes.subarray(8) : bytes), [entry.at, entry.at + entry.length]);
  }
}

/** The first values of an entry of whole numbers; none where it is something else. */
async function numbers({ source, little }: Walk, entry: Entry | undefined, most: number): Promise<number[]> {
  if (entry === undefined || ![1, 3, 4, 13, 16, 18].includes(entry.type)) return [];
  const width = widths[entry.type]!;
  const count = Math.min(entry.count, Math.max(0, most));
  const bytes = Buffer.from(await source.read(entry.at, count * width));
  return Array.from({ length: count }, (_, n) => {
    if (width === 8) return offset(bytes, n * 8, little, true);
    if (width === 1) return bytes[n]!;
    if (width === 2) return little ? bytes.readUInt16LE(2 * n) : bytes.readUInt16BE(2 * n);
    return little ? bytes.readUInt32LE(4 * n) : bytes.readUInt32BE(4 * n);
  });
}

/** An offset or count: 32 bits, or 64 in BigTIFF; too large for any file beyond 2^53. */
function offset(bytes: Buffer, at: number, little: boolean, big: boolean): number {
  if (!big) return little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  return Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
}

/** Spans put together, with the padding byte that word alignment leaves between them. */
function merged(spans: readonly Span[], size: number): Span[] {
  const out: [number, number][] = [];
  for (const [begin, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (last !== undefined && begin <= last[1] + 3) last[1] = Math.max(last[1], end);
    else out.push([begin, end]);
  }
  const last = out.at(-1);
  if (last !== undefined && size - last[1] <= 3) last[1] = size;
  return out.slice(0, 4096);
}
