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

test('says 3 where there is nothing to describe', async () => {
  mkdirSync(join(folder, 'empty'));
  expect(await bom(join(folder, 'empty'))).toBe(3);
});

test.each([['-'], ['x', '--name', ' '], ['/nowhere/at/all'], ['x', '-f', 'swid']])('refuses %s', async (...options) => {
  await expect(bom(...options)).rejects.toThrow();
});
