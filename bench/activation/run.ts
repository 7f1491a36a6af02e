// SPDX-License-Identifier: Apache-2.0
// Networks trained on clean and on poisoned pictures, each with the data it was trained on: how often activation clustering finds the
// poison, and how often it alarms on a clean pair. `node bench/activation/run.ts`; needs Debian's python3-torch and
// dataset-fashion-mnist, and says so where they are absent. A minute for each network.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scan } from '../../src/run/scan.ts';

const python = '/usr/bin/python3';
const probe = spawnSync(python, ['-c', 'import torch, glob; assert glob.glob("/usr/share/datasets/fashion-mnist/**/*train-images*", recursive=True)']);
if (probe.status !== 0) {
  console.log('skipped: needs python3-torch and dataset-fashion-mnist');
  process.exit();
}
const rounds: readonly (readonly [seed: number, rate: number, kind: 'patch' | 'blend'])[] = [
  [1, 0, 'patch'], [2, 0.05, 'patch'], [3, 0.02, 'patch'], [4, 0.05, 'blend'], [5, 0, 'patch'], [6, 0.01, 'patch'], [7, 0, 'patch'],
  [11, 0, 'patch'], [12, 0.02, 'blend'], [13, 0, 'patch'], [14, 0.03, 'patch'], [15, 0.005, 'patch'], [16, 0, 'patch'],
];
const work = mkdtempSync(join(tmpdir(), 'activation-'));
console.log('| poison | seed | outcome | rows named | poisoned among those shown | silhouette above the null |\n| --- | --- | --- | --- | --- | --- |');
for (const [seed, rate, kind] of rounds) {
  const folder = join(work, `${kind}-${seed}`);
  const trained = spawnSync(python, ['-B', join(import.meta.dirname, 'train.py'), String(seed), String(rate), kind, folder], { encoding: 'utf8' });
  if (trained.status !== 0) throw new Error(trained.stderr);
  const report = await scan([folder], { runner: 'inline' });
  const fact = report.inspected.flatMap(({ facts }) => facts).find((one) => one.kind === 'study' && one.question === 'activation-clusters');
  if (fact?.kind !== 'study') throw new Error('the pair was not asked');
  const file = readFileSync(`${folder}.poison.npy`);
  const poisoned = new Set(new BigInt64Array(new Uint8Array(file.subarray(file.indexOf(10) + 1)).buffer));
  const right = (fact.rows ?? []).filter((id) => poisoned.has(BigInt(/#(\d+)$/.exec(id)![1]!))).length;
  console.log(`| ${rate === 0 ? 'none' : `${kind}, ${100 * rate} %`} | ${seed} | ${fact.outcome} | ${fact.rowCount ?? 0} | ${right} of ${fact.rows?.length ?? 0} | ${fact.detail?.['above null'] ?? ''} |`);
}
rmSync(work, { recursive: true });
