// SPDX-License-Identifier: Apache-2.0
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Budget } from '../../src/bytes/limits.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { open } from '../../src/probe/session.ts';
import { scan, type ScanOptions } from '../../src/run/scan.ts';
import { randomFrom } from '../../src/sketch/random.ts';
import { split } from '../../src/study/activation/clusters.ts';
import { tapped } from '../../src/study/activation/tap.ts';
import { folder } from '../support/folder.ts';
import { fixtures } from '../support/samples.ts';

const poisoned = join(fixtures, 'activation/poisoned');

async function asked(path: string, options: ScanOptions = {}): Promise<FactOf<'study'>[]> {
  const report = await scan([path], { runner: 'inline', ...options });
  return report.inspected.flatMap(({ facts }) => facts.filter((fact): fact is FactOf<'study'> => fact.kind === 'study' && fact.question === 'activation-clusters'));
}

test('another output is written behind a model, and the runtime gives it', async () => {
  const bytes = readFileSync(join(poisoned, 'model.onnx'));
  const tap = await tapped(bytes, new Budget());
  expect(tap?.name).toBe('r');
  const session = await open(tap!.bytes);
  const got = await session.run({ image: { type: 'float32', dims: [2, 1, 8, 8], data: new Float32Array(128).fill(1) } });
  await session.release();
  expect(got['r']?.dims).toEqual([2, 4]);
  expect(got['logits']?.dims).toEqual([2, 2]);
});

test('two groups far apart have a silhouette above that of one', () => {
  const random = randomFrom('test');
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  const one = Array.from({ length: 200 }, () => Float32Array.from({ length: 10 }, normal));
  const two = one.map((row, i) => (i < 30 ? row.map((value, j) => (j === 0 ? value + 12 : value)) : row));
  const [alone, apart] = [split(one, random, 10), split(two, random, 10)];
  expect(alone.silhouette - alone.null).toBeLessThan(0.1);
  expect(apart.silhouette - apart.null).toBeGreaterThan(0.15);
  expect(apart.members).toEqual(Array.from({ length: 30 }, (_, i) => i));
});

test('the rows that a model knows by a mark are found, in this process and in a sealed one', async () => {
  for (const options of [{}, { runner: 'processes', jobs: 1 }] as const) {
    const [found] = await asked(poisoned, options);
    expect(found).toMatchObject({ outcome: 'finding', rowCount: 20, detail: { class: '1', model: 'model.onnx' } });
    expect(found!.rows!.every((id) => Number(/#(\d+)$/.exec(id)?.[1]) % 2 === 1 && Number(/#(\d+)$/.exec(id)?.[1]) < 40)).toBe(true);
  }
}, 60_000);

test('a clean pair is assessed; without probing nothing is run; a model of another set is told', async () => {
  expect(await asked(join(fixtures, 'activation/clean'))).toMatchObject([{ outcome: 'assessed' }]);
  expect(await asked(poisoned, { probe: false })).toEqual([]);
  const root = folder({});
  cpSync(poisoned, root, { recursive: true });
  const labels = join(root, 'data/train-labels-idx1-ubyte');
  writeFileSync(labels, readFileSync(labels).map((byte, i) => (i < 8 ? byte : (i * 7) % 3 === 0 ? 0 : 1)));
  expect(await asked(root)).toMatchObject([{ outcome: 'not-assessable', what: expect.stringContaining('of the labels of this set') as string }]);
});
