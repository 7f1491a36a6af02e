// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { zip } from '../../fixtures/support/zip.ts';
import { cases } from '../../fixtures/torch/make.ts';
import scanner from '../../scanners/torch/index.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { Budget } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Fact } from '../../src/model/fact.ts';
import { weigh } from '../../src/weigh/weigh.ts';

const many = Array.from({ length: 450 }, (_, i) => ({ name: `m/extra/${`${i}`.padStart(90, '0')}` }));
const empty = Buffer.from([0x80, 2, 0x7d, 0x2e]);

async function said(name: string, bytes: Buffer): Promise<{ recognition: string; kinds: string[] }> {
  const sample = { name, size: bytes.length, head: bytes.subarray(0, 65_536), tail: bytes.subarray(-67_584) };
  const kinds: string[] = [];
  for await (const one of scanner.inspect(new MemorySource(bytes, new Budget()), sample)) kinds.push(one.kind);
  return { recognition: scanner.recognise(sample), kinds };
}

test('a checkpoint is known although its names lie beyond the sample', async () => {
  const bytes = zip([...many, { name: 'm/data.pkl', data: empty }, { name: 'm/version', data: '3\n' }, ...many.map(({ name }) => ({ name: `${name}x` }))]);
  expect(await said('model.ckpt', bytes)).toEqual({ recognition: 'maybe', kinds: ['claim'] });
});

test('weights of a checkpoint are weighed where they lie', async () => {
  const bytes = Buffer.from(cases()['tensors.pt']!);
  const facts: Fact[] = [];
  for await (const one of scanner.inspect(new MemorySource(bytes, new Budget()), { name: 'x.pt', size: bytes.length, head: bytes, tail: bytes })) if (one.kind !== 'child') facts.push(one);
  const place = facts.flatMap((fact) => (fact.kind === 'tensor' && fact.name === 'part' ? [fact.at!] : []))[0]!;
  expect([...new Float32Array(Uint8Array.from(bytes.subarray(...place)).buffer)]).toEqual([-0.125, -0.0625, 0, 0.0625]);
  const studies: Fact[] = [];
  for await (const study of weigh(new MemorySource(bytes, new Budget()), facts)) studies.push(study);
  expect(studies).toContainEqual(expect.objectContaining({ question: 'tensor-health', outcome: 'assessed' }));
});

test('a zip that is no checkpoint is a wrong guess, whatever its name', async () => {
  await expect(said('weights.bin', zip([{ name: 'a/b/data.pkl', data: empty }]))).rejects.toBeInstanceOf(Malformed);
});

test('thousands of stray members are told as a few and a number', async () => {
  const bytes = zip([{ name: 'm/data.pkl', data: empty }, { name: 'm/version', data: '3\n' }, ...Array.from({ length: 2000 }, (_, i) => ({ name: `${i}` }))]);
  expect((await said('x.pt', bytes)).kinds.length).toBe(66);
});
