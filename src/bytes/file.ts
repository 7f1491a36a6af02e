// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fstatSync, openSync, read, readSync, type Stats } from 'node:fs';
import { Changed, LimitReached, shrunk } from './errors.ts';
import { ThreadHash } from './hash-thread.ts';
import type { Budget } from './limits.ts';
import { blockSize, Source } from './source.ts';

/** Headers and indexes of a file with holes are looked at; no more than this is read of one that must not be read whole. */
const sparseLooks = 64 << 20;

/** Starting a thread takes about 15 ms: hashing this much takes longer. */
const threadedFrom = 64 << 20;

/** Small files share buffers, one after the other: fresh memory takes longer to come by than their bytes. */
const pages: Buffer[] = [];

/** A file, opened once: what is hashed is what is parsed. Small files are read whole at once. */
export class FileSource extends Source {
  readonly #fd: number;
  readonly #opened: Stats;
  readonly #whole: Uint8Array | undefined;
  /** What a small file was read into: lent to the next one after `close`. */
  #page: Buffer | undefined;
  /** Bytes read so far, by whatever way. */
  #looked = 0;
  readonly #hashing: boolean;

  private constructor(fd: number, opened: Stats, budget: Budget, hashing: boolean) {
    super(opened.size, budget);
    this.#hashing = hashing;
    this.#fd = fd;
    this.#opened = opened;
    if (this.size <= blockSize) this.#whole = this.#readWhole();
    else if (this.threaded) ThreadHash.warm();
  }

  #readWhole(): Uint8Array {
    const memory = pages.pop() ?? Buffer.allocUnsafeSlow(blockSize);
    this.#page = memory;
    let filled = 0;
    const more = Math.min(this.size + 1, memory.length); // one byte more than there should be tells that it grew
    while (filled < this.size) {
      const got = readSync(this.#fd, memory, filled, more - filled, filled);
      if (got === 0) throw shrunk(this.size, filled);
      filled += got;
    }
    if (filled > this.size) throw new Changed(`it grew beyond its ${this.size} bytes while it was read`);
    return memory.subarray(0, this.size);
  }

  /**
   * Opens without following a symbolic link and without waiting for a pipe's other end. Throws the system's error when
   * it cannot be opened, `Changed` when it is not a regular file. Without `hashing`, sweeps do not take the digest.
   */
  static open(path: string | Buffer, budget: Budget, hashing = true): FileSource {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const opened = fstatSync(fd);
      if (!opened.isFile()) throw new Changed('it is not a regular file any more');
      return new FileSource(fd, opened, budget, hashing);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  override get threaded(): boolean {
    return this.#hashing && this.size >= threadedFrom;
  }

  override get descriptor(): number {
    return this.#fd;
  }

  override get hashing(): boolean {
    return this.#hashing;
  }

  override view(begin: number, end: number): Uint8Array | undefined {
    return this.#whole?.subarray(begin, end);
  }

  override fill(into: Uint8Array, offset: number): Promise<void> {
    this.#looked += into.length;
    if (this.#looked > sparseLooks) this.checkReadable(); // every way of reading it whole ends here
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const step = (filled: number): void => {
      read(this.#fd, into, filled, into.length - filled, offset + filled, (error, got) => {
        if (error !== null) reject(error);
        else if (got === 0) reject(shrunk(this.size, offset + filled));
        else if (filled + got < into.length) step(filled + got);
        else resolve();
      });
    };
    if (into.length === 0) resolve();
    else step(0);
    return promise;
  }

  /** Throws `LimitReached` when reading to the end would mean reading holes that the disk does not hold, or too much. */
  checkReadable(): void {
    const { limits } = this.budget;
    const held = this.#opened.blocks * 512;
    if (this.size - held > limits.sparse) {
      throw new LimitReached('sparse', `${this.size} bytes of which the disk holds ${held}: more than ${limits.sparse} bytes of holes`);
    }
    if (this.size > limits.fileSize) {
      throw new LimitReached('fileSize', `${this.size} bytes, allowed ${limits.fileSize}`);
    }
  }

  /**
   * Throws `Changed` when size, inode or times differ from when it was opened. Someone who can write the file and set
   * its times back is not seen by this; docs/decisions.md says what would. What was read whole at once needs no second look:
   * what was parsed is what was hashed.
   */
  checkUnchanged(): void {
    if (this.#whole !== undefined) return;
    const now = fstatSync(this.#fd);
    const then = this.#opened;
    if (now.size !== then.size) throw new Changed(`its size changed from ${then.size} to ${now.size} bytes while it was read`);
    if (now.mtimeMs !== then.mtimeMs || now.ctimeMs !== then.ctimeMs) throw new Changed('it was written to while it was read');
  }

  /** Never throws: a failing close must not hide the error that led here. What was read must not be looked at any more. */
  close(): void {
    this.forget();
    if (this.#page !== undefined && pages.length < 16) pages.push(this.#page);
    this.#page = undefined;
    try {
      closeSync(this.#fd);
    } catch {
      // nothing can be lost: the file was only read
    }
  }
}
