import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, deflateSync, zstdCompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import gzipScanner from '../../scanners/gzip/index.ts';
import zlibScanner from '../../scanners/zlib/index.ts';
import zstdScanner from '../../scanners/zstd/index.ts';
import { LimitReached, Malformed, Unsupported } from '../../src/bytes/errors.ts';
import { Budget, defaultLimits } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Sample, Scanner } from '../../src/model/scanner.ts';
import { fixtures } from '../support/samples.ts';

interface Run {
  readonly codes: string[];
  readonly names: string[];
  readonly content: Buffer;
  readonly error: unknown;
}

async function run(scanner: Scanner, bytes: Uint8Array, name = 'x.gz', limits = defaultLimits): Promise<Run> {
  const source = new MemorySource(bytes, new Budget(limits));
  const sample = sampleOf(bytes, name);
  const codes: string[] = [];
  const names: string[] = [];
  let content = Buffer.alloc(0);
  try {
    for await (const said of scanner.inspect(source, sample)) {
      if (said.kind === 'malformed') codes.push(said.code);
      if (said.kind === 'child') {
        const child = said;
        if (names.length === 0) content = Buffer.from(await child.source.read(0, child.source.size));
        names.push(child.name);
      }
    }
  } catch (error) {
    return { codes, names, content, error };
  }
  return { codes, names, content, error: undefined };
}

function sampleOf(bytes: Uint8Array, name: string): Sample {
  return { name, size: bytes.length, head: bytes.subarray(0, 65_536), tail: bytes.subarray(-66 * 1024) };
}

const noise = (length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  let seed = 1;
  for (let i = 0; i < length; i += 1) bytes[i] = (seed = (seed * 48_271) % 0x7fffffff) & 255;
  return bytes;
};
const large = noise(700_000);

test('gzip members of any size are joined as gunzip joins them', async () => {
  const packed = Buffer.concat([gzipSync('a'), gzipSync(large), gzipSync(''), gzipSync(large.subarray(0, 5000))]);
  const { content, codes, error } = await run(gzipScanner, packed);
  expect(error).toBeUndefined();
  expect(codes).toEqual([]);
  expect(content.equals(gunzipSync(packed))).toBe(true);
});

test('zstd frames are joined, although the decoder stops after the first', async () => {
  const packed = Buffer.concat([zstdCompressSync('first '), zstdCompressSync(large), zstdCompressSync('last')]);
  const { content, codes, error } = await run(zstdScanner, packed, 'x.zst');
  expect(error).toBeUndefined();
  expect(codes).toEqual([]);
  expect(content.equals(Buffer.concat([Buffer.from('first '), large, Buffer.from('last')]))).toBe(true);
});

test('what came before damage is looked at', async () => {
  for (const [scanner, packed] of [[gzipScanner, gzipSync(large)], [zlibScanner, deflateSync(large)], [zstdScanner, zstdCompressSync(large)]] as const) {
    const { content, error } = await run(scanner, packed.subarray(0, 400_000));
    expect(error, scanner.id).toBeInstanceOf(Malformed);
    expect(content.length, scanner.id).toBeGreaterThan(100_000);
    expect(content.equals(large.subarray(0, content.length)), scanner.id).toBe(true);
  }
});

test('a bomb ends at the budget, and what fitted is looked at', async () => {
  const zeros = Buffer.alloc(8_000_000);
  for (const [scanner, packed] of [[gzipScanner, gzipSync(zeros)], [zlibScanner, deflateSync(zeros)], [zstdScanner, zstdCompressSync(zeros)]] as const) {
    const { content, error } = await run(scanner, packed, 'x', { ...defaultLimits, inflated: 1_000_000 });
    expect(error, scanner.id).toBeInstanceOf(LimitReached);
    expect(content.length, scanner.id).toBe(1_000_000);
  }
});

const says = (bytes: Uint8Array): string => zlibScanner.recognise(sampleOf(bytes, 'x'));

test('zlib is taken only for what unpacks', () => {
  expect(says(deflateSync(large))).toBe('yes');
  expect(says(deflateSync('joblib'))).toBe('yes');
  expect(says(Buffer.from('x^2 + y^2 is text that begins like a zlib header'))).toBe('no');
  // A safetensors header of 0x9c78 bytes begins with the same two bytes.
  expect(says(Buffer.concat([Buffer.from('789c000000000000', 'hex'), Buffer.from('{"a":{"dtype":"F32"}}'.padEnd(40_056))]))).toBe('no');
});

test('mutated streams give only the known errors', { timeout: 60_000 }, async () => {
  let seed = 11;
  const random = (below: number): number => (seed = (seed * 48_271) % 0x7fffffff) % below;
  const originals = [
    [gzipScanner, readFileSync(join(fixtures, 'gzip/two-members.gz'))], [gzipScanner, gzipSync(large.subarray(0, 3000))],
    [zlibScanner, deflateSync(large.subarray(0, 3000))], [zstdScanner, zstdCompressSync('some text, some text, some text')],
    [zstdScanner, readFileSync(join(fixtures, 'zstd/skippable-first.tar.zst'))],
  ] as const;
  for (const [scanner, original] of originals) {
    for (let n = 0; n < 80; n += 1) {
      let mutated = Buffer.from(original);
      for (let flips = 0; flips <= random(3); flips += 1) mutated[random(n % 2 === 0 ? 20 : mutated.length)] = random(256);
      if (n % 4 === 0) mutated = mutated.subarray(0, random(mutated.length));
      const { error } = await run(scanner, mutated);
      if (error !== undefined && !(error instanceof Malformed || error instanceof LimitReached || error instanceof Unsupported)) throw error;
    }
  }
});
