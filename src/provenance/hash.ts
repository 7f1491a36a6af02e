// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, read, readSync, type BigIntStats } from 'node:fs';
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
}

/** What became of a job. */
export type Outcome = { readonly digest: string } | { readonly failure: RefusalKind; readonly detail: string };

/** Work that lanes in several threads take from: `order[next++]` is the next job. */
export interface SharedWork {
  readonly jobs: readonly HashJob[];
  /** Indices into `jobs`, the largest first, so that no lane starts a large one last. */
  readonly order: readonly number[];
  readonly algorithm: Algorithm;
  /** One 32-bit counter shared by all lanes. */
  readonly next: Int32Array<SharedArrayBuffer>;
}

const blockSize = 1 << 20;

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
    const index = work.order[Atomics.add(work.next, 0, 1)];
    const job = index === undefined ? undefined : work.jobs[index];
    if (index === undefined || job === undefined) return outcomes;
    outcomes.push([index, await outcomeOf(job, hasher(), buffers)]);
  }
}

/** Two blocks of a lane, made when first needed. */
type Buffers = [Buffer | undefined, Buffer | undefined];

async function outcomeOf(job: HashJob, hash: Hasher, buffers: Buffers): Promise<Outcome> {
  let fd: number | undefined;
  try {
    // O_NOFOLLOW: a link that took the file's place since the walk is not followed. O_NONBLOCK: nor is a pipe waited for.
    fd = openSync(job.path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    if (stampOf(fstatSync(fd, { bigint: true })) !== job.stamp) return changed;
    const length = job.end - job.start;
    const filled = length <= blockSize ? hashAtOnce(fd, job, hash, buffers) : await hashInTurns(fd, job, hash, buffers);
    if (!filled || stampOf(fstatSync(fd, { bigint: true })) !== job.stamp) return changed;
    return { digest: hash.digest('hex') };
  } catch (error) {
    return failureOf(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const changed: Outcome = { failure: 'changed', detail: 'changed while it was read' };

function failureOf(error: unknown): Outcome {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return { failure: 'missing', detail: 'went away while it was to be read' };
  if (code === 'ELOOP') return { failure: 'symlink', detail: 'became a symbolic link while it was to be read' };
  return { failure: 'unreadable', detail: `cannot be read (${code ?? message})` };
}

/** Small files: one synchronous read costs less than one turn of the event loop. */
function hashAtOnce(fd: number, job: HashJob, hash: Hasher, buffers: Buffers): boolean {
  const length = job.end - job.start;
  const buffer = (buffers[0] ??= Buffer.allocUnsafeSlow(blockSize));
  let filled = 0;
  while (filled < length) {
    const got = readSync(fd, buffer, filled, length - filled, job.start + filled);
    if (got === 0) return false;
    filled += got;
  }
  hash.update(buffer.subarray(0, length));
  return true;
}

/** Large files: while one block is hashed here, the next is read in the thread pool. */
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
