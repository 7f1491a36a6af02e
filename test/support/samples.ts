import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scanners } from '../../scanners/index.ts';
import { defaultLimits, type Limits } from '../../src/bytes/limits.ts';
import { inspectFile } from '../../src/inspect/inspect.ts';
import type { Inspected } from '../../src/model/artefact.ts';
import type { Finding } from '../../src/model/finding.ts';
import { rules } from '../../src/rules/index.ts';
import { judge } from '../../src/rules/judge.ts';
import { digestsForRecords } from '../../src/run/digests.ts';
import { probeModels } from '../../src/run/probing.ts';
import { compareModels } from '../../src/run/deltas.ts';
import { studySets } from '../../src/run/studies.ts';
import { answersOf, looker, withKnown } from '../../src/run/task.ts';
import { walk } from '../../src/run/walk.ts';

export const project = fileURLToPath(new URL('../..', import.meta.url));
export const fixtures = join(project, 'fixtures');

/** Every sample of every scanner: paths relative to fixtures/. Folders are samples of collection rules, not of scanners. */
export function samples(): string[] {
  const out: string[] = [];
  for (const folder of readdirSync(fixtures, { withFileTypes: true })) {
    if (!folder.isDirectory() || folder.name.startsWith('_') || folder.name === 'repository' || folder.name === 'example') continue;
    for (const item of readdirSync(join(fixtures, folder.name), { withFileTypes: true })) {
      if (item.isFile() && !/\.(ts|facts\.json)$|^README\.md$/.test(item.name)) out.push(`${folder.name}/${item.name}`);
    }
  }
  return out.toSorted();
}

/** Inspects a file, or all that lies under a folder, in this process. Ids are relative to the folder (or the file's own name). */
export async function look(path: string, limits: Limits = defaultLimits): Promise<Inspected[]> {
  const { jobs, others } = walk([path]);
  const out: Inspected[] = [...others];
  for (const job of jobs) out.push(...withKnown(job, await inspectFile(job, scanners, limits, path.includes('fixtures/weights') ? looker('full') : undefined)));
  // Only these are made to be studied; the others are too few rows for any statistics.
  if (/image-sets|text-sets|datasets|fixtures.activation/.test(path)) return studied(out, jobs);
  // Only these are made for ONNX Runtime; the others are headers without a model.
  const answers = await digestsForRecords(answersOf(out), jobs, limits);
  const done = path.includes('onnx-probe') ? await probeModels(answers, jobs, rules, limits, path.includes('onnx-probe-patch') ? join(path, 'inputs') : undefined) : answers;
  const compared = /base-models|quantised|tied-weights/.test(path) ? await compareModels(done, jobs, rules, limits) : done;
  return compared.flatMap(({ inspected }) => inspected);
}

/** With what studies in this process say of the data sets. */
async function studied(inspected: readonly Inspected[], jobs: ReturnType<typeof walk>['jobs']): Promise<Inspected[]> {
  const answers = await studySets(answersOf(inspected), { jobs, rules: [], depth: 'auto', inline: true, atOnce: 1, seconds: 120, probe: true });
  return answers.flatMap((answer) => answer.inspected);
}

/** Findings for a fixture: what `assay scan` would report. */
export async function findingsFor(path: string): Promise<Finding[]> {
  return judge(await look(path), rules, 'fixture');
}

export function golden(sample: string): string {
  return join(fixtures, `${sample}.facts.json`);
}

export function readJson(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}
