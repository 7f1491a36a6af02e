// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { text } from '../../src/report/text.ts';
import { rules } from '../../src/rules/index.ts';
import { scan } from '../../src/run/scan.ts';
import { folder } from '../support/folder.ts';

const wasm = Buffer.from('\0asm\x01\0\0\0\x01\x04\x01\x60\0\0', 'latin1');
const found = async (files: Record<string, Uint8Array | string>): Promise<string[]> => (
  (await scan([folder(files)], { runner: 'inline' })).findings.map(({ rule, severity, artefact }) => `${severity} ${rule} ${artefact}`)
);

test('a program that says so is one finding, under another name two', async () => {
  expect(await found({ 'a.wasm': wasm, 'config.json': '{}' })).toEqual(['medium executable-file a.wasm']);
  expect(await found({ 'a.bin': wasm, 'config.json': '{}' })).toEqual(['high executable-file a.bin', 'high scan-gap a.bin']);
});

test('Python is a small gap, and one finding more for a whole model repository', async () => {
  const config = JSON.stringify({ architectures: ['GPT2LMHeadModel'], model_type: 'gpt2' });
  expect(await found({ 'a.py': 'x = 1\n', 'data.json': '{"a": 1}' })).toEqual(['low scan-gap a.py']);
  const model = await found({ 'm/config.json': config, 'm/README.md': '---\nlicense: mit\n---\n', 'm/b.py': 'x = 1\n', 'm/lib/c.py': 'y = 2\n', 'other/d.py': 'z = 3\n' });
  expect(model).toEqual(['medium code-beside-model m/b.py', 'low scan-gap m/b.py', 'low scan-gap m/lib/c.py', 'low scan-gap other/d.py']);
});

test('the report tells what is the same of many files once, and how much was of no known format', async () => {
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`lib/${i}.js`, 'let a;\n']));
  const report = await scan([folder({ ...files, 'config.json': '{}', 'big.raw': Buffer.alloc(5000, 7), 'small.raw': Buffer.alloc(50, 7) })], { runner: 'inline' });
  const shown = text(report, { rules });
  expect(shown).toContain('5.05 kB of no format that assay reads; 30 low');
  expect(shown).toMatch(/lib\/0\.js, [^\n]* and 26 more\n    not read: program text/);
  expect(shown).toContain('2 files, 5.05 kB (big.raw, small.raw)');
  expect(text(report, { rules, verbose: true })).toMatch(/of no format that assay reads: 2 files, 5\.05 kB\n  big\.raw, 5\.00 kB\n  small\.raw/);
});
