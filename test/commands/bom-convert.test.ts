// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { register } from '../../src/commands/bom.ts';
import { cyclonedx, spdx } from '../../sbom/index.ts';
import { dataset, fineTune } from '../sbom/reports.ts';

let folder = '';
let said = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'convert-'));
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
  process.exitCode = 0;
});

async function bom(...options: string[]): Promise<unknown> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  register(program);
  await program.parseAsync(['bom', ...options], { from: 'user' });
  return process.exitCode;
}

function put(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test('converts, and says on stderr what was kept and lost', async () => {
  const [out, losses] = [join(folder, 'out.json'), join(folder, 'losses.json')];
  expect(await bom('convert', put('a.json', cyclonedx(fineTune())), '-t', 'cyclonedx-1.4', '-o', out, '--losses', losses)).toBe(0);
  expect((JSON.parse(readFileSync(out, 'utf8')) as { specVersion: string }).specVersion).toBe('1.4');
  expect(said).toContain('kept in a property: component.modelCard [/metadata/component/modelCard]');
  expect((JSON.parse(readFileSync(losses, 'utf8')) as { losses: unknown[] }).losses.length).toBeGreaterThan(0);
});

test('--fail-on-loss is 1 only when something is gone', async () => {
  const file = put('a.json', cyclonedx(fineTune()));
  const out = join(folder, 'out.json');
  expect(await bom('convert', file, '-t', 'cyclonedx-1.7', '-o', out, '--fail-on-loss')).toBe(0);
  expect(await bom('convert', file, '-t', 'cyclonedx-1.5', '-o', out, '--fail-on-loss')).toBe(1);
  expect(said).toContain('lost: ');
});

test.each([
  ['broken.json', '{"bomFormat":"CycloneDX","specVersion":"1.6","components":[}', /line 1, column 60/],
  ['deep.json', `{"bomFormat":"CycloneDX","specVersion":"1.6","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, /nested deeper than the allowed 200 levels \(line 1/],
  ['utf.json', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), /0xff is not UTF-8.*\(line 1, column 3\)/],
  ['other.json', '{}', /neither CycloneDX/],
  ['old.json', '{"spdxVersion":"SPDX-2.3"}', /SPDX 2\.3 is not checked here/],
  ['twice.json', '{"bomFormat":"CycloneDX","specVersion":"1.6","specVersion":"1.6"}', /stands twice/],
])('%s is not converted, with the place', async (name, text, message) => {
  const out = join(folder, 'out.json');
  for (const command of [['convert', put(name, text), '-t', 'spdx-3.0.1'], ['merge', put('good.json', spdx(dataset())), put(name, text), '--name', 'both']]) {
    said = '';
    expect(await bom(...command, '-o', out)).toBe(2);
    expect(said).toMatch(message);
    expect(existsSync(out)).toBe(false);
  }
});

test('merges documents of both formats', async () => {
  const out = join(folder, 'out.json');
  expect(await bom('merge', put('a.json', cyclonedx(fineTune())), put('b.json', spdx(dataset())), '--name', 'both', '--component-version', '2', '-t', 'cyclonedx-1.6', '-o', out)).toBe(0);
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ specVersion: '1.6', metadata: { component: { name: 'both', version: '2', type: 'application' } } });
});

test.each([['convert', 'x.json'], ['convert', 'x.json', '-t', 'swid'], ['merge', 'x.json'], ['merge', 'x.json', '--name', ' '], ['convert', '/nowhere/x.json', '-t', 'spdx-3.0.1']])('refuses %s %s', async (...options) => {
  await expect(bom(...options)).rejects.toThrow();
});
