// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findingsFor, fixtures } from '../support/samples.ts';

async function raised(sample: string): Promise<string[]> {
  return (await findingsFor(join(fixtures, sample))).map(({ rule, severity }) => `${severity} ${rule}`).filter((one) => /archive-(traversal|executable)|torch-/.test(one));
}

test('names and links that leave a tar are told, links that stay inside are not', async () => {
  expect(await raised('tar/traversal.tar')).toEqual(Array.from({ length: 4 }, () => 'high archive-traversal'));
  expect(await raised('tar/links-inside.tar')).toEqual([]);
});

test('compiled code in a tar is told beside weights only', async () => {
  expect(await raised('tar/native-beside-weights.tar')).toEqual(['medium archive-executable']);
  expect(await raised('tar/native-sources.tar')).toEqual([]);
});

test('storages that are missing or too long are told as well', async () => {
  expect(await raised('torch/storage-missing.pt')).toEqual(['high torch-storage']);
  expect(await raised('torch/storage-long.pt')).toEqual(['high torch-storage']);
});

test('a program under its own name is no disguise', async () => {
  const severities = async (sample: string): Promise<string[]> => (await findingsFor(join(fixtures, sample))).filter(({ rule }) => rule === 'executable-file').map(({ severity }) => severity);
  for (const sample of ['library.so', 'libm.so.6', 'Main.class', 'fat.dylib', 'module.pyc']) expect(await severities(`unopened/${sample}`), sample).toEqual(['medium']);
  expect(await severities('unopened/program.safetensors')).toEqual(['high']);
});

test.for(['torch/script-debug.pt', 'torch/exported.pt', 'torch/stored-inside.pt'])('%s raises nothing about its layout', async (sample) => {
  expect(await raised(sample)).toEqual([]);
});
