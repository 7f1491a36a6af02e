// SPDX-License-Identifier: Apache-2.0
import { createHash, hash, type Hash } from 'node:crypto';
import { LimitReached, Malformed } from './errors.ts';
import { ThreadHash } from './hash-thread.ts';
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
   * be shared: it must not be written to. What is not in memory is put into `into`, when that is given and as long.
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  /**
   * All bytes in order, in large blocks, read ahead; hashed the first time. A block is valid until the next one is
   * asked for: its memory is used again.
   */
  sweep(): AsyncIterable<Uint8Array>;
  /** A part as a source of its own, without a copy. Throws `Malformed` when it lies outside. */
  slice(begin: number, end: number): ByteSource;
  /** Lower-case hex SHA-256 of all bytes. Reads only what no sweep has hashed; on a thread of its own when the caller goes on `beside`. */
  digest(beside?: boolean): Promise<string>;
}

/** Large enough that system calls do not matter, small enough to stay in the second-level cache while it is hashed. */
export const blockSize = 1 << 20;

/** What all sources share: bounds, the rotating read-ahead, and hashing what passes. Subclasses only fetch bytes. */
export abstract class Source implements ByteSource {
  readonly size: number;
  readonly budget: Budget;
  #hash: Hash | ThreadHash | undefined;
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

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    this.#check(offset, length);
    this.budget.tick();
    if (length > this.budget.limits.read) {
      throw new LimitReached('read', `a single read of ${length} bytes, allowed ${this.budget.limits.read}`);
    }
    const there = this.view(offset, offset + length);
    if (there !== undefined) return there;
    const bytes = into?.length === length ? into : Buffer.allocUnsafe(length);
    await this.fill(bytes, offset);
    return bytes;
  }

  async *sweep(): AsyncGenerator<Uint8Array> {
    yield* this.#blocks(0, this.threaded);
  }

  slice(begin: number, end: number): ByteSource {
    this.#check(begin, end - begin);
    return new Slice(this, begin, end);
  }

  async digest(beside = false): Promise<string> {
    if (this.#digest === undefined && this.#hashedTo === 0) {
      const whole = this.view(0, this.size);
      if (whole !== undefined) this.#digest = hash('sha256', whole, 'hex');
    }
    if (this.#digest === undefined) {
      const { descriptor } = this;
      if (beside && this.threaded && this.#hash === undefined) this.#hash = new ThreadHash();
      if (beside && this.#hash instanceof ThreadHash && descriptor !== undefined) {
        const from = this.#hashedTo;
        this.#hashedTo = this.size; // sweeps from now on hash nothing
        this.#digest = await withinBudget(this.#hash.rest(descriptor, from, this.size), this.budget);
        return this.#digest;
      }
      // Nothing looks at these bytes: hashing them here is as fast as on another thread, and takes one core less.
      for await (const _ of this.#blocks(this.#hashedTo, this.#hash instanceof ThreadHash)) void _;
      this.#hash ??= createHash('sha256'); // no byte at all
      this.#digest = await this.#hash.digest('hex');
    }
    return this.#digest;
  }

  #check(offset: number, length: number): void {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size && Number.isSafeInteger(offset + length))) {
      throw new Malformed('bytes/outside', `bytes ${offset}..${offset + length} lie outside the ${this.size} there are`, Math.min(Math.max(offset, 0), this.size));
    }
  }

  /** Whether hashing runs beside looking: worth a thread only where there is much to hash. */
  get threaded(): boolean {
    return false;
  }

  /** The open file, where another thread can read it for itself. */
  get descriptor(): number | undefined {
    return undefined;
  }

  /** Whether sweeps hash what passes; a second look at bytes whose digest is known need not. */
  get hashing(): boolean {
    return true;
  }

  /** Blocks from `from` on: some being filled or hashed while one is looked at. */
  async *#blocks(from: number, threaded: boolean): AsyncGenerator<Uint8Array> {
    const whole = this.view(from, this.size);
    if (whole !== undefined) {
      if (whole.length > 0) yield whole; // at hand: `digest` hashes it in one go
      return;
    }
    const ring = new Ring(threaded ? 4 : 2, Math.min(blockSize, this.size - from), threaded);
    const fetch = async (offset: number, turn: number): Promise<Uint8Array> => {
      const held = ring.held(turn);
      if (held !== undefined) await held; // and only then: an await would put the read off until the present block is hashed
      const block = ring.buffer(turn).subarray(0, Math.min(blockSize, this.size - offset));
      await this.fill(block, offset);
      return block;
    };
    let next = from < this.size ? fetch(from, 0) : undefined;
    for (let offset = from, turn = 0; next !== undefined; turn += 1) {
      const block = await next;
      const following = offset + block.length;
      next = following < this.size ? fetch(following, turn + 1) : undefined;
      next?.catch(() => {}); // awaited on the next turn; a consumer that stops early must not leave it unhandled
      this.budget.tick();
      const hashed = this.#pass(block, offset, ring.shared(turn));
      ring.hold(turn, hashed);
      yield block;
      offset = following;
    }
  }

  /** Hashes a block unless an earlier sweep did; resolves when its memory may be used again. */
  #pass(block: Uint8Array, offset: number, shared: SharedArrayBuffer | undefined): Promise<void> | undefined {
    if (!this.hashing || offset !== this.#hashedTo || this.#digest !== undefined) return undefined;
    this.#hash ??= shared === undefined ? createHash('sha256') : new ThreadHash();
    this.#hashedTo += block.length;
    if (this.#hash instanceof ThreadHash) return this.#hash.update(shared ?? copyOf(block), block.length);
    this.#hash.update(block);
    return undefined;
  }

  /** Lets go of a hash that was begun and never asked for. */
  protected forget(): void {
    if (this.#hash instanceof ThreadHash) this.#hash.drop();
  }
}

/** What another thread does keeps to the deadline too; who asked lets go of it by closing the source. */
async function withinBudget<T>(work: Promise<T>, budget: Budget): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setInterval(() => {
    try {
      budget.tick();
    } catch (error) {
      late.reject(error);
    }
  }, 250);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearInterval(timer);
  }
}

/** Buffers used in turn. One that is being hashed on the other thread is free again when that is done. */
class Ring {
  readonly #buffers: Buffer[];
  readonly #shared: (SharedArrayBuffer | undefined)[];
  readonly #held: (Promise<void> | undefined)[];

  constructor(count: number, size: number, shared: boolean) {
    this.#shared = Array.from({ length: count }, () => (shared ? new SharedArrayBuffer(size) : undefined));
    this.#buffers = this.#shared.map((memory) => (memory === undefined ? Buffer.allocUnsafeSlow(size) : Buffer.from(memory)));
    this.#held = Array.from({ length: count });
  }

  buffer(turn: number): Buffer {
    return this.#buffers[turn % this.#buffers.length]!;
  }

  /** Resolves when the buffer may be filled again; undefined when it may be now. */
  held(turn: number): Promise<void> | undefined {
    return this.#held[turn % this.#held.length];
  }

  shared(turn: number): SharedArrayBuffer | undefined {
    return this.#shared[turn % this.#shared.length];
  }

  hold(turn: number, until: Promise<void> | undefined): void {
    this.#held[turn % this.#held.length] = until;
  }
}

function copyOf(block: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(block.length);
  new Uint8Array(shared).set(block);
  return shared;
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
  override get hashing(): boolean {
    return this.#whole.hashing;
  }
  override slice(begin: number, end: number): ByteSource {
    if (!(begin >= 0 && begin <= end && end <= this.size)) return super.slice(begin, end); // throws
    return new Slice(this.#whole, this.#begin + begin, this.#begin + end); // keeps the chain one link long
  }
}
