// SPDX-License-Identifier: Apache-2.0
// Numbers, addresses and the superblock (HDF5 File Format Specification 3.0, II.A).
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';

const signature = '\x89HDF\r\n\x1a\n';

/** Bytes of one structure, read from the front. Numbers are little-endian. */
export class Cursor {
  readonly bytes: Buffer;
  /** Place in the file of the first byte. */
  readonly at: number;
  readonly #file: Sizes;
  position = 0;

  constructor(bytes: Uint8Array, at: number, file: Sizes) {
    this.bytes = asBuffer(bytes);
    this.at = at;
    this.#file = file;
  }

  get left(): number {
    return this.bytes.length - this.position;
  }

  /** An unsigned number of `size` bytes, 1 to 8; more than a double holds becomes Infinity, which no bound allows. */
  number(size: number): number {
    const begin = this.#take(size);
    if (size <= 6) return this.bytes.readUIntLE(begin, size);
    const value = this.bytes.readUInt32LE(begin) + 2 ** 32 * this.bytes.readUIntLE(begin + 4, size - 4);
    return Number.isSafeInteger(value) ? value : Infinity;
  }

  /** An address; undefined where all its bits are set. */
  address(): number | undefined {
    const begin = this.position;
    const value = this.number(this.#file.offsets);
    return this.bytes.subarray(begin, this.position).every((byte) => byte === 0xff) ? undefined : value;
  }

  length(): number {
    return this.number(this.#file.lengths);
  }

  skip(size: number): void {
    this.#take(size);
  }

  take(size: number): Buffer {
    const begin = this.#take(size);
    return this.bytes.subarray(begin, begin + size);
  }

  /** A part of this structure, to be read by itself. */
  part(size: number): Cursor {
    const begin = this.#take(size);
    return new Cursor(this.bytes.subarray(begin, begin + size), this.at + begin, this.#file);
  }

  /** Text up to a zero byte, or to the end. */
  text(): string {
    const end = this.bytes.indexOf(0, this.position);
    const out = this.bytes.toString('utf8', this.position, end === -1 ? this.bytes.length : end);
    this.position = end === -1 ? this.bytes.length : end + 1;
    return out;
  }

  #take(size: number): number {
    const begin = this.position;
    if (!(size >= 0 && size <= this.left)) throw new Malformed('hdf5/short', `a structure at byte ${this.at} ends before a field of ${size} bytes (${this.left} left)`, this.at + begin);
    this.position += size;
    return begin;
  }
}

/** Bytes of addresses and of lengths in this file. */
export interface Sizes {
  readonly offsets: number;
  readonly lengths: number;
}

/** An HDF5 file: where things are, and how large addresses are. */
export class File implements Sizes {
  readonly source: ByteSource;
  readonly version: number;
  readonly offsets: number;
  readonly lengths: number;
  /** Where the superblock is; addresses count from `base`. */
  readonly start: number;
  readonly base: number;
  /** Where the file says that it ends; never beyond the bytes that are there. */
  readonly end: number;
  readonly claimedEnd: number;
  readonly root: number;

  constructor(source: ByteSource, superblock: Omit<File, 'source' | 'cursor'>) {
    this.source = source;
    this.version = superblock.version;
    this.offsets = superblock.offsets;
    this.lengths = superblock.lengths;
    this.start = superblock.start;
    this.base = superblock.base;
    this.end = superblock.end;
    this.claimedEnd = superblock.claimedEnd;
    this.root = superblock.root;
  }

  /** Bytes at an address. Throws `Malformed` outside the file. */
  async cursor(address: number, size: number, what: string): Promise<Cursor> {
    const at = this.base + address;
    if (!(at >= 0 && size >= 0 && at + size <= this.source.size)) throw new Malformed('hdf5/outside', `${what} lies outside the file (${at}..${at + size} of ${this.source.size})`, Math.min(at, this.source.size));
    return new Cursor(await this.source.read(at, size), at, this);
  }
}

/** Byte of the superblock: 0, 512, 1024, 2048 …; undefined when it is at none of the places looked at. */
export function superblockIn(head: Uint8Array): number | undefined {
  const bytes = asBuffer(head);
  for (let at = 0; at + 8 <= head.length; at = at === 0 ? 512 : 2 * at) if (bytes.toString('latin1', at, at + 8) === signature) return at;
  return undefined;
}

/** Reads the superblock, versions 0 to 3. */
export async function open(source: ByteSource, start: number): Promise<File> {
  const head = new Cursor(await source.read(start, Math.min(256, source.size - start)), start, { offsets: 8, lengths: 8 });
  head.skip(8);
  const version = head.number(1);
  if (version > 3) throw new Unsupported(`HDF5 with a superblock of version ${version}; 0 to 3 are read`);
  if (version < 2) head.skip(4); // versions of free space and symbol tables, reserved, of shared messages
  const [offsets, lengths] = [head.number(1), head.number(1)];
  if (![2, 4, 8].includes(offsets) || ![2, 4, 8].includes(lengths)) throw new Malformed('hdf5/sizes', `addresses have ${offsets} bytes and lengths ${lengths}; allowed are 2, 4 and 8`, start);
  head.skip(1); // reserved, or flags
  if (version < 2) head.skip(2 + 2 + 4 + (version === 1 ? 4 : 0)); // ranks of B-trees, flags
  const sized = new Cursor(head.bytes.subarray(head.position), start + head.position, { offsets, lengths });
  const stated = sized.address() ?? 0;
  sized.address(); // free space, or the superblock's extension
  const end = sized.address();
  if (version < 2) {
    sized.address(); // driver information
    sized.address(); // the root's name
  }
  const root = sized.address();
  if (root === undefined || end === undefined) throw new Malformed('hdf5/no-root', 'the superblock names no root group', start);
  // The library counts addresses from where it finds the superblock, whatever base is stated; the end is stated from the file's beginning.
  const claimedEnd = end + start - stated;
  return new File(source, { version, offsets, lengths, start, base: start, claimedEnd, end: Math.min(source.size, Math.max(start, claimedEnd)), root });
}
