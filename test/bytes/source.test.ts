import { createHash } from 'node:crypto';
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileSource } from '../../src/bytes/file.ts';
import { Budget, defaultLimits } from '../../src/bytes/limits.ts';
import { MemorySource, type ByteSource } from '../../src/bytes/source.ts';
import { spool } from '../../src/bytes/spool.ts';
import { folder } from '../support/folder.ts';

const large = Buffer.alloc(5 * (1 << 20) + 123);
for (let i = 0; i < large.length; i += 1) large[i] = (i * 31 + (i >> 8)) & 0xff;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function open(content: Uint8Array): { source: FileSource; path: string } {
  const path = join(folder({ file: content }), 'file');
  return { source: FileSource.open(path, new Budget()), path };
}

async function collect(source: ByteSource): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const block of source.sweep()) parts.push(Buffer.from(block)); // blocks are used again
  return Buffer.concat(parts);
}

test.for([0, 1, 1000, 1 << 20, (1 << 20) + 1, large.length])('a sweep over %d bytes gives all of them, and their digest', async (length) => {
  const bytes = large.subarray(0, length);
  const { source } = open(bytes);
  expect((await collect(source)).equals(bytes)).toBe(true);
  expect(await source.digest()).toBe(sha256(bytes));
});

test('the digest is right whatever was swept, read, or left half-way before', async () => {
  const { source } = open(large);
  await source.read(17, 1000);
  for await (const block of source.sweep()) if (block.length > 0) break;
  await collect(source.slice(5, 2_000_000));
  await collect(source);
  await collect(source);
  expect(await source.digest()).toBe(sha256(large));
});

test('a large file is hashed on another thread while its parts are read, swept and swept again', async () => {
  const big = Buffer.alloc((64 << 20) + 4321, large);
  const { source } = open(big);
  const digest = source.digest(true);
  expect((await source.read(17, 1000)).length).toBe(1000);
  for await (const block of source.sweep()) if (block.length > 0) break;
  expect((await collect(source)).length).toBe(big.length);
  expect([await digest, await source.digest()]).toEqual([sha256(big), sha256(big)]);
  source.close();
  const half = open(big).source; // begun by a sweep, ended by the thread
  let blocks = 0;
  for await (const block of half.sweep()) if (block.length > 0 && (blocks += 1) === 3) break;
  expect(await half.digest(true)).toBe(sha256(big));
  half.close();
});

test('another thread keeps to the deadline', async () => {
  const path = join(folder({ file: Buffer.alloc(64 << 20) }), 'file');
  truncateSync(path, 3 * 2 ** 30); // holes take a second to hash, and are as good as bytes
  const source = FileSource.open(path, new Budget({ ...defaultLimits, timeout: 0.001 }, 0));
  await expect(source.digest(true)).rejects.toThrow(/took longer/);
  source.close();
});

test('a large file that shrinks while another thread hashes it is said to have changed', async () => {
  const { source, path } = open(Buffer.alloc(80 << 20, 1));
  truncateSync(path, 70 << 20);
  await expect(source.digest(true)).rejects.toThrow(/ended at byte 73400320 although it had 83886080/);
  source.close();
});

test('a slice reads, sweeps and hashes its own part only', async () => {
  const { source } = open(large);
  const part = source.slice(1_000_003, 4_000_007).slice(10, 2_000_000);
  const wanted = large.subarray(1_000_013, 3_000_003);
  expect((await collect(part)).equals(wanted)).toBe(true);
  expect(await part.digest()).toBe(sha256(wanted));
  expect(Buffer.from(await part.read(5, 7)).equals(wanted.subarray(5, 12))).toBe(true);
  await expect(part.read(1_999_980, 20)).rejects.toThrow(/lie outside/);
});

test.for([[0, 11], [11, 0], [-1, 1], [5, 6], [0, -1], [Number.NaN, 1], [0, 2 ** 62], [2 ** 60, 2 ** 60]] as const)('reading %j of ten bytes is malformed unless inside', async ([offset, length]) => {
  const source = new MemorySource(Buffer.alloc(10), new Budget());
  await expect(source.read(offset, length)).rejects.toThrow(/lie outside the 10/);
  expect(() => source.slice(offset, offset + length)).toThrow();
});

test('a greedy read is refused before memory is taken', async () => {
  const source = new MemorySource(Buffer.alloc(100), new Budget({ ...defaultLimits, read: 50 }));
  await expect(source.read(0, 51)).rejects.toThrow(/51 bytes, allowed 50/);
});

test('a file that shrinks while it is read is said to have changed', async () => {
  const { source, path } = open(large);
  truncateSync(path, 3_000_000);
  await expect(source.digest()).rejects.toThrow(/ended at byte 3000000 although it had/);
});

test('a file that grows or is written to is said to have changed', async () => {
  const { source, path } = open(large);
  await source.digest();
  appendFileSync(path, 'more');
  expect(() => source.checkUnchanged()).toThrow(/size changed/);
  const other = open(large);
  writeFileSync(other.path, large.toReversed());
  expect(() => other.source.checkUnchanged()).toThrow(/written to/);
});

test('a small file is read whole at once: what is written to it later is neither parsed nor hashed', async () => {
  const { source, path } = open(Buffer.from('abc'));
  writeFileSync(path, 'xyz');
  expect(await source.digest()).toBe(sha256(Buffer.from('abc')));
  expect(Buffer.from(await source.read(0, 3)).toString()).toBe('abc');
  expect(() => source.checkUnchanged()).not.toThrow();
});

test('a sparse file is not read through its holes', () => {
  const { source, path } = open(Buffer.from('x'));
  source.close();
  truncateSync(path, 2 ** 40);
  const sparse = FileSource.open(path, new Budget());
  expect(() => sparse.checkReadable()).toThrow(/bytes of holes/);
  sparse.close();
});

test('what no longer fits in memory goes to a temporary file, and reads the same', async () => {
  const budget = new Budget({ ...defaultLimits, memory: 1000 });
  async function* parts(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < large.length; at += 100_000) yield large.subarray(at, at + 100_000);
  }
  const { source, close } = await spool(parts(), budget);
  expect(await source.digest()).toBe(sha256(large));
  expect(Buffer.from(await source.read(123_456, 10)).equals(large.subarray(123_456, 123_466))).toBe(true);
  close();
});

test('unpacking spends the budget that all members share', async () => {
  const budget = new Budget({ ...defaultLimits, inflated: 250 });
  async function* parts(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(100);
    yield Buffer.alloc(100);
  }
  await spool(parts(), budget);
  await expect(spool(parts(), budget)).rejects.toThrow(/allowed 250/);
});
