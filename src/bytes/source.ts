// SPDX-License-Identifier: Apache-2.0
import { createHash, type Hash } from 'node:crypto';
import { LimitReached, Malformed } from './errors.ts';
import type { Budget } from './limits.ts';

/**
 * The only door to untrusted bytes. Everything read goes through bounds and the budget that the root file and all that
 * is nested in it share.
 */
export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  readonly budget: Budget;
  /**
   * Exactly `length` bytes from `offset`. Throws `Malformed` past the end, `LimitReached` when greedy. The result may
   * be shared: it must not be written to.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /**
   * All bytes in order, in large blocks, read ahead; hashed the first time. A block is valid until the next one is
   * asked for: its memory is used again.
   */
  sweep(): AsyncIterable<Uint8Array>;
  /** A part as a source of its own, without a copy. Throws `Malformed` when it lies outside. */
  slice(begin: number, end: number): ByteSource;
  /** Lower-case hex SHA-256 of all bytes. Reads only what no sweep has hashed. */
  digest(): Promise<string>;
}

/** Large enough that system calls do not matter, small enough to stay in the second-level cache while it is hashed. */
export const blockSize = 1 << 20;

/** What all sources share: bounds, the rotating read-ahead, and hashing what passes. Subclasses only fetch bytes. */
export abstract class Source implements ByteSource {
  readonly size: number;
  readonly budget: Budget;
  #hash: Hash | undefined;
  #hashedTo = 0;
  #digest: string | undefined;

  constructor(size: number, budget: Budget) {
    this.size = size;
    this.budget = budget;
  }

  /** Fills `into` from `offset`; the range has been checked. A promise only where bytes are not at hand. */
  abstract fill(into: Uint8Array, offset: number): Promise<void> | void;
  /** The bytes without a copy, where they are in memory already. */
  view(_begin: number, _end: number): Uint8Array | undefined {
    return undefined;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#check(offset, length);
    this.budget.tick();
    if (length > this.budget.limits.read) {
      throw new LimitReached('read', `a single read of ${length} bytes, allowed ${this.budget.limits.read}`);
    }
    const there = this.view(offset, offset + length);
    if (there !== undefined) return there;
    const bytes = Buffer.allocUnsafe(length);
    await this.fill(bytes, offset);
    return bytes;
  }

  async *sweep(): AsyncGenerator<Uint8Array> {
    yield* this.#blocks(0);
  }

  slice(begin: number, end: number): ByteSource {
    this.#check(begin, end - begin);
    return new Slice(this, begin, end);
  }

  async digest(): Promise<string> {
    if (this.#digest === undefined) {
      for await (const _ of this.#blocks(this.#hashedTo)) void _;
      this.#hash ??= createHash('sha256'); // no byte at all
      this.#digest = this.#hash.digest('hex');
    }
    return this.#digest;
  }

  #check(offset: number, length: number): void {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size && Number.isSafeInteger(offset + length))) {
      throw new Malformed('bytes/outside', `bytes ${offset}..${offset + length} lie outside the ${this.size} there are`, Math.min(Math.max(offset, 0), this.size));
    }
  }

  /** Blocks from `from` on: two buffers, one being filled while the other is hashed and looked at. */
  async *#blocks(from: number): AsyncGenerator<Uint8Array> {
    const whole = this.view(from, this.size);
    if (whole !== undefined) {
      if (whole.length > 0) {
        this.#pass(whole, from);
        yield whole;
      }
      return;
    }
    const buffers = [Buffer.allocUnsafeSlow(Math.min(blockSize, this.size - from)), Buffer.alloc(0)];
    const fetch = async (offset: number, turn: number): Promise<Uint8Array> => {
      const length = Math.min(blockSize, this.size - offset);
      if (buffers[turn]!.length < length) buffers[turn] = Buffer.allocUnsafeSlow(length);
      const block = buffers[turn]!.subarray(0, length);
      await this.fill(block, offset);
      return block;
    };
    let next = from < this.size ? fetch(from, 0) : undefined;
    for (let offset = from, turn = 0; next !== undefined; turn = 1 - turn) {
      const block = await next;
      const following = offset + block.length;
      next = following < this.size ? fetch(following, 1 - turn) : undefined;
      next?.catch(() => {}); // awaited on the next turn; a consumer that stops early must not leave it unhandled
      this.budget.tick();
      this.#pass(block, offset);
      yield block;
      offset = following;
    }
  }

  #pass(block: Uint8Array, offset: number): void {
    if (offset !== this.#hashedTo || this.#digest !== undefined) return; // hashed by an earlier sweep
    this.#hash ??= createHash('sha256');
    this.#hash.update(block);
    this.#hashedTo += block.length;
  }
}

/** Bytes in memory. */
export class MemorySource extends Source {
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array, budget: Budget) {
    super(bytes.length, budget);
    this.#bytes = bytes;
  }
  override fill(into: Uint8Array, offset: number): void {
    into.set(this.#bytes.subarray(offset, offset + into.length));
  }
  override view(begin: number, end: number): Uint8Array {
    return this.#bytes.subarray(begin, end);
  }
}

/** A part of another source. Bytes are hashed again here: a member has a digest of its own. */
class Slice extends Source {
  readonly #whole: Source;
  readonly #begin: number;
  constructor(whole: Source, begin: number, end: number) {
    super(end - begin, whole.budget);
    this.#whole = whole;
    this.#begin = begin;
  }
  override fill(into: Uint8Array, offset: number): Promise<void> | void {
    return this.#whole.fill(into, this.#begin + offset);
  }
  override view(begin: number, end: number): Uint8Array | undefined {
    return this.#whole.view(this.#begin + begin, this.#begin + end);
  }
  override slice(begin: number, end: number): ByteSource {
    if (!(begin >= 0 && begin <= end && end <= this.size)) return super.slice(begin, end); // throws
    return new Slice(this.#whole, this.#begin + begin, this.#begin + end); // keeps the chain one link long
  }
}
