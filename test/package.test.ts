import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder } from './support/folder.ts';
import { fixtures, project } from './support/samples.ts';

test('the packed tarball installs, and its bin scans', { timeout: 300_000 }, () => {
  const place = folder({ 'package.json': '{"private": true}' });
  const npm = (cwd: string, ...args: string[]): string => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
  npm(project, 'pack', '--silent', '--pack-destination', place);
  const [tarball] = readdirSync(place).filter((name) => name.endsWith('.tgz'));
  npm(place, 'install', '--silent', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', join(place, tarball!));
  const installed = join(place, 'node_modules/assay-scan');
  const shipped = readdirSync(installed).toSorted();
  expect(shipped).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { bin: { assay: string }; exports: { '.': { types: string } } };
  mkdirSync(join(place, 'models'));
  writeFileSync(join(place, 'models/evil.pkl'), readFileSync(join(fixtures, 'pickle/os-system.pkl')));
  let report = '';
  try {
    report = execFileSync(process.execPath, [join(installed, manifest.bin.assay), 'scan', 'models', '-f', 'json', '-q'], { cwd: place, encoding: 'utf8' });
  } catch (error) {
    expect((error as { status: number }).status).toBe(1);
    report = (error as { stdout: string }).stdout;
  }
  expect(JSON.parse(report)).toMatchObject({ summary: { verdict: 'findings' }, artefacts: [{ path: 'evil.pkl', format: 'pickle' }] });
  expect(readFileSync(join(installed, manifest.exports['.'].types), 'utf8')).toContain('scan');
  const library = "import { scan } from 'assay-scan'; const r = await scan(['models']); console.log(r.summary.verdict);";
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', library], { cwd: place, encoding: 'utf8' }).trim()).toBe('findings');
});
