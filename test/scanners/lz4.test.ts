import { expect, test } from 'vitest';
import { cases } from '../../fixtures/lz4/make.ts';
import { Frames } from '../../src/grammar/lz4/frames.ts';
import { Xxh32, xxh32 } from '../../src/grammar/lz4/xxh32.ts';
import { Budget } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import { joined, mixed } from '../support/python.ts';

const frames = (bytes: Uint8Array): Frames => new Frames(new MemorySource(bytes, new Budget()));
const unpacked = async (name: string): Promise<string> => (await joined(frames(Buffer.from(cases()[name]!)).bytes())).toString('latin1');

test('XXH32 gives the published sums', () => {
  expect(xxh32(new Uint8Array(0))).toBe(0x02cc5d05);
  expect(xxh32(Buffer.from('a'))).toBe(0x550d7456);
  expect(xxh32(Buffer.from('abc'))).toBe(0x32d153ff);
});

test('XXH32 is the same for any cutting', () => {
  const bytes = mixed(1000);
  for (let step = 1; step < 70; step += 1) {
    const sum = new Xxh32();
    for (let at = 0; at < bytes.length; at += step) sum.update(bytes.subarray(at, at + step));
    expect(sum.digest()).toBe(xxh32(bytes));
  }
});

test('matches repeat what lies before them, in linked blocks also that of the block before', async () => {
  expect(await unpacked('match.txt.lz4')).toBe('abababababababababab.....');
  expect(await unpacked('linked.txt.lz4')).toBe('abababababababababab.....abababab-----');
  expect(await unpacked('two-frames.lz4')).toBe('abababababababababab.....abababababababababab.....');
});

test('a block that a match would make longer than allowed is damage', async () => {
  // One literal, then a match of 64 KiB and more at distance 1.
  const block = Buffer.concat([Buffer.from([0x1f, 0x61, 1, 0]), Buffer.alloc(300, 0xff), Buffer.from([0])]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(block.length);
  const descriptor = Buffer.from([0x60, 0x40]);
  const frame = Buffer.concat([Buffer.from('04224d18', 'hex'), descriptor, Buffer.from([(xxh32(descriptor) >>> 8) & 0xff]), size, block, Buffer.alloc(4)]);
  await expect(joined(frames(frame).bytes())).rejects.toThrow('it unpacks to more than 65536 bytes');
});
