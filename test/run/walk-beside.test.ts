import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { walk } from '../../src/run/walk.ts';

test('a file of numbers is told of the description beside it, in its own folder only', () => {
  const folder = mkdtempSync(join(tmpdir(), 'beside-'));
  mkdirSync(join(folder, 'other'));
  for (const name of ['model.xml', 'model.bin', 'alone.bin', 'other/model.bin']) writeFileSync(join(folder, name), 'x');
  const { jobs } = walk([folder]);
  rmSync(folder, { recursive: true });
  expect(Object.fromEntries(jobs.map(({ id, beside }) => [id, beside]))).toEqual({ 'alone.bin': undefined, 'model.bin': 'model.xml', 'model.xml': undefined, 'other/model.bin': undefined });
});
