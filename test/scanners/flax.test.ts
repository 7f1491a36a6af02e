import { expect, test } from 'vitest';
import { array, Extension, pack, type Packed } from '../../fixtures/support/msgpack.ts';
import scanner from '../../scanners/flax/index.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { Budget, defaultLimits } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Fact } from '../../src/model/fact.ts';

async function facts(bytes: Uint8Array): Promise<Fact[]> {
  const out: Fact[] = [];
  for await (const said of scanner.inspect(new MemorySource(bytes, new Budget(defaultLimits, bytes.length)), { name: 'm.msgpack', size: bytes.length, head: bytes, tail: bytes })) if (said.kind !== 'child') out.push(said);
  return out;
}

test.for<[string, Packed]>([
  ['few', { a: 1 }], ['many entries', Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, i]))], ['a long list', { a: Array.from({ length: 70_000 }, () => null) }],
  ['long text', { a: 'x'.repeat(70_000), b: 'y'.repeat(300), c: 'z'.repeat(40) }], ['numbers', { a: [0, 127, 128, 255, 256, 65_536, 4e9, 0.5, true, false, null] }], ['nothing in it', { a: {}, b: [] }],
])('values of every length are passed over to the end: %s', async ([, value]) => {
  const bytes = pack(value);
  expect(await facts(bytes)).toEqual([{ kind: 'region', name: 'values', at: [0, bytes.length] }]);
});

test('the path of an array is its name, and its numbers are where they lie', async () => {
  const bytes = pack({ params: { layers: [{ w: array([2], 'float16', Uint8Array.of(1, 2, 3, 4)) }] } });
  const [tensor] = (await facts(bytes)).filter((fact) => fact.kind === 'tensor');
  expect(tensor).toMatchObject({ name: 'params/layers/0/w', dtype: 'F16', shape: [2] });
  expect([...bytes.subarray(...tensor!.at!)]).toEqual([1, 2, 3, 4]);
});

test('any byte may be any other without an error that is not ours', async () => {
  const bytes = pack({ a: { w: array([2, 1], 'float32', new Uint8Array(8)), c: new Extension(2, pack([1.5, 2.5])) }, t: 'text', n: [1, 300, 70_000] });
  for (let i = 0; i < bytes.length; i += 1) {
    for (const value of [0, 0x81, 0xc1, 0xc9, 0xdd, 0xdf, 0xff]) {
      const other = Uint8Array.from(bytes);
      other[i] = value;
      await facts(other).catch((error: unknown) => { expect(error).toBeInstanceOf(Malformed); });
    }
  }
});
