import { expect, test } from 'vitest';
import { cases } from '../../fixtures/xz/make.ts';
import { Streams } from '../../scanners/xz/streams.ts';
import { Budget } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import { Alone, headerOf } from '../../src/grammar/lzma/alone.ts';
import { joined, mixed, python } from '../support/python.ts';

const streams = (bytes: Uint8Array): Streams => new Streams(new MemorySource(bytes, new Budget()));

const options: Readonly<Record<string, string>> = {
  'preset 0': 'preset=0', 'preset 9': 'preset=9', 'SHA-256': 'check=lzma.CHECK_SHA256', 'CRC-32': 'check=lzma.CHECK_CRC32', 'no check': 'check=lzma.CHECK_NONE',
  'a delta filter': "filters=[{'id':lzma.FILTER_DELTA,'dist':4},{'id':lzma.FILTER_LZMA2,'preset':6}]",
  'other properties': "filters=[{'id':lzma.FILTER_LZMA2,'lc':0,'lp':3,'pb':1,'dict_size':1<<16}]",
  'a dictionary of 4 KiB': "filters=[{'id':lzma.FILTER_LZMA2,'dict_size':4096}]",
};

test.for(Object.keys(options))('content packed with %s unpacks to itself', async (name, { skip }) => {
  const content = mixed(700_000);
  const packed = python(`import lzma; write(lzma.compress(read(), ${options[name]!}))`, content);
  if (packed === undefined) {
    skip();
    return;
  }
  const unpacking = streams(packed);
  expect((await joined(unpacking.bytes())).equals(content)).toBe(true);
  expect(unpacking.malformed).toEqual([]);
  expect(unpacking.end).toBe(packed.length);
});

test.for(['format=lzma.FORMAT_ALONE', "format=lzma.FORMAT_ALONE, filters=[{'id':lzma.FILTER_LZMA1,'preset':9,'lc':1,'lp':2,'pb':0}]"])('LZMA without a container unpacks to itself (%s)', async (option, { skip }) => {
  const content = mixed(1_500_000);
  const packed = python(`import lzma; write(lzma.compress(read(), ${option}))`, content);
  if (packed === undefined) {
    skip();
    return;
  }
  const alone = new Alone(new MemorySource(packed, new Budget()), headerOf(packed)!);
  expect((await joined(alone.bytes())).equals(content)).toBe(true);
  expect(alone.end).toBe(packed.length);
});

test('every third bit that is flipped is noticed, or changes nothing', async () => {
  const packed = Buffer.from(cases()['lines.txt.xz']!);
  const content = await joined(streams(packed).bytes());
  for (let bit = 0; bit < packed.length * 8; bit += 3) {
    const flipped = Buffer.from(packed);
    flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
    const unpacking = streams(flipped);
    try {
      const got = await joined(unpacking.bytes());
      if (unpacking.malformed.length === 0) expect(got.equals(content), `bit ${bit}`).toBe(true);
    } catch (error) {
      expect(['Malformed', 'Unsupported', 'LimitReached'], `bit ${bit}`).toContain((error as Error).name);
    }
  }
});
