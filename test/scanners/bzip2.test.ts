import { expect, test } from 'vitest';
import { cases } from '../../fixtures/bzip2/make.ts';
import { Streams } from '../../scanners/bzip2/streams.ts';
import { Budget } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import { joined, mixed, python } from '../support/python.ts';

const streams = (bytes: Uint8Array): Streams => new Streams(new MemorySource(bytes, new Budget()));

test.for([[0, 1], [1, 9], [99_981, 1], [250_000, 1], [1_000_000, 9]] as const)('%i bytes packed at level %i unpack to themselves', async ([length, level], { skip }) => {
  const content = mixed(length);
  const packed = python(`import bz2; write(bz2.compress(read(), ${level}))`, content);
  if (packed === undefined) {
    skip();
    return;
  }
  const unpacking = streams(packed);
  expect((await joined(unpacking.bytes())).equals(content)).toBe(true);
  expect(unpacking.malformed).toEqual([]);
  expect(unpacking.end).toBe(packed.length);
});

test('a run of 300 equal bytes and a run at the end of a block come back', async ({ skip }) => {
  for (const content of [Buffer.alloc(300, 7), Buffer.alloc(4, 7), Buffer.alloc(259, 7), Buffer.alloc(5_000_000, 0)]) {
    const packed = python('import bz2; write(bz2.compress(read()))', content);
    if (packed === undefined) {
      skip();
      return;
    }
    expect((await joined(streams(packed).bytes())).equals(content)).toBe(true);
  }
});

test('every third bit that is flipped is noticed, or changes nothing', async () => {
  const packed = Buffer.from(cases()['lines.txt.bz2']!);
  const content = await joined(streams(packed).bytes());
  for (let bit = 0; bit < packed.length * 8; bit += 3) {
    const flipped = Buffer.from(packed);
    flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
    const unpacking = streams(flipped);
    try {
      const got = await joined(unpacking.bytes());
      if (unpacking.malformed.length === 0) expect(got.equals(content), `bit ${bit}`).toBe(true);
    } catch (error) {
      expect(['Malformed', 'Unsupported'], `bit ${bit}`).toContain((error as Error).name);
    }
  }
});
