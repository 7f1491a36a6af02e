// SPDX-License-Identifier: Apache-2.0
import { crc32, inflateRawSync } from 'node:zlib';
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { unpack } from '../../src/bytes/unpack.ts';
import type { FactOf } from '../../src/model/fact.ts';

/** Read at once: header and, for most members of a blocked gzip file (BGZF), all of the stream. */
const window = 128 * 1024;
const trailerLength = 8;

/** Flag bits of the header's fourth byte (RFC 1952, 2.3.1). */
const flag = { text: 1, headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;

interface Header {
  readonly length: number;
  readonly name: string | undefined;
  readonly odd: readonly string[];
}

/** Walks the members of a gzip file one after the other; `bytes()` is their content in one stream, as gunzip gives it. */
export class Members {
  readonly #source: ByteSource;
  /** Where the part that is accounted for ends. */
  end = 0;
  count = 0;
  /** FNAME of the first member. */
  name: string | undefined;
  readonly malformed: FactOf<'malformed'>[] = [];

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const source = this.#source;
    for (let offset = 0; offset < source.size; ) {
      source.budget.tick();
      const head = await source.read(offset, Math.min(window, source.size - offset));
      if (this.count > 0 && !isMember(head)) {
        await this.#trailing(offset);
        return;
      }
      const header = readHeader(head, offset);
      if (this.count === 0) this.name = header.name;
      for (const what of header.odd) this.#odd('gzip/header', `gzip header at ${offset}: ${what}`, offset);
      this.count += 1;
      offset = yield* this.#content(head, offset + header.length, offset);
      this.end = offset;
    }
  }

  /** Content of one member; gives where the next one begins. */
  async *#content(head: Uint8Array, begin: number, headBegin: number): AsyncGenerator<Uint8Array, number> {
    const source = this.#source;
    let crc = 0;
    let size = 0;
    let packed: number;
    const small = inflateSmall(head.subarray(begin - headBegin));
    if (small !== undefined) {
      crc = crc32(small.bytes);
      size = small.bytes.length;
      packed = small.packed;
      this.end = begin + packed;
      yield small.bytes;
    } else {
      const stream = unpack(source.slice(begin, source.size), 'deflate-raw');
      for await (const part of stream) {
        crc = crc32(part, crc);
        size += part.length;
        this.end = begin + stream.consumed();
        yield part;
      }
      packed = stream.consumed();
    }
    const end = begin + packed;
    if (source.size - end < trailerLength) {
      throw new Malformed('gzip/truncated', `gzip member ends at ${end} without its trailer of ${trailerLength} bytes (the file ends at ${source.size})`, end);
    }
    const trailer = Buffer.from(await source.read(end, trailerLength));
    const told = trailer.readUInt32LE(0);
    const toldSize = trailer.readUInt32LE(4);
    if (told !== crc) this.#odd('gzip/checksum', `gzip member's CRC-32 is ${hex(crc)}, its trailer says ${hex(told)}`, end);
    if (toldSize !== size % 2 ** 32) this.#odd('gzip/size', `gzip member unpacks to ${size} bytes, its trailer says ${toldSize}`, end);
    return end + trailerLength;
  }

  /** After the last member: zeros are padding that readers pass over; anything else is no part of a gzip file. */
  async #trailing(offset: number): Promise<void> {
    const { size } = this.#source;
    for await (const block of this.#source.slice(offset, size).sweep()) {
      if (block.some((byte) => byte !== 0)) {
        this.#odd('gzip/trailing', `${size - offset} bytes follow the last gzip member`, offset);
        return;
      }
    }
    this.end = size;
  }

  #odd(code: string, what: string, at: number): void {
    if (this.malformed.length < 64) this.malformed.push({ kind: 'malformed', code, what, at: [at, at] });
  }
}

/** Magic and method (RFC 1952, 2.3.1): deflate is the only one there is. */
export function isMember(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

function readHeader(head: Uint8Array, at: number): Header {
  if (!isMember(head)) throw new Malformed('gzip/magic', `no gzip header at ${at}`, at);
  const truncated = (): Malformed => new Malformed('gzip/truncated', `gzip header at ${at} has no end in ${head.length} bytes`, at);
  const flags = head[3] ?? 0;
  const odd: string[] = [];
  let offset = 10; // fixed part: magic, method, flags, time (4), extra flags, system
  if ((flags & flag.reserved) !== 0) odd.push(`reserved flags ${hex(flags & flag.reserved)} are set; zlib refuses them, others do not`);
  if ((flags & flag.extra) !== 0) offset += 2 + (head[10] ?? 0) + 256 * (head[11] ?? 0);
  const text = (): string => {
    const end = head.indexOf(0, offset);
    if (end === -1 || offset > head.length) throw truncated();
    const value = asBuffer(head.subarray(offset, Math.min(end, offset + 256))).toString('latin1');
    offset = end + 1;
    return value;
  };
  const name = (flags & flag.name) === 0 ? undefined : text();
  if ((flags & flag.comment) !== 0) text();
  if ((flags & flag.headerCrc) !== 0) {
    const told = (head[offset] ?? 0) + 256 * (head[offset + 1] ?? 0);
    const crc = crc32(head.subarray(0, offset)) & 0xffff;
    if (told !== crc) odd.push(`its CRC-16 is ${hex(crc)}, the header says ${hex(told)}`);
    offset += 2;
  }
  if (offset >= head.length) throw truncated();
  return { length: offset, name, odd };
}

/** A stream that ends within `bytes` and is not large; undefined for all others: unpacked in parts, they tell how far they got. */
function inflateSmall(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly packed: number } | undefined {
  try {
    const result = inflateRawSync(bytes, { maxOutputLength: 8 * window, info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    }; // @types/node does not know `info`
    return { bytes: result.buffer, packed: result.engine.bytesWritten };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && (code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE')) return undefined;
    throw error;
  }
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}
