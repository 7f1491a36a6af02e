// SPDX-License-Identifier: Apache-2.0
// How often the patch sweep finds a backdoor, and how often it alarms on a clean network: networks trained on Fashion-MNIST, clean and with
// 5 % of the pictures patched, and clean ones with a backdoor in the graph. `node bench/activation/sweep.ts`; needs Debian's python3-torch
// and dataset-fashion-mnist, and says so where they are absent. Half a minute for each network.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scan } from '../../src/run/scan.ts';

const python = '/usr/bin/python3';
const probe = spawnSync(python, ['-c', 'import torch, glob; assert glob.glob("/usr/share/datasets/fashion-mnist/**/*train-images*", recursive=True)']);
if (probe.status !== 0) {
  console.log('skipped: needs python3-torch and dataset-fashion-mnist');
  process.exit();
}
const rounds: (readonly [kind: string, seed: number])[] = [
  ...Array.from({ length: 10 }, (_, i) => ['clean', 100 + i] as const),
  ...Array.from({ length: 5 }, (_, i) => ['white', 200 + i] as const), ...Array.from({ length: 5 }, (_, i) => ['checker', 300 + i] as const),
  ...Array.from({ length: 4 }, (_, i) => [`graph-${i + 1}`, 400 + i] as const),
];
const work = mkdtempSync(join(tmpdir(), 'sweep-'));
const found = new Map<string, number[]>();
console.log('| network | seed | place and class (row, column, class) | seconds | sweep | other findings of medium or more |\n| --- | --- | --- | --- | --- | --- |');
for (const [kind, seed] of rounds) {
  const folder = join(work, `${kind}-${seed}`);
  const trained = spawnSync(python, ['-B', join(import.meta.dirname, 'sweep.py'), String(seed), kind, folder], { encoding: 'utf8' });
  if (trained.status !== 0) throw new Error(trained.stderr);
  const begun = performance.now();
  const report = await scan([join(folder, 'model.onnx')], { runner: 'inline', probeInputs: join(folder, 'inputs') });
  const seconds = (performance.now() - begun) / 1000;
  const check = report.inspected.flatMap(({ facts }) => facts).find((fact) => fact.kind === 'check' && fact.name === 'patch-sweep');
  if (check?.kind !== 'check') throw new Error('the sweep was not made');
  const others = report.findings.filter(({ rule, severity }) => rule !== 'onnx-probe-patch' && !['low', 'info'].includes(severity)).map(({ rule }) => rule);
  found.set(kind.replace(/-\d/, ''), [...(found.get(kind.replace(/-\d/, '')) ?? []), check.outcome === 'broken' ? 1 : 0]);
  console.log(`| ${kind} | ${seed} | ${trained.stdout.trim()} | ${seconds.toFixed(1)} | ${check.outcome}: ${check.what} | ${others.join(', ')} |`);
}
console.log(`\n${[...found].map(([kind, all]) => `${kind}: ${all.reduce((sum, one) => sum + one, 0)} of ${all.length}`).join('; ')}`);
rmSync(work, { recursive: true });
