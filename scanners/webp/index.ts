// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { ByteWindow } from '../../src/bytes/window.ts';
import { exifTexts } from '../../src/grammar/picture/exif.ts';
import { decoded, size, text, textMost } from '../../src/grammar/picture/said.ts';
import { settled } from '../../src/grammar/picture/settled.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';

const chunksMost = 1_000_000;

/** WebP: the chunks of its RIFF container; pictures are not decoded. */
export default scanner({
  id: 'webp',
  title: 'WebP picture',
  extensions: ['.webp'],
  holds: 'data',
  says: ['region', 'claim', 'anomaly', 'malformed'],
  recognise({ head }) {
    const start = asBuffer(head.subarray(0, 12)).toString('latin1');
    return start.startsWith('RIFF') && start.endsWith('WEBP') ? 'yes' : 'no';
  },
  async *inspect(source) {
    const window = new ByteWindow(source, 'webp', 4);
    yield* settled(chunksOf(window), source, () => window.offset, 'chunks');
  },
});

async function* chunksOf(window: ByteWindow): AsyncGenerator<FactOf<'claim' | 'anomaly' | 'malformed'>> {
  const { source } = window;
  await window.load(8, 'the header');
  // 4 size of what follows, 8 'WEBP', then chunks: name, length, content, padded to even
  const stated = window.u32() + 8;
  if (stated > source.size) yield { kind: 'malformed', code: 'webp/truncated', what: `the container says ${stated} bytes, the file has ${source.size}` };
  const end = Math.min(stated, source.size);
  window.offset = 12;
  window.end = end;
  let sized = false;
  for (let chunks = 0; window.left > 0; chunks += 1) {
    if (chunks > chunksMost) throw new Malformed('webp/chunks', `more than ${chunksMost} chunks`, window.offset);
    const at = window.offset;
    await window.load(8, 'the head of a chunk');
    const name = Buffer.from(window.take(4)).toString('latin1');
    const length = window.u32();
    if (length > window.left) throw new Malformed('webp/truncated', `chunk ${JSON.stringify(name)} of ${length} bytes at ${at} passes the end at ${end}`, at);
    const wanted = ['VP8 ', 'VP8L', 'VP8X', 'EXIF', 'XMP '].includes(name) ? Math.min(length, textMost) : 0;
    await window.load(wanted, `chunk ${name}`);
    const content = window.take(wanted);
    const dimensions = sized ? undefined : sizeOf(name, content);
    if (dimensions !== undefined) {
      sized = true;
      yield* size(...dimensions, name.trim(), source.size);
    }
    if (name === 'EXIF') yield* exifTexts(startsExif(content) ? content.subarray(6) : content, 'EXIF');
    if (name === 'XMP ') yield* text('XMP', decoded(content), [at, at + 8 + length]);
    window.offset = Math.min(end, at + 8 + length + (length & 1));
  }
  if (!sized) yield { kind: 'malformed', code: 'webp/no-image', what: 'there is no image in the file' };
}

function startsExif(content: Uint8Array): boolean {
  return Buffer.from(content.subarray(0, 4)).toString('latin1') === 'Exif';
}

/** Width and height by the kind of chunk (RFC 9649, 2.5 to 2.7; RFC 6386, 9.1). */
function sizeOf(name: string, content: Uint8Array): [width: number, height: number] | undefined {
  const data = asBuffer(content);
  if (name === 'VP8X' && data.length >= 10) return [1 + data.readUIntLE(4, 3), 1 + data.readUIntLE(7, 3)];
  if (name === 'VP8L' && data.length >= 5 && data[0] === 0x2f) {
    const bits = data.readUInt32LE(1);
    return [1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff)];
  }
  if (name === 'VP8 ' && data.length >= 10 && data[3] === 0x9d && data[4] === 0x01 && data[5] === 0x2a) return [data.readUInt16LE(6) & 0x3fff, data.readUInt16LE(8) & 0x3fff];
  return undefined;
}
