// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../src/bytes/errors.ts';
import { ByteWindow } from '../../src/bytes/window.ts';
import { exifTexts } from '../../src/grammar/picture/exif.ts';
import { decoded, size, text } from '../../src/grammar/picture/said.ts';
import { settled } from '../../src/grammar/picture/settled.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';

const segmentsMost = 100_000;
const textsMost = 32;
const further = 8;

interface Walk {
  readonly window: ByteWindow;
  segments: number;
  texts: number;
  /** Says that the file holds further pictures (multi-picture format, gain maps). */
  several: boolean;
  sized: boolean;
  scans: number;
}

type Saying = FactOf<'claim' | 'anomaly' | 'malformed'>;

/** JPEG: markers from SOI to EOI, and what segments say; the entropy-coded data is only searched for its end. */
export default scanner({
  id: 'jpeg',
  title: 'JPEG picture',
  extensions: ['.jpg', '.jpeg', '.jpe', '.jfif'],
  holds: 'data',
  says: ['region', 'claim', 'anomaly', 'malformed'],
  recognise: ({ head }) => (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff && head[3]! >= 0xc0 ? 'yes' : 'no'),
  async *inspect(source) {
    const window = new ByteWindow(source, 'jpeg', 2);
    window.littleEndian = false;
    const walk: Walk = { window, segments: 0, texts: 0, several: false, sized: false, scans: 0 };
    yield* settled(pictures(walk), source, () => window.offset, 'segments');
    if (walk.scans === 0) yield { kind: 'malformed', code: 'jpeg/no-scan', what: 'there is no picture data between beginning and end' };
  },
});

async function* pictures(walk: Walk): AsyncGenerator<Saying> {
  yield* picture(walk);
  // A picture that says it holds more of them: they follow, perhaps behind zeros.
  for (let n = 0; n < further && walk.several && (await atPicture(walk)); n += 1) {
    walk.window.offset += 2;
    walk.sized = true;
    yield* picture(walk);
  }
}

/** Whether another picture begins here, or behind at most 64 KiB of zeros. */
async function atPicture({ window }: Walk): Promise<boolean> {
  const begin = window.offset;
  for (let skipped = 0; window.left >= 3 && skipped < 65_536; skipped += 1) {
    await window.load(3, 'a marker');
    const [a, b, c] = window.take(3);
    window.offset -= 3;
    if (a === 0xff && b === 0xd8 && c === 0xff) return true;
    if (a !== 0) break;
    window.offset += 1;
  }
  window.offset = begin;
  return false;
}

/** Segments up to EOI. */
async function* picture(walk: Walk): AsyncGenerator<Saying> {
  const { window } = walk;
  for (;;) {
    walk.segments += 1;
    if (walk.segments > segmentsMost) throw new Malformed('jpeg/segments', `more than ${segmentsMost} segments`, window.offset);
    if (walk.segments % 256 === 0) window.source.budget.tick();
    const at = window.offset;
    if (window.left < 2) {
      yield { kind: 'malformed', code: 'jpeg/no-end', what: `the file ends at ${window.end} without an end-of-image marker` };
      window.offset = window.end;
      return;
    }
    const marker = await nextMarker(window);
    if (marker === 0xd9) return;
    if ((marker >= 0xd0 && marker <= 0xd8) || marker === 0x01) continue; // restart, beginning, TEM: without a length
    await window.load(2, 'a segment');
    const length = window.take(2).reduce((sum, byte) => sum * 256 + byte, 0) - 2;
    if (length < 0) throw new Malformed('jpeg/segment', `segment ${marker.toString(16)} at ${at} has a length below 2`, at);
    await window.load(length, `segment ${marker.toString(16)}`);
    const begin = window.offset;
    yield* segment(walk, marker, window.take(length), begin);
    if (marker === 0xda) {
      walk.scans += 1;
      await skipScan(window);
    }
  }
}

/** A marker: FF, perhaps repeated, and a byte that is not 0 (ITU-T T.81, B.1.1.2). */
async function nextMarker(window: ByteWindow): Promise<number> {
  const at = window.offset;
  await window.load(2, 'a marker');
  if (window.u8() !== 0xff) throw new Malformed('jpeg/marker', `no marker at ${at}, where a segment should begin`, at);
  for (;;) {
    await window.load(1, 'a marker');
    const byte = window.u8();
    if (byte === 0) throw new Malformed('jpeg/marker', `no marker at ${at}, where a segment should begin`, at);
    if (byte !== 0xff) return byte;
  }
}

/** Goes to the next marker that is no restart; FF 00 stands for a byte FF of data. */
async function skipScan(window: ByteWindow): Promise<void> {
  const block = 64 * 1024;
  while (window.left > 0) {
    const begin = window.offset;
    const some = Math.min(block, window.left);
    await window.load(some, 'picture data');
    const bytes = Buffer.from(window.take(some));
    for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
      const next = bytes[at + 1];
      if (next === undefined) break;
      if (next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7)) continue;
      window.offset = begin + at;
      return;
    }
    window.source.budget.tick();
    // The last byte may be the FF of a marker that the next block completes.
    if (bytes[some - 1] === 0xff && window.left > 0) window.offset -= 1;
  }
}

function* segment(walk: Walk, marker: number, content: Uint8Array, at: number): Generator<Saying> {
  // SOF0 to SOF15 without DHT (C4), JPG (C8) and DAC (CC): 0 precision, 1 height, 3 width, 5 components
  if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
    if (content.length < 6 || walk.sized) return;
    walk.sized = true;
    const [height, width] = [content[1]! * 256 + content[2]!, content[3]! * 256 + content[4]!];
    yield* size(width, height, `${content[5]} components of ${content[0]} bits`, walk.window.source.size);
    return;
  }
  if (walk.texts >= textsMost) return;
  if (marker === 0xfe) {
    walk.texts += 1;
    yield* text('comment', decoded(content), [at, at + content.length]);
  } else if (marker === 0xe1) {
    const start = Buffer.from(content.subarray(0, 36)).toString('latin1');
    walk.texts += 1;
    if (start.startsWith('Exif\0')) yield* exifTexts(content.subarray(6), 'EXIF');
    else if (start.startsWith('http://ns.adobe.com/')) {
      const value = decoded(content.subarray(Math.min(content.length, content.indexOf(0) + 1)));
      if (/hdrgm:|GContainer|MotionPhoto|MicroVideo/.test(value)) walk.several = true;
      yield* text('XMP', value, [at, at + content.length]);
    }
  } else if (marker === 0xe2 && Buffer.from(content.subarray(0, 4)).toString('latin1') === 'MPF\0') walk.several = true;
  else if (marker === 0xed) {
    walk.texts += 1;
    yield* text('IPTC', readable(content), [at, at + content.length]);
  }
}

/** The runs of readable characters in binary data. */
function readable(content: Uint8Array): string {
  return (Buffer.from(content).toString('latin1').match(/[\x20-\x7e]{6,}/g) ?? []).join(' ');
}
