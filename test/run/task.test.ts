import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scanners } from '../../scanners/index.ts';
import { defaultLimits } from '../../src/bytes/limits.ts';
import { rules } from '../../src/rules/index.ts';
import { assemble } from '../../src/run/assemble.ts';
import { worker, type Task } from '../../src/run/task.ts';
import { walk } from '../../src/run/walk.ts';
import { fixtures } from '../support/samples.ts';

const folders = readdirSync(fixtures, { withFileTypes: true })
  .filter((item) => item.isDirectory() && !item.name.startsWith('_') && item.name !== 'support')
  .map(({ name }) => name);

async function findings(folder: string, facts: Task['facts']): Promise<unknown> {
  const work = worker(scanners, rules, { limits: defaultLimits, facts });
  const { jobs } = walk([join(fixtures, folder)]);
  const answers = [];
  for (const job of jobs) answers.push(await work(job));
  return assemble(answers, { root: folder, rules, failOn: 'high' }).findings;
}

test.for(folders)('%s: facts that rules over the collection do not say they read can stay behind', async (folder) => {
  expect(await findings(folder, 'needed')).toEqual(await findings(folder, 'all'));
});

test('a task may ask some rules only', async () => {
  const work = worker(scanners, rules, { limits: defaultLimits, facts: 'all', rules: ['extension-mismatch'] });
  const { jobs } = walk([join(fixtures, 'pickle-policy')]);
  const answers = [];
  for (const job of jobs) answers.push(await work(job));
  expect(new Set(answers.flatMap(({ findings }) => findings ?? []).map(({ rule }) => rule))).not.toContain('pickle-exec-call');
});
