// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { closeSync, constants, fdatasyncSync, fstatSync, openSync, read, readSync, type BigIntStats } from 'node:fs';
import { UsageError } from '../model/usage-error.ts';
import type { RefusalKind } from './refused.ts';

/** Hash algorithms by their OMS name, with the name OpenSSL knows and the length of a digest in hex digits. */
export const algorithms = {
  sha256: { openssl: 'sha256', digits: 64 },
  blake2b: { openssl: 'blake2b512', digits: 128 },
  blake3: { openssl: undefined, digits: 64 },
} as const;
export type Algorithm = keyof typeof algorithms;

/** Bytes `start` to `end` of a file that were seen when the folder was walked. */
export interface HashJob {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  /** Identity of the file at the walk, from `stampOf`. */
  readonly stamp: string;
  /** Make sure that any later change will show in the stamp, and say whether it will (`Outcome.settled`). */
  readonly settle?: boolean;
}

/** What became of a job. `settled`: the same stamp will mean the same bytes. */
export type Outcome = { readonly digest: string; readonly settled?: boolean } | { readonly failure: RefusalKind; readonly detail: string };

/** Work that lanes in several threads take from: `order[next++]` is the next job. */
export interface SharedWork {
  readonly jobs: readonly HashJob[];
  /** Indices into `jobs`, the largest first, so that no lane starts a large one last. */
  readonly order: readonly number[];
  readonly algorithm: Algorithm;
  /** Two counters shared by all lanes: the next place in `order`, and how many lanes have work or are starting. */
  readonly shared: Int32Array<SharedArrayBuffer>;
  /** Lanes there are cores for; at least two, since a single core also waits for its disk. */
  readonly cores: number;
}

/** Places in `SharedWork.shared`. */
export const next = 0;
export const busy = 1;

/** Bytes. What is read is still in the core's own cache when it is hashed: a quarter faster than with blocks of 1 MiB. */
const blockSize = 256 * 1024;

/** A hash that is being fed. */
interface Hasher {
  update(bytes: Buffer): unknown;
  digest(format: 'hex'): string;
}

/** What makes hashers of an algorithm. Throws `UsageError` for BLAKE3 where the optional package for it is not installed. */
export async function hashersOf(algorithm: Algorithm): Promise<() => Hasher> {
  const { openssl } = algorithms[algorithm];
  if (openssl !== undefined) return () => createHash(openssl);
  try {
    const { Blake3Hasher } = await import('@napi-rs/blake-hash');
    return () => new Blake3Hasher();
  } catch (error) {
    throw new UsageError('BLAKE3 needs the optional package @napi-rs/blake-hash, which cannot be loaded here; install it, or take sha256 or blake2b', { cause: error });
  }
}

/**
 * Identity of a file as a string. The change time is in it: unlike the modification time, nobody can set it back.
 */
export function stampOf(stat: BigIntStats): string {
  return `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
}

/** Takes jobs until none is left; the outcomes carry the index of their job. */
export async function drain(work: SharedWork): Promise<[index: number, outcome: Outcome][]> {
  const outcomes: [number, Outcome][] = [];
  const buffers: Buffers = [undefined, undefined];
  const hasher = await hashersOf(work.algorithm);
  for (;;) {
    const index = work.order[Atomics.add(work.shared, next, 1)];
    const job = index === undefined ? undefined : work.jobs[index];
    if (index === undefined || job === undefined) {
      Atomics.sub(work.shared, busy, 1);
      return outcomes;
    }
    outcomes.push([index, await outcomeOf(job, hasher(), buffers, () => Atomics.load(work.shared, busy) < work.cores)]);
  }
}

/** Two blocks of a lane, made when first needed. */
type Buffers = [Buffer | undefined, Buffer | undefined];

async function outcomeOf(job: HashJob, hash: Hasher, buffers: Buffers, coreIsFree: () => boolean): Promise<Outcome> {
  let fd: number | undefined;
  try {
    // O_NOFOLLOW: a link that took the file's place since the walk is not followed. O_NONBLOCK: nor is a pipe waited for.
    fd = openSync(job.path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const settled = job.settle === true && settle(fd, job.stamp);
    if (stampOf(fstatSync(fd, { bigint: true })) !== job.stamp) return changed;
    const filled = await feed(fd, job, hash, buffers, coreIsFree);
    if (!filled || stampOf(fstatSync(fd, { bigint: true })) !== job.stamp) return changed;
    return settled ? { digest: hash.digest('hex'), settled } : { digest: hash.digest('hex') };
  } catch (error) {
    return failureOf(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Milliseconds: longer than any tick by which a kernel counts change times (10 at most), and some. */
const tick = 100;

/**
 * Whether a change from now on must give the file another change time. Pages that are dirty already take stores through a mapping
 * without one, hence the sync; a write in the same tick as the last one would leave it as it is, hence the age.
 */
function settle(fd: number, stamp: string): boolean {
  const changedAt = BigInt(stamp.slice(stamp.lastIndexOf(':') + 1));
  const coarse = changedAt % 1_000_000_000n === 0n; // ext3, and ext4 with small inodes, count whole seconds
  if (!(Number(changedAt / 1_000_000n) + (coarse ? 1000 : 0) + tick < Date.now())) return false;
  try {
    fdatasyncSync(fd);
    return true;
  } catch {
    return false; // some file systems cannot: the digest is good, and not kept
  }
}

const changed: Outcome = { failure: 'changed', detail: 'changed while it was read' };

function failureOf(error: unknown): Outcome {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return { failure: 'missing', detail: 'went away while it was to be read' };
  if (code === 'ELOOP') return { failure: 'symlink', detail: 'became a symbolic link while it was to be read' };
  return { failure: 'unreadable', detail: `cannot be read (${code ?? message})` };
}

/**
 * Feeds the bytes of a job to a hash. While every core has a lane, one block after the other is read and hashed: handing reads
 * to the thread pool would only take turns with the other lanes. Once a core is free, it reads ahead.
 */
async function feed(fd: number, job: HashJob, hash: Hasher, buffers: Buffers, coreIsFree: () => boolean): Promise<boolean> {
  const filling = (buffers[0] ??= Buffer.allocUnsafeSlow(blockSize));
  let position = job.start;
  while (position < job.end) {
    if (job.end - position > blockSize && coreIsFree()) return hashInTurns(fd, { ...job, start: position }, hash, buffers);
    const got = readSync(fd, filling, 0, Math.min(blockSize, job.end - position), position);
    if (got === 0) return false;
    position += got;
    hash.update(got === blockSize ? filling : filling.subarray(0, got));
  }
  return true;
}

/** While one block is hashed here, the next is read in the thread pool. */
async function hashInTurns(fd: number, job: HashJob, hash: Hasher, buffers: Buffers): Promise<boolean> {
  const one = (buffers[0] ??= Buffer.allocUnsafeSlow(blockSize));
  const other = (buffers[1] ??= Buffer.allocUnsafeSlow(blockSize));
  let [filling, full] = [one, other];
  let position = job.start;
  let reading = readBlock(fd, filling, position, job.end);
  while (position < job.end) {
    const got = await reading;
    if (got === 0) return false;
    position += got;
    [filling, full] = [full, filling];
    if (position < job.end) reading = readBlock(fd, filling, position, job.end);
    hash.update(full.subarray(0, got));
  }
  return true;
}

function readBlock(fd: number, buffer: Buffer, position: number, end: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, Math.min(buffer.length, end - position), position, (error, got) => {
      if (error) reject(error);
      else resolve(got);
    });
  });
}
