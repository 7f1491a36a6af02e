// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { register } from '../../src/commands/bom.ts';
import { complaints } from '../support/validate.ts';
import { ran } from './support.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bom-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
  return path;
}

const good = { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79', version: 1, metadata: { tools: { components: [] }, component: { type: 'file', name: 'x' } } };
const bad = { ...good, components: [{ type: 'library', name: 'a', hashes: [{ alg: 'SHA-256', content: 'd41d8cd98f00b204e9800998ecf8427e' }] }] };

test('a good document exits with 0 and one line', async () => {
  const path = file('good.json', good);
  expect(await ran(register, 'bom', 'validate', path)).toEqual({ code: 0, out: `${path}: CycloneDX 1.6, valid: 0 errors, 0 warnings, 0 notes\n`, err: '' });
});

test('a problem is told with line, lint, place and remedy, and exits with 1', async () => {
  const path = file('bad.json', bad);
  const { code, out } = await ran(register, 'bom', 'validate', path);
  expect(code).toBe(1);
  expect(out).toBe(`${path}:22:22: error hash-length: SHA-256 has 32 hex digits, not 64 [/components/0/hashes/0/content]\n`
    + `  hash-length: Hash the file again with the algorithm that is named.\n${path}: CycloneDX 1.6, not valid: 1 error, 0 warnings, 0 notes\n`);
  expect((await ran(register, 'bom', 'validate', path, '--fail-on', 'never')).code).toBe(0);
});

test('the JSON form has pointer, line and level of each problem', async () => {
  const { out } = await ran(register, 'bom', 'validate', '-f', 'json', file('bad.json', bad), file('spdx.json', { spdxVersion: 'SPDX-2.3' }));
  const { files } = JSON.parse(out) as { files: unknown[] };
  expect(files).toMatchObject([
    { format: 'CycloneDX 1.6', state: 'checked', valid: false, problems: [{ lint: 'hash-length', level: 'error', pointer: '/components/0/hashes/0/content', line: 22, column: 22 }] },
    { state: 'unchecked', what: 'SPDX 2.3 is not checked here; 3.0.1 is', valid: null },
  ]);
});

test('the SARIF form is SARIF', async () => {
  const { out } = await ran(register, 'bom', 'validate', '-f', 'sarif', file('bad.json', bad), file('none.json', 'nothing'));
  const log = JSON.parse(out) as { runs: { results: { ruleId: string; locations: unknown[] }[] }[] };
  expect(complaints('test/schemas/sarif-2.1.0.schema.json', log)).toEqual([]);
  expect(log.runs[0]!.results.map(({ ruleId }) => ruleId)).toEqual(['hash-length', 'unreadable']);
  expect(log.runs[0]!.results[0]!.locations).toMatchObject([{ physicalLocation: { artifactLocation: { uri: 'bad.json' }, region: { startLine: 22 } }, logicalLocations: [{ fullyQualifiedName: '/components/0/hashes/0/content' }] }]);
});

test('what is not checked exits with 2, what is no BOM with 1', async () => {
  expect(await ran(register, 'bom', 'validate', file('old.json', { spdxVersion: 'SPDX-2.3' }))).toMatchObject({ code: 2 });
  expect(await ran(register, 'bom', 'validate', file('large.json', good), '--max-size', '10')).toMatchObject({ code: 2 });
  expect(await ran(register, 'bom', 'validate', file('none.json', '{'))).toMatchObject({ code: 1 });
});

test.each([[[]], [['/nowhere.json']], [['x', '-f', 'xml']], [['x', '--max-size', '-1']]])('refuses %j', async (args) => {
  await expect(ran(register, 'bom', 'validate', ...args)).rejects.toThrow();
});
