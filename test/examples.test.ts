import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rules } from '../src/rules/index.ts';
import { findingsFor, fixtures } from './support/samples.ts';

const named = rules.map((rule) => [rule.id, rule] as const);

test.for(named)('%s is raised by its example', async ([id, rule]) => {
  const found = await findingsFor(join(fixtures, rule.example[0]));
  expect(found.map((finding) => finding.rule)).toContain(id);
});

test.for(named)('%s stays silent on its near miss', async ([id, rule]) => {
  const found = await findingsFor(join(fixtures, rule.example[1]));
  expect(found.filter((finding) => finding.rule === id)).toEqual([]);
});

test.for(named)('%s says all that a rule must', ([id, rule]) => {
  expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  for (const text of [rule.title, rule.why, rule.fix]) expect(text.length).toBeGreaterThan(10);
  expect(rule.title.length).toBeLessThan(80);
  expect(rule.references.length).toBeGreaterThan(0);
  for (const provision of rule.provisions) expect(provision).toMatch(/^5\.[1-5]\.[1-9]-[0-9.]+$/);
});
