// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { MemorySource } from '../../src/bytes/source.ts';
import { Budget } from '../../src/bytes/limits.ts';
import type { Fact } from '../../src/model/fact.ts';
import { randomFrom } from '../../src/sketch/random.ts';
import { weigh, type Depth } from '../../src/weigh/weigh.ts';

async function studies(bytes: Uint8Array, tensors: readonly Fact[], depth: Depth = 'full'): Promise<readonly Fact[]> {
  const out: Fact[] = [];
  for await (const fact of weigh(new MemorySource(bytes, new Budget()), tensors, depth)) if (fact.kind === 'study') out.push(fact);
  return out;
}

test('a tensor that claims 2^62 numbers is not read', async () => {
  const [only, ...more] = await studies(new Uint8Array(16), [{ kind: 'tensor', name: 'w', dtype: 'F32', shape: [2 ** 31, 2 ** 31], at: [0, 16] }]);
  expect(only).toMatchObject({ question: 'tensor-numbers', outcome: 'not-assessable' });
  expect(more).toEqual([]);
});

test('tensors that share bytes, and sizes of zero, are weighed one by one', async () => {
  const bytes = new Uint8Array(Float32Array.from([1, Number.NaN, 3, 4]).buffer);
  const found = await studies(bytes, [
    { kind: 'tensor', name: 'a', dtype: 'F32', shape: [4], at: [0, 16] },
    { kind: 'tensor', name: 'b', dtype: 'F32', shape: [2], at: [4, 12] },
    { kind: 'tensor', name: 'none', dtype: 'F32', shape: [0, 4], at: [16, 16] },
  ]);
  expect(found.filter((fact) => fact.kind === 'study' && fact.outcome === 'finding')).toMatchObject([{ of: 'a', question: 'tensor-not-finite' }, { of: 'b' }]);
});

test('a negative size is not read', async () => {
  expect(await studies(new Uint8Array(16), [{ kind: 'tensor', name: 'w', dtype: 'F32', shape: [-4], at: [0, 16] }])).toMatchObject([{ outcome: 'not-assessable' }]);
});

test('numbers at an odd place are the same numbers', async () => {
  const many = new Uint8Array(4 * 20 + 1);
  many.set(new Uint8Array(Float32Array.from({ length: 20 }, (_, i) => (i === 7 ? Infinity : i)).buffer), 1);
  expect(await studies(many, [{ kind: 'tensor', name: 'w', dtype: 'F32', shape: [20], at: [1, 81] }])).toMatchObject([{ question: 'tensor-not-finite', detail: { nan: 0, infinite: 1, dtype: 'F32' } }]);
});

test('a sample says how many numbers it looked at', async () => {
  const length = 36 << 20;
  const found = await studies(new Uint8Array(4 * length).fill(1), [{ kind: 'tensor', name: 'w', dtype: 'F32', shape: [length], at: [0, 4 * length] }], 'sample');
  const [health] = found;
  expect(health).toMatchObject({ question: 'tensor-health', outcome: 'assessed', among: length });
  expect((health as { n: number }).n).toBeLessThan(length);
});

test('numbers with the high byte first are said not to be weighed', async () => {
  const header = Buffer.from("\x93NUMPY\x01\x00\x46\x00{'descr': '>f4', 'fortran_order': False, 'shape': (4,), }", 'latin1');
  const bytes = Buffer.concat([header, Buffer.alloc(16)]);
  expect(await studies(bytes, [{ kind: 'tensor', name: 'w', dtype: 'F32', shape: [4], at: [header.length, bytes.length] }])).toMatchObject([{ outcome: 'not-assessable' }]);
});

test('copies of a tensor are evidence once', async () => {
  const random = randomFrom('copies', 12); // by chance a little off the law, as one in 25 is
  const normal = (): number => 0.02 * Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  const words = new Uint32Array(Float32Array.from({ length: 4 * 16_384 }, normal).buffer);
  const bytes = new Uint8Array(Uint16Array.from(words, (word) => word >>> 16).buffer);
  const experts = Array.from({ length: 512 }, (_, i): Fact => ({ kind: 'tensor', name: `expert.${i}`, dtype: 'BF16', shape: [bytes.length / 2], at: [0, bytes.length] }));
  expect((await studies(bytes, experts)).filter((fact) => fact.kind === 'study' && fact.outcome === 'finding')).toEqual([]);
});
