// SPDX-License-Identifier: Apache-2.0
// LZMA2: chunks of LZMA, or of bytes as they are, each with its size (xz's doc/xz-file-format.txt names it filter 0x21).
import { Malformed } from '../../bytes/errors.ts';
import type { ByteWindow } from '../../bytes/window.ts';
import { LzmaDecoder, propertiesOf } from './decoder.ts';

/** Unpacks chunks until the one that ends them; the window then stands behind it. */
export async function* lzma2(input: ByteWindow, dictionarySize: number): AsyncGenerator<Uint8Array> {
  const decoder = new LzmaDecoder(dictionarySize, input.format);
  let [fresh, modelled] = [true, false];
  for (;;) {
    input.source.budget.tick();
    const at = input.offset;
    await input.load(1, 'LZMA2 chunk');
    const control = input.u8();
    if (control === 0) return;
    const resets = control === 1 || control >= 0xe0;
    if (fresh && !resets) throw broken(input, at, 'its first chunk does not reset the dictionary');
    if (resets) decoder.resetDictionary();
    fresh = false;
    if (control < 0x80) {
      if (control > 2) throw broken(input, at, `control byte ${control} is none`);
      await input.load(2, 'LZMA2 chunk size');
      const length = bigEndian(input) + 1;
      await input.load(length, 'LZMA2 chunk');
      decoder.room();
      decoder.store(input.take(length));
      yield* decoder.drain();
      continue;
    }
    await input.load(control >= 0xc0 ? 5 : 4, 'LZMA2 chunk size');
    const output = ((control & 0x1f) << 16) + bigEndian(input) + 1;
    const packed = bigEndian(input) + 1;
    if (control >= 0xc0) {
      const properties = propertiesOf(input.u8());
      if (properties === undefined || properties.lc + properties.lp > 4) throw broken(input, at, 'its properties are not allowed');
      decoder.setProperties(properties);
      modelled = true;
    } else if (control >= 0xa0) decoder.resetState();
    if (!modelled) throw broken(input, at, 'its first chunk has no properties');
    const short = input.left < packed; // what is there is unpacked before the end is said
    await input.load(short ? input.left : packed, 'LZMA2 chunk');
    const chunkAt = input.offset;
    decoder.feed(input.take(short ? input.left : packed));
    decoder.startRange(chunkAt);
    for (let left = output; left > 0; ) {
      const result = decoder.tryRun(Math.min(left, decoder.room()), true, chunkAt);
      if (result instanceof Malformed) {
        yield* decoder.drain();
        throw result;
      }
      const { written, stop } = result;
      if (stop !== 'output') throw broken(input, at, `it has ${left - written} bytes less than it says`);
      left -= written;
      yield* decoder.drain();
    }
    if (decoder.position !== packed || !decoder.whole) throw broken(input, at, `it takes ${decoder.position} bytes of ${packed}`);
  }
}

function bigEndian(input: ByteWindow): number {
  return input.u8() * 256 + input.u8();
}

function broken(input: ByteWindow, at: number, why: string): Malformed {
  return new Malformed(`${input.format}/damaged`, `LZMA2 chunk at ${at} breaks: ${why}`, at);
}
