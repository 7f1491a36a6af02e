// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from './source.ts';

/** A line without its end; `cut` when it is longer than allowed and only its beginning is here. */
export interface Line {
  readonly bytes: Uint8Array;
  /** Offset of its first byte. */
  readonly at: number;
  readonly cut: boolean;
}

/** Lines of a source in order, ended by LF or CR LF. A line is valid until the next one is asked for. Memory is bounded by `longest`. */
export function lines(source: ByteSource, longest: number): AsyncGenerator<Line> {
  return linesOf(source.sweep(), longest);
}

/** The same of blocks of bytes, each of which is valid until the next one is asked for. */
export async function* linesOf(blocks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Line> {
  let held: Uint8Array[] = [];
  let length = 0;
  let at = 0;
  let offset = 0;
  const line = (rest: Uint8Array): Line => {
    let bytes = held.length === 0 ? rest : Buffer.concat([...held, rest]);
    const cut = length + rest.length > longest;
    if (cut) bytes = bytes.subarray(0, longest);
    else if (bytes.at(-1) === 0x0d) bytes = bytes.subarray(0, -1);
    return { bytes, at, cut };
  };
  for await (const block of blocks) {
    let begin = 0;
    for (let end = block.indexOf(0x0a); end !== -1; end = block.indexOf(0x0a, begin)) {
      yield line(block.subarray(begin, end));
      held = [];
      length = 0;
      begin = end + 1;
      at = offset + begin;
    }
    if (begin < block.length) {
      if (length < longest) held.push(new Uint8Array(block.subarray(begin))); // a copy: the block is used again
      length += block.length - begin;
    }
    offset += block.length;
  }
  if (length > 0) yield line(new Uint8Array(0));
}
