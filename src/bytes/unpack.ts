// SPDX-License-Identifier: Apache-2.0
import {
  constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress, inflateRawSync,
} from 'node:zlib';
import { Malformed } from './errors.ts';
import type { ByteSource } from './source.ts';

/** Compressions that Node's zlib reads. `deflate` is with the zlib header (RFC 1950), `deflate-raw` without (RFC 1951). */
export type Packing = 'deflate-raw' | 'deflate' | 'gzip' | 'brotli' | 'zstd';

const create = {
  'deflate-raw': () => createInflateRaw({ chunkSize: chunk }),
  deflate: () => createInflate({ chunkSize: chunk }),
  gzip: () => createGunzip({ chunkSize: chunk }),
  brotli: () => createBrotliDecompress({ chunkSize: chunk }),
  zstd: () => createZstdDecompress({ chunkSize: chunk, params: { [constants.ZSTD_d_windowLogMax]: 27 } }),
} as const;

const chunk = 256 * 1024;

/** A stream of unpacked bytes, and how many packed bytes it has used so far (all of them once it has ended). */
export interface Unpacking extends AsyncIterable<Uint8Array> {
  consumed(): number;
}

/**
 * Unpacks a source, holding one block of it at a time. Throws `Malformed('<packing>/damaged')` where the packed bytes
 * break; what came before has been yielded. The caller spends the budget (`spool` does).
 */
export function unpack(source: ByteSource, packing: Packing): Unpacking {
  let consumed = 0;
  async function* run(): AsyncGenerator<Uint8Array> {
    if (packing === 'deflate-raw' && source.size <= chunk) {
      const small = await unpackSmall(source);
      if (small !== undefined) {
        consumed = small.consumed;
        yield small.bytes;
        return;
      }
    }
    const stream = create[packing]();
    const feeding = feed(source, stream);
    feeding.catch((error: Error) => stream.destroy(error)); // reaches the reader below
    try {
      for await (const part of stream as AsyncIterable<Buffer>) {
        consumed = stream.bytesWritten;
        yield part;
      }
      consumed = stream.bytesWritten;
      await feeding;
    } catch (error) {
      throw damaged(error, packing, stream.bytesWritten);
    } finally {
      stream.destroy();
    }
  }
  return { [Symbol.asyncIterator]: run, consumed: () => consumed };
}

/** Writes block by block; the next block is asked for only when zlib is done with this one, whose memory is used again. */
async function feed(source: ByteSource, stream: NodeJS.WritableStream & { destroyed?: boolean }): Promise<void> {
  for await (const block of source.sweep()) {
    if (stream.destroyed === true) return;
    await new Promise<void>((resolve, reject) => {
      const closed = (): void => resolve();
      stream.once('close', closed);
      stream.write(block, (error) => {
        stream.off('close', closed);
        if (error) reject(error);
        else resolve();
      });
    });
  }
  stream.end();
}

/** The common case of small members without a stream; undefined when it grows or breaks: then the stream tells how far it got. */
async function unpackSmall(source: ByteSource): Promise<{ bytes: Uint8Array; consumed: number } | undefined> {
  const packed = await source.read(0, source.size);
  try {
    const result = inflateRawSync(packed, { maxOutputLength: 16 * chunk, info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    }; // @types/node does not know `info`
    return { bytes: result.buffer, consumed: result.engine.bytesWritten };
  } catch {
    return undefined;
  }
}

function damaged(error: unknown, packing: Packing, at: number): unknown {
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && (code.startsWith('Z_') || code.startsWith('ERR_') || code.startsWith('ZSTD'))) {
    return new Malformed(`${packing}/damaged`, `packed bytes break near byte ${at}: ${(error as Error).message}`, at);
  }
  return error;
}
