// SPDX-License-Identifier: Apache-2.0
// LZMA without a container (.lzma, "LZMA_Alone"): 13 bytes of header, one stream.
import { Malformed } from '../../bytes/errors.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { LzmaDecoder, longestSymbol, propertiesOf, type Properties } from './decoder.ts';

export interface Header {
  readonly properties: Properties;
  /** Bytes. */
  readonly dictionary: number;
  /** Bytes that it unpacks to; undefined when an end marker says so. */
  readonly size: number | undefined;
}

export const headerLength = 13;
const readAhead = 1 << 20;

/** The header, when its values are those that encoders write: the format has no magic number. */
export function headerOf(head: Uint8Array): Header | undefined {
  if (head.length < headerLength + 5 || head[headerLength] !== 0) return undefined; // the range coder begins with a zero
  const properties = propertiesOf(head[0]!);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const dictionary = view.getUint32(1, true);
  const size = view.getBigUint64(5, true);
  const unknown = size === 0xffff_ffff_ffff_ffffn;
  if (properties === undefined || properties.lc + properties.lp > 4 || (!unknown && size >= 1n << 38n)) return undefined;
  // 2^n or 2^n + 2^(n-1), as liblzma demands where it guesses the format.
  const top = 31 - Math.clz32(dictionary);
  const plain = dictionary === 2 ** top || dictionary === 2 ** top + 2 ** (top - 1) || dictionary === 0xffff_ffff;
  return dictionary >= 4096 && plain ? { properties, dictionary, size: unknown ? undefined : Number(size) } : undefined;
}

/** One stream, and how far it has been read. */
export class Alone {
  readonly #source: ByteSource;
  readonly #header: Header;
  /** Where the stream ends, once it has. */
  end = 0;
  /** Bytes unpacked. */
  written = 0;

  constructor(source: ByteSource, header: Header) {
    this.#source = source;
    this.#header = header;
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const { size, budget } = this.#source;
    const decoder = new LzmaDecoder(this.#header.dictionary, 'lzma');
    decoder.setProperties(this.#header.properties);
    const wanted = this.#header.size ?? Number.POSITIVE_INFINITY;
    let at = headerLength;
    let length = 0;
    const load = async (): Promise<void> => {
      at += decoder.position;
      length = Math.min(readAhead, size - at);
      decoder.feed(await this.#source.read(at, length));
    };
    await load();
    decoder.startRange(at);
    while (this.written < wanted) {
      budget.tick();
      const last = at + length >= size;
      const result = decoder.tryRun(Math.min(wanted - this.written, decoder.room()), last, at);
      if (result instanceof Malformed) {
        this.end = Math.min(size, at + decoder.position);
        yield* decoder.drain();
        throw result;
      }
      const { written, stop } = result;
      this.written += written;
      this.end = Math.min(size, at + decoder.position);
      yield* decoder.drain();
      if (stop === 'end') return;
      if (stop === 'input') {
        if (last) throw new Malformed('lzma/truncated', `LZMA stream passes the end at ${size}`, size);
        await load();
      }
    }
    // The length was known, yet a marker may follow.
    if (!decoder.finished && size - this.end >= 0 && size - this.end < longestSymbol) {
      const result = decoder.tryRun(1, true, at);
      if (!(result instanceof Malformed) && result.stop === 'end') this.end = Math.min(size, at + decoder.position);
    }
  }
}
