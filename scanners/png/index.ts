// SPDX-License-Identifier: Apache-2.0
import { crc32, inflateSync } from 'node:zlib';
import { Malformed } from '../../src/bytes/errors.ts';
import { ByteWindow } from '../../src/bytes/window.ts';
import { exifTexts } from '../../src/grammar/picture/exif.ts';
import { decoded, size, text, textMost } from '../../src/grammar/picture/said.ts';
import { settled } from '../../src/grammar/picture/settled.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';

const magic = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;
/** Chunks of one file: an animation of an hour stays below. */
const chunksMost = 1_000_000;
/** A chunk of more than this is checked in parts. */
const part = 1 << 20;
const textsMost = 32;
const colours: Readonly<Record<number, string>> = { 0: 'grey', 2: 'RGB', 3: 'palette', 4: 'grey and alpha', 6: 'RGBA' };

interface Walk {
  readonly window: ByteWindow;
  chunks: number;
  texts: number;
  odd: number;
  end: boolean;
}

type Saying = FactOf<'claim' | 'anomaly' | 'malformed'>;

/** PNG and APNG: chunks from the signature to IEND, with their checksums; pixels are not inflated. */
export default scanner({
  id: 'png',
  title: 'PNG picture',
  extensions: ['.png', '.apng'],
  holds: 'data',
  says: ['region', 'claim', 'anomaly', 'malformed'],
  recognise: ({ head }) => (magic.every((byte, i) => head[i] === byte) ? 'yes' : 'no'),
  async *inspect(source) {
    const walk: Walk = { window: new ByteWindow(source, 'png', 8), chunks: 0, texts: 0, odd: 0, end: false };
    walk.window.littleEndian = false;
    yield* settled(chunks(walk), source, () => walk.window.offset, 'chunks');
  },
});

async function* chunks(walk: Walk): AsyncGenerator<Saying> {
  while (!walk.end) {
    if (walk.window.left === 0) {
      yield { kind: 'malformed', code: 'png/no-end', what: `the file ends at ${walk.window.end} without an IEND chunk` };
      return;
    }
    yield* chunk(walk);
  }
}

async function* chunk(walk: Walk): AsyncGenerator<Saying> {
  const { window } = walk;
  walk.chunks += 1;
  if (walk.chunks > chunksMost) throw new Malformed('png/chunks', `more than ${chunksMost} chunks`, window.offset);
  if (walk.chunks % 1024 === 0) window.source.budget.tick();
  const begin = window.offset;
  await window.load(8, 'the head of a chunk');
  // 0 length, 4 type, 8 content, then a CRC-32 of type and content (PNG specification, 5.3)
  const length = window.u32();
  const name = window.take(4);
  let crc = crc32(name);
  const type = Buffer.from(name).toString('latin1');
  if (!/^[A-Za-z]{4}$/.test(type)) throw new Malformed('png/chunk-type', `chunk at ${begin} has the type ${JSON.stringify(type)}, not four letters`, begin);
  if (length + 4 > window.left) throw new Malformed('png/truncated', `chunk ${type} of ${length} bytes at ${begin} passes the end at ${window.source.size}`, begin);
  if (walk.chunks === 1 && type !== 'IHDR') throw new Malformed('png/no-header', `the first chunk is ${type}, not IHDR`, begin);
  const wanted = wantedBytes(type, walk);
  const at = window.offset;
  let content: Uint8Array = new Uint8Array(0);
  for (let left = length; left > 0; ) {
    const some = Math.min(left, part);
    await window.load(some, `chunk ${type}`);
    const bytes = window.take(some);
    crc = crc32(bytes, crc);
    if (left === length && wanted > 0) content = bytes.slice(0, wanted);
    left -= some;
  }
  await window.load(4, 'a checksum');
  const stated = window.u32();
  if (stated !== crc) yield* odd(walk, 'png/checksum', `chunk ${type} at ${begin} has the checksum ${stated.toString(16)}, its content ${crc.toString(16)}`);
  yield* meaning(walk, type, content, length, at);
}

/** Bytes of a chunk that are looked at. */
function wantedBytes(type: string, { texts }: Walk): number {
  if (type === 'IHDR') return 13;
  return texts < textsMost && ['tEXt', 'zTXt', 'iTXt', 'eXIf', 'iCCP'].includes(type) ? textMost : 0;
}

function* meaning(walk: Walk, type: string, content: Uint8Array, length: number, at: number): Generator<Saying> {
  if (type === 'IEND') walk.end = true;
  else if (type === 'IHDR') yield* header(walk, content, length);
  else if (content.length > 0) {
    walk.texts += 1;
    if (type === 'eXIf') yield* exifTexts(content, 'EXIF');
    else yield* texts(type, content, at);
  }
}

function* header(walk: Walk, content: Uint8Array, length: number): Generator<Saying> {
  if (length !== 13) throw new Malformed('png/header', `IHDR has ${length} bytes, not 13`, 8);
  const data = new DataView(content.buffer, content.byteOffset, content.length);
  const [width, height, depth, colour] = [data.getUint32(0), data.getUint32(4), content[8]!, content[9]!];
  if (walk.chunks !== 1) yield* odd(walk, 'png/second-header', `a second IHDR says ${width} × ${height}`);
  else yield* size(width, height, `${colours[colour] ?? `colour type ${colour}`} of ${depth} bits`, walk.window.source.size);
  if (width === 0 || height === 0 || width > 0x7fffffff || height > 0x7fffffff) yield* odd(walk, 'png/size', `picture of ${width} × ${height} pixels`);
  if (colours[colour] === undefined || content[10] !== 0 || content[11] !== 0 || content[12]! > 1) yield* odd(walk, 'png/header', `IHDR has colour type ${colour}, compression ${content[10]}, filter ${content[11]}, interlace ${content[12]}: no reader takes them`);
}

/** tEXt: keyword, 0, Latin-1; zTXt: keyword, 0, method, deflate; iTXt: keyword, 0, flag, method, language, 0, keyword, 0, UTF-8 (11.3.4). */
function* texts(type: string, content: Uint8Array, at: number): Generator<Saying> {
  const end = content.indexOf(0);
  if (end < 0) return;
  const keyword = Buffer.from(content.subarray(0, Math.min(end, 79))).toString('latin1');
  const where = `${type} ${keyword}`;
  if (type === 'tEXt') yield* text(where, decoded(content.subarray(end + 1)), [at, at + content.length]);
  else if (type === 'zTXt') yield* text(where, decoded(inflated(content.subarray(end + 2))), [at, at + content.length]);
  else if (type === 'iTXt') {
    const language = content.indexOf(0, end + 3);
    const translated = language < 0 ? -1 : content.indexOf(0, language + 1);
    if (translated < 0) return;
    const value = content.subarray(translated + 1);
    yield* text(where, decoded(content[end + 1] === 1 ? inflated(value) : value), [at, at + content.length]);
  }
}

/** The first part of a deflated text; none where it does not inflate. */
function inflated(packed: Uint8Array): Uint8Array {
  try {
    return inflateSync(packed, { maxOutputLength: 4 * textMost });
  } catch {
    return new Uint8Array(0); // damaged, or longer than anyone writes about a picture
  }
}

function* odd(walk: Walk, code: string, what: string): Generator<FactOf<'malformed'>> {
  walk.odd += 1;
  if (walk.odd <= 16) yield { kind: 'malformed', code, what };
}
