import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scanners } from '../../scanners/index.ts';
import { defaultLimits } from '../../src/bytes/limits.ts';
import { html } from '../../src/report/html.ts';
import { json } from '../../src/report/json.ts';
import { markdown } from '../../src/report/markdown.ts';
import { sarif } from '../../src/report/sarif.ts';
import { text } from '../../src/report/text.ts';
import { rules } from '../../src/rules/index.ts';
import { assemble } from '../../src/run/assemble.ts';
import { worker, type Task } from '../../src/run/task.ts';
import { walk } from '../../src/run/walk.ts';
import { fixtures } from '../support/samples.ts';

const folders = readdirSync(fixtures, { withFileTypes: true })
  .filter((item) => item.isDirectory() && !item.name.startsWith('_') && item.name !== 'support')
  .map(({ name }) => name);

/** All documents but the BOM. */
async function documents(folder: string, facts: Task['facts']): Promise<unknown> {
  const work = worker(scanners, rules, { limits: defaultLimits, facts });
  const { jobs } = walk([join(fixtures, folder)]);
  const answers = [];
  for (const job of jobs) answers.push(await work(job));
  const report = assemble(answers, { root: folder, rules, failOn: 'high' });
  return [report.findings, report.summary, text(report, { rules }), sarif(report, rules), html(report, rules), markdown(report, rules), json(report)];
}

test.for(folders)('%s: facts that rules over the collection do not say they read can stay behind', async (folder) => {
  expect(await documents(folder, 'needed')).toEqual(await documents(folder, 'all'));
});

test('a task may ask some rules only', async () => {
  const work = worker(scanners, rules, { limits: defaultLimits, facts: 'all', rules: ['extension-mismatch'] });
  const { jobs } = walk([join(fixtures, 'pickle-policy')]);
  const answers = [];
  for (const job of jobs) answers.push(await work(job));
  expect(new Set(answers.flatMap(({ findings }) => findings ?? []).map(({ rule }) => rule))).not.toContain('pickle-exec-call');
});
