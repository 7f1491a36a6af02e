import { join } from 'node:path';
import { expect, test } from 'vitest';
import { json } from '../src/report/json.ts';
import { scan } from '../src/run/scan.ts';
import { fixtures, samples } from './support/samples.ts';

const folders = [...new Set(samples().map((sample) => sample.split('/')[0]!))];

// Inline, processes, one or several: the same report, byte for byte.
test.for([...folders, 'example'])('every runner gives the same report for fixtures/%s', async (name) => {
  const path = join(fixtures, name);
  const inline = json(await scan([path], { runner: 'inline' }), { facts: true });
  expect(json(await scan([path], { jobs: 1 }), { facts: true })).toBe(inline);
  expect(json(await scan([path], { jobs: 3 }), { facts: true })).toBe(inline);
});
