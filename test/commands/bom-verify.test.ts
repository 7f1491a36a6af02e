// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { register } from '../../src/commands/bom.ts';
import { ran } from './support.ts';

let folder = '';
let model = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bom-'));
  model = join(folder, 'model');
  mkdirSync(join(model, 'sub'), { recursive: true });
  writeFileSync(join(model, 'a.txt'), 'a');
  writeFileSync(join(model, 'sub/b.txt'), 'b');
});
afterEach(() => rmSync(folder, { recursive: true }));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function bom(files: Record<string, string | undefined>, more: object = {}): string {
  const path = join(folder, 'bom.json');
  const components = Object.entries(files).map(([name, content]) => ({ type: 'file', name, ...(content === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: content }] }) }));
  writeFileSync(path, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.7', components, ...more }));
  return path;
}

async function verdict(...args: string[]): Promise<unknown> {
  const { code, out } = await ran(register, 'bom', 'verify', '-f', 'json', ...args);
  const { differences } = JSON.parse(out) as { differences: { kind: string; path: string }[] };
  return [code, ...differences.map(({ kind, path }) => `${kind} ${path}`)];
}

test('a folder that is as its BOM lists it is verified', async () => {
  const path = bom({ 'a.txt': sha256('a'), 'sub/b.txt': sha256('b') });
  expect(await ran(register, 'bom', 'verify', path, model)).toEqual({ code: 0, out: 'verified: 2 files as listed, 0 differences\n', err: '' });
});

test('the BOM that was just written verifies, and no longer once a byte has changed', async () => {
  const path = join(folder, 'own.json');
  await ran(register, 'bom', model, '-o', path);
  expect(await verdict(path, model)).toEqual([0]);
  writeFileSync(join(model, 'a.txt'), 'A');
  expect(await verdict(path, model)).toEqual([1, 'changed a.txt']);
});

test('missing, extra and changed files are told apart', async () => {
  const path = bom({ 'a.txt': sha256('other'), 'gone.txt': sha256('x') });
  expect(await verdict(path, model)).toEqual([1, 'changed a.txt', 'missing gone.txt', 'extra sub/b.txt']);
  expect(await verdict('--ignore-extra', bom({ 'a.txt': sha256('a') }), model)).toEqual([0]);
});

test('a name that leads out of the folder is told and not followed', async () => {
  writeFileSync(join(folder, 'secret'), 's');
  const outside = { 'a.txt': sha256('a'), 'sub/b.txt': sha256('b'), '../secret': sha256('s'), '/etc/passwd': sha256('x'), 'sub\\..\\..\\secret': sha256('s') };
  expect(await verdict(bom(outside), model)).toEqual([1, 'outside ../secret', 'outside /etc/passwd', 'outside sub/../../secret']);
});

test('a symbolic link in place of a file is not followed', async () => {
  writeFileSync(join(folder, 'secret'), 's');
  symlinkSync(join(folder, 'secret'), join(model, 'link'));
  expect(await verdict(bom({ 'a.txt': sha256('a'), 'sub/b.txt': sha256('b'), link: sha256('s') }), model)).toEqual([1, 'missing link']);
});

test('a file without a digest to compare is not called verified', async () => {
  expect(await verdict(bom({ 'a.txt': sha256('a'), 'sub/b.txt': undefined }), model)).toEqual([2, 'unchecked sub/b.txt']);
  expect((await ran(register, 'bom', 'verify', bom({}), model)).code).toBe(3);
});

test('score and diff read what was written', async () => {
  const path = join(folder, 'own.json');
  await ran(register, 'bom', model, '-o', path);
  expect((await ran(register, 'bom', 'score', path)).out).toMatch(/^G7: SBOM for AI, minimum elements .*\n[\d.]+ of 50 elements, [\d.]+ of 100 points\n/);
  expect((await ran(register, 'bom', 'score', path, '--fail-under', '99')).code).toBe(1);
  expect(await ran(register, 'bom', 'diff', path, path, '--fail-on', 'change')).toEqual({ code: 0, out: 'no difference\n', err: '' });
  writeFileSync(join(model, 'a.txt'), 'A');
  const now = join(folder, 'now.json');
  await ran(register, 'bom', model, '-o', now);
  const { code, out } = await ran(register, 'bom', 'diff', path, now, '--fail-on', 'change');
  expect([code, out]).toEqual([1, expect.stringContaining(`~ file a.txt: hash SHA-256 ${sha256('a')} → SHA-256 ${sha256('A')}\n`)]);
  const old = join(folder, 'old.json');
  writeFileSync(old, '{"spdxVersion":"SPDX-2.3"}');
  for (const args of [['score', old], ['diff', old, path], ['verify', old, model]]) expect((await ran(register, 'bom', ...args)).code).toBe(2);
});
