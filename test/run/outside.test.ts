import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bundleIndex } from '../../fixtures/support/bundle.ts';
import { onnxModel } from '../../fixtures/support/onnx.ts';
import { scanners } from '../../scanners/index.ts';
import { defaultLimits } from '../../src/bytes/limits.ts';
import type { Fact } from '../../src/model/fact.ts';
import { rules } from '../../src/rules/index.ts';
import { worker } from '../../src/run/task.ts';

const folder = mkdtempSync(join(tmpdir(), 'outside-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

async function run(name: string, bytes: Uint8Array, weights: 'full' | 'off' = 'full'): Promise<{ facts: Fact[]; findings: string[] }> {
  writeFileSync(join(folder, name), bytes);
  const { inspected, findings = [] } = await worker(scanners, rules, { limits: defaultLimits, facts: 'all', weights })({ path: join(folder, name), id: name, size: bytes.length });
  return { facts: inspected.flatMap((one) => [...one.facts]), findings: findings.map(({ rule }) => rule) };
}

const numbers = new Uint8Array(Float32Array.from({ length: 40_000 }, (_, i) => Math.sin(i * 12.9898) * 0.05 + ((i * 7919) % 1000) / 1e5).buffer);
const broken = Float32Array.from(new Float32Array(numbers.buffer));
broken[777] = Number.NaN;
const tensors = [{ name: 'w', dims: [200, 200], offset: 0, size: 160_000, bytes: numbers }];
const external = (location: string): Uint8Array => onnxModel({ graph: { initializers: [{ name: 'w', dims: [200, 200], external: { location, offset: '0', length: '160000' } }] } });

test('numbers of a checkpoint are weighed in the part that its index names', async () => {
  writeFileSync(join(folder, 'good.data-00000-of-00001'), numbers);
  const { facts } = await run('good.index', bundleIndex(tensors));
  expect(facts).toContainEqual(expect.objectContaining({ kind: 'study', question: 'tensor-health', outcome: 'assessed', n: 40_000 }));
  expect(facts.filter(({ kind }) => kind === 'malformed')).toEqual([]);
});

test('numbers that were changed after saving fail their checksum, and what is wrong with them is found', async () => {
  writeFileSync(join(folder, 'bad.data-00000-of-00001'), new Uint8Array(broken.buffer));
  const { findings } = await run('bad.index', bundleIndex(tensors));
  expect(findings).toContain('tf-checkpoint-structure');
  expect(findings).toContain('tensor-not-finite');
});

test('external data of an ONNX model is weighed', async () => {
  writeFileSync(join(folder, 'bad.onnx_data'), new Uint8Array(broken.buffer));
  expect((await run('bad.onnx', external('bad.onnx_data'))).findings).toContain('tensor-not-finite');
});

test.for(['../outside.bin', '/etc/hostname', 'link.bin', 'nothing.bin', 'a\\..\\b'])('no file is opened through %s', async (location) => {
  if (location === 'link.bin') symlinkSync('bad.onnx_data', join(folder, 'link.bin'));
  writeFileSync(join(folder, '..', 'outside.bin'), numbers);
  const { facts } = await run('escape.onnx', external(location));
  rmSync(join(folder, '..', 'outside.bin'));
  const studies = facts.filter((fact) => fact.kind === 'study');
  expect(studies.map(({ outcome }) => outcome)).toEqual(['not-assessable']);
});

test('nothing is opened when weights are not weighed', async () => {
  expect((await run('off.index', bundleIndex(tensors), 'off')).facts.filter(({ kind }) => kind === 'study')).toEqual([]);
});
