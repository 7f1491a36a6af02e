import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixtures, golden, look, readJson, samples } from './support/samples.ts';

// Golden facts: what is read in a sample is what its .facts.json says. UPDATE=1 rewrites them; the diff is reviewed.
test.for(samples())('facts of %s are as recorded', async (sample) => {
  const seen = JSON.parse(JSON.stringify(await look(join(fixtures, sample)))) as unknown;
  if (process.env['UPDATE'] === '1') writeFileSync(golden(sample), `${JSON.stringify(seen, undefined, 1)}\n`);
  expect(seen).toEqual(readJson(golden(sample)));
});
