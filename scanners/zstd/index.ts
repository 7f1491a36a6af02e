// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import { innerName } from '../../src/bytes/inner-name.ts';
import { salvage } from '../../src/bytes/salvage.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { unpack } from '../../src/bytes/unpack.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';
import { frameAt, frameMagic, isSkippable, type Frame } from './frames.ts';

const endings = ['.zst', '.zstd'] as const;
/** Skippable frames whose content is offered to the other scanners. */
const skippableTried = 32;

/** Zstandard (RFC 8878): every frame, unpacked one by one; what they hold together is one child. */
export default scanner({
  id: 'zstd',
  title: 'Zstandard frames (RFC 8878)',
  extensions: [...endings, '.tzst'],
  wraps: true,
  holds: 'anything',
  says: ['region', 'malformed', 'gap'],
  recognise({ head }) {
    if (head.length < 5) return 'no';
    const magic = asBuffer(head.subarray(0, 4)).readUInt32LE(0);
    if (magic === frameMagic) return 'yes';
    return isSkippable(magic) || (magic >= 0xfd2fb522 && magic <= 0xfd2fb527) ? 'maybe' : 'no';
  },
  async *inspect(source, sample) {
    const frames = new Frames(source);
    const unpacked = await salvage(frames.bytes(), source.budget);
    try {
      if (frames.end > 0) yield { kind: 'region', name: frames.count === 1 ? 'zstd frame' : `${frames.count} zstd frames`, at: [0, frames.end] };
      yield* frames.malformed;
      if (frames.refused !== undefined && frames.end > 0) yield { kind: 'gap', what: frames.refused.message, why: 'unsupported', holds: 'anything', at: [frames.end, source.size] };
      if (unpacked.source.size > 0) yield { kind: 'child', name: childName(sample.name), source: unpacked.source };
      for (const frame of frames.skippable) {
        yield { kind: 'child', name: `skippable@${frame.begin}`, source: source.slice(frame.content, frame.end), at: [frame.begin, frame.end] };
      }
    } finally {
      unpacked.close();
    }
    if (unpacked.ended !== undefined) throw unpacked.ended;
    if (frames.refused !== undefined && frames.end === 0) throw frames.refused;
  },
});

function childName(outer: string): string {
  return outer.toLowerCase().endsWith('.tzst') ? `${outer.slice(0, -5)}.tar` : innerName(outer, endings);
}

/** The frames of a file; `bytes()` is their content in one stream, as the zstd program gives it. */
class Frames {
  readonly #source: ByteSource;
  end = 0;
  count = 0;
  readonly skippable: Frame[] = [];
  readonly malformed: FactOf<'malformed'>[] = [];
  /** Why reading stopped at `end`, when a frame asks for what is not there. */
  refused: Unsupported | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const source = this.#source;
    while (this.end < source.size) {
      source.budget.tick();
      const frame = await this.#next();
      if (frame === undefined) {
        if (this.refused === undefined) this.#trailing();
        return;
      }
      this.count += 1;
      if (frame.skippable) {
        if (this.skippable.length < skippableTried && frame.end > frame.content) this.skippable.push(frame);
      } else {
        // One decompressor for each frame: Node's stops after the first (nodejs/node#64741).
        let size = 0;
        for await (const part of unpack(source.slice(frame.begin, frame.end), 'zstd')) {
          size += part.length;
          yield part;
        }
        if (frame.size !== undefined && frame.size !== size) {
          throw new Malformed('zstd/size', `zstd frame at ${frame.begin} unpacks to ${size} bytes, its header says ${frame.size}`, frame.begin);
        }
        if (frame.cut !== undefined) throw frame.cut;
      }
      this.end = frame.end;
    }
  }

  async #next(): Promise<Frame | undefined> {
    try {
      return await frameAt(this.#source, this.end);
    } catch (error) {
      if (error instanceof Malformed && error.code === 'zstd/truncated') return yieldRest(this.#source, this.end, error);
      if (!(error instanceof Unsupported)) throw error;
      this.refused = error;
      return undefined;
    }
  }

  #trailing(): void {
    const { size } = this.#source;
    const what = this.end === 0 ? 'no zstd frame begins the file' : `${size - this.end} bytes follow the last zstd frame`;
    if (this.end === 0) throw new Malformed('zstd/no-frame', what, 0);
    this.malformed.push({ kind: 'malformed', code: 'zstd/trailing', what, at: [this.end, this.end] });
  }
}

/** A frame that is cut off is still unpacked as far as it goes: a loader that reads a stream does so too. */
function yieldRest(source: ByteSource, begin: number, error: Malformed): Frame {
  if (source.size - begin < 8) throw error;
  return { begin, end: source.size, skippable: false, content: begin, size: undefined, cut: error };
}
