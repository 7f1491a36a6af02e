// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { register } from '../../src/commands/bom.ts';
import { violations } from '../sbom/schema.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bom-'));
  mkdirSync(join(folder, 'model'));
  writeFileSync(join(folder, 'model/notes.txt'), 'no model');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  process.exitCode = 0;
});

async function bom(...options: string[]): Promise<unknown> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  register(program);
  await program.parseAsync(['bom', ...options], { from: 'user' });
  return process.exitCode;
}

test('writes a valid document of the version asked for, named as asked', async () => {
  const file = join(folder, 'out/bom.json');
  expect(await bom(join(folder, 'model'), '-f', 'cyclonedx-1.6', '--name', 'Mine', '-o', file)).toBe(0);
  const document = JSON.parse(readFileSync(file, 'utf8')) as { specVersion: string; metadata: { component: { name: string } } };
  expect(violations(document, '1.6')).toEqual([]);
  expect([document.specVersion, document.metadata.component.name]).toEqual(['1.6', 'Mine']);
  expect(JSON.stringify(document)).not.toContain(folder);
});

test('takes what no file says from an overlay that is named, never from the folder', async () => {
  const [out, overlay] = [join(folder, 'bom.json'), join(folder, 'assay.yaml')];
  writeFileSync(overlay, 'author: {name: Ada Author}\n');
  writeFileSync(join(folder, 'model/assay.yaml'), 'author: {name: Mallory}\n');
  const authors = (): unknown => (JSON.parse(readFileSync(out, 'utf8')) as { metadata: { authors?: unknown } }).metadata.authors;
  await bom(join(folder, 'model'), '-o', out);
  expect(authors()).toBeUndefined();
  await bom(join(folder, 'model'), '--overlay', overlay, '-o', out);
  expect(authors()).toEqual([{ name: 'Ada Author' }]);
  writeFileSync(overlay, 'autor: {name: Ada}\n');
  await expect(bom(join(folder, 'model'), '--overlay', overlay, '-o', out)).rejects.toThrow(/autor/);
});

test('what a baseline accepts does not affect, for the reason that was given', async () => {
  const [out, baseline] = [join(folder, 'bom.json'), join(folder, 'baseline.json')];
  writeFileSync(join(folder, 'model/README.md'), '---\nbase_model: org/base\nlicense: mit\n---\n# Model\n');
  const findings = (): { id: string; analysis: unknown; properties: { name: string; value: string }[] }[] => (JSON.parse(readFileSync(out, 'utf8')) as { vulnerabilities: ReturnType<typeof findings> }).vulnerabilities;
  await bom(join(folder, 'model'), '-o', out);
  const [found] = findings();
  expect(found).toMatchObject({ id: 'base-model-unpinned', analysis: { state: 'in_triage' } });
  const fingerprint = found!.properties.find(({ name }) => name === 'assay:fingerprint')!.value;
  writeFileSync(baseline, JSON.stringify({ schemaVersion: 1, accepted: [{ fingerprint, rule: 'base-model-unpinned', artefact: 'README.md', reason: 'checked by hand' }] }));
  await bom(join(folder, 'model'), '--baseline', baseline, '-o', out);
  expect(findings()[0]!.analysis).toEqual({ state: 'not_affected', detail: 'checked by hand' });
});

test.each([['html', '<!doctype html>'], ['markdown', '# model']])('writes %s for people', async (format, begin) => {
  const out = join(folder, 'page');
  expect(await bom(join(folder, 'model'), '-f', format, '-o', out)).toBe(0);
  expect(readFileSync(out, 'utf8').startsWith(begin)).toBe(true);
});

test('says 3 where there is nothing to describe', async () => {
  mkdirSync(join(folder, 'empty'));
  expect(await bom(join(folder, 'empty'))).toBe(3);
});

test.each([['-'], ['x', '--name', ' '], ['/nowhere/at/all'], ['x', '-f', 'swid']])('refuses %s', async (...options) => {
  await expect(bom(...options)).rejects.toThrow();
});
