// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { ByteWindow } from '../../src/bytes/window.ts';
import { decoded, size, text, textMost } from '../../src/grammar/picture/said.ts';
import { settled } from '../../src/grammar/picture/settled.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';

const blocksMost = 1_000_000;
const textsMost = 32;

/** GIF: blocks from the header to the trailer; pictures are not unpacked. */
export default scanner({
  id: 'gif',
  title: 'GIF picture',
  extensions: ['.gif'],
  holds: 'data',
  says: ['region', 'claim', 'anomaly', 'malformed'],
  recognise({ head }) {
    const start = asBuffer(head.subarray(0, 6)).toString('latin1');
    return start === 'GIF87a' || start === 'GIF89a' ? 'yes' : 'no';
  },
  async *inspect(source) {
    const window = new ByteWindow(source, 'gif', 6);
    yield* settled(blocksOf(window), source, () => window.offset, 'blocks');
  },
});

async function* blocksOf(window: ByteWindow): AsyncGenerator<FactOf<'claim' | 'anomaly' | 'malformed'>> {
  // 6 width, 8 height, 10 flags, 11 background, 12 aspect (GIF89a, 18)
  await window.load(7, 'the screen descriptor');
  const screen = window.view(7);
  yield* size(screen.getUint16(0, true), screen.getUint16(2, true), 'palette', window.source.size);
  skipPalette(window, screen.getUint8(4));
  let [blocks, frames, texts] = [0, 0, 0];
  for (;;) {
    blocks += 1;
    if (blocks > blocksMost) throw new Malformed('gif/blocks', `more than ${blocksMost} blocks`, window.offset);
    if (window.left === 0) {
      yield { kind: 'malformed', code: 'gif/no-end', what: `the file ends at ${window.end} without a trailer` };
      break;
    }
    await window.load(1, 'a block');
    const at = window.offset;
    const kind = window.u8();
    if (kind === 0x3b) break;
    if (kind === 0x2c) {
      frames += 1;
      await window.load(9, 'an image descriptor');
      skipPalette(window, window.view(9).getUint8(8));
      window.skip(1, 'a code size');
      await subBlocks(window, 0);
    } else if (kind === 0x21) {
      await window.load(1, 'an extension');
      const label = window.u8();
      const wanted = (label === 0xfe || label === 0xff || label === 0x01) && texts < textsMost ? textMost : 0;
      const content = await subBlocks(window, wanted);
      if (content.length > 0) {
        texts += 1;
        yield* said(label, content, at, window.offset);
      }
    } else throw new Malformed('gif/block', `block at ${at} begins with ${kind.toString(16)}, none of 21, 2c, 3b`, at);
  }
  if (frames === 0) yield { kind: 'malformed', code: 'gif/no-image', what: 'there is no image in the file' };
}

function* said(label: number, content: Uint8Array, at: number, end: number): Generator<FactOf<'claim' | 'anomaly'>> {
  if (label === 0xfe) yield* text('comment', decoded(content), [at, end]);
  else if (label === 0x01) yield* text('plain text', decoded(content.subarray(12)), [at, end]);
  else if (content.length > 11) {
    const name = Buffer.from(content.subarray(0, 11)).toString('latin1');
    if (name === 'XMP DataXMP') yield* text('XMP', decoded(content.subarray(11)), [at, end]);
  }
}

function skipPalette(window: ByteWindow, flags: number): void {
  if ((flags & 0x80) !== 0) window.skip(3 * 2 ** ((flags & 7) + 1), 'a palette');
}

/** Passes over sub-blocks up to the empty one, and keeps at most `wanted` bytes of them. XMP is no run of sub-blocks, but made to be read as one. */
async function subBlocks(window: ByteWindow, wanted: number): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let length = 0;
  for (let n = 0; ; n += 1) {
    if (n % 4096 === 0) window.source.budget.tick();
    await window.load(1, 'a sub-block');
    const size = window.u8();
    if (size === 0) return Buffer.concat(kept);
    await window.load(size, 'a sub-block');
    const bytes = window.take(size);
    if (length >= wanted) continue;
    // XMP has its text where others have lengths: the length bytes belong to it.
    const xmp = kept.length > 0 && Buffer.from(kept[0]!.subarray(0, 11)).toString('latin1') === 'XMP DataXMP';
    kept.push(...(xmp ? [Uint8Array.of(size)] : []), bytes.slice());
    length += size;
  }
}
