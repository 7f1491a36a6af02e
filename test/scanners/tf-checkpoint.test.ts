import { expect, test } from 'vitest';
import { bundleIndex } from '../../fixtures/support/bundle.ts';
import scanner from '../../scanners/tf-checkpoint/index.ts';
import { unsnap } from '../../scanners/tf-checkpoint/snappy.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { Budget, defaultLimits } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Fact } from '../../src/model/fact.ts';

const budget = new Budget(defaultLimits, 1 << 20);
const unpack = (...bytes: number[]): string => Buffer.from(unsnap(Uint8Array.from(bytes), 1 << 20, budget, 0)).toString('latin1');

async function facts(bytes: Uint8Array): Promise<Fact[]> {
  const out: Fact[] = [];
  for await (const said of scanner.inspect(new MemorySource(bytes, new Budget(defaultLimits, bytes.length)), { name: 'model.index', size: bytes.length, head: bytes, tail: bytes })) if (said.kind !== 'child') out.push(said);
  return out;
}

test('copies of Snappy reach back, over themselves too', () => {
  expect(unpack(10, 0x04, 0x61, 0x62, 0x11, 0x02)).toBe('ababababab'); // literal 'ab', 8 bytes from 2 before
  expect(unpack(6, 0x08, 0x61, 0x62, 0x63, 0x0a, 0x03, 0x00)).toBe('abcabc'); // 2-byte offset
  expect(unpack(6, 0x08, 0x61, 0x62, 0x63, 0x0b, 0x03, 0, 0, 0)).toBe('abcabc'); // 4-byte offset
});

test.for([[5, 0x08, 0x61, 0x62, 0x63], [6, 0x00, 0x61, 0x11, 0x09], [6, 0x00, 0x61, 0x11, 0x00], [2, 0x10, 0x61], [0xff, 0xff, 0xff, 0xff, 0x7f], [3, 0xf0]])('a block that lies about itself is malformed: %j', (bytes) => {
  expect(() => unpack(...bytes)).toThrow(Malformed);
});

test('a compressed table says what a plain one says', async () => {
  const tensors = Array.from({ length: 40 }, (_, i) => ({ name: `model/layer-${i}/kernel`, dims: [2, 2], offset: 16 * i, size: 16 }));
  const told = (list: readonly Fact[]): Fact[] => list.filter(({ kind }) => kind === 'tensor' || kind === 'link' || kind === 'malformed');
  const plain = told(await facts(bundleIndex(tensors)));
  expect(plain).toHaveLength(41);
  expect(told(await facts(bundleIndex(tensors, 1, { packed: true })))).toEqual(plain);
});

test('any byte may be any other without an error that is not ours', async () => {
  const index = bundleIndex([{ name: 'a/b', dims: [2], offset: 0, size: 8 }, { name: 'a/c', dims: [3, 1], offset: 8, size: 12 }]);
  for (let i = 0; i < index.length; i += 1) {
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
      const other = Uint8Array.from(index);
      other[i] = value;
      await facts(other).catch((error: unknown) => { expect((error as Error).name).toMatch(/^(Malformed|Unsupported|LimitReached)$/); });
    }
  }
});
