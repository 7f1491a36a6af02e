import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { register } from '../../src/commands/scan.ts';
import { writeEvidence } from '../../src/commands/evidence.ts';
import type { Report } from '../../src/model/report.ts';
import { fixtures, project } from '../support/samples.ts';
import { folder } from '../support/folder.ts';
import { ran } from './support.ts';

const table = `note,grade\n${Array.from({ length: 30 }, (_, i) => `n${i},${i}`).join('\n')}\n`;

test('the text report says what was asked of a data set, and what it cannot see with -v', async () => {
  const path = join(fixtures, 'datasets/formulas');
  const plain = await ran(register, 'scan', path, '-q', '--no-progress');
  expect(plain.code).toBe(0); // medium, and the threshold is high
  expect(plain.out).toContain('Studied: people.csv');
  expect(plain.out).toContain('found formula-injection: 3 cells parse as formulas');
  const verbose = await ran(register, 'scan', path, '-q', '--no-progress', '-v');
  expect(verbose.out).toContain('not assessable url-only: no column holds URLs');
  expect(verbose.out).toContain('people.csv#7');
}, 30_000);

test('--no-study leaves it out', async () => {
  const { out } = await ran(register, 'scan', join(fixtures, 'datasets/formulas'), '-q', '--no-progress', '--no-study');
  expect(out).not.toContain('Studied');
}, 30_000);

test('--overlay states columns; one that is not there is a usage error', async () => {
  const root = folder();
  const data = join(root, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'a.csv'), table);
  const overlay = join(root, 'assay.yaml');
  writeFileSync(overlay, 'datasets:\n  - name: grades\n    files: a.csv\n    columns: {grade: label}\n');
  const { out } = await ran(register, 'scan', data, '-q', '--no-progress', '--overlay', overlay);
  expect(out).toContain('Studied: grades');
  expect(out).toContain('grade is label as stated');
  await expect(ran(register, 'scan', data, '--overlay', join(root, 'none.yaml'))).rejects.toThrow('cannot be read: ENOENT');
  const schema = JSON.parse(readFileSync(join(project, 'docs/overlay.schema.json'), 'utf8')) as object;
  const valid = new Ajv2020({ strict: false }).compile(schema);
  expect(valid(parse(readFileSync(overlay, 'utf8')))).toBe(true);
  expect(valid({ datasets: [{ files: 'a', columns: { a: 'lable' } }] })).toBe(false);
}, 30_000);

test('--evidence writes the pictures of answers, under names that no artefact chooses', () => {
  const root = folder();
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>';
  const fact = { kind: 'study', question: 'some-question', outcome: 'finding', of: '../../x', what: 'w', n: 1, blind: 'b', picture: svg } as const;
  const report = { inspected: [{ artefact: { id: 'a', size: 1, format: 'csv', digests: {} }, coverage: 'complete', facts: [fact] }] } as unknown as Report;
  writeEvidence(report, root);
  const [name, ...others] = readdirSync(root);
  expect(others).toEqual([]);
  expect(name).toMatch(/^some-question-[0-9a-f]{12}\.svg$/);
  expect(readFileSync(join(root, name!), 'utf8')).toBe(svg);
});
