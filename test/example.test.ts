import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { severities } from '../src/model/rule.ts';
import { scan } from '../src/run/scan.ts';
import { fixtures, project } from './support/samples.ts';

const example = join(fixtures, 'example/tiny-haiku');

test('the example has the things wrong that it is meant to have, and no others', async () => {
  const { findings } = await scan([example]);
  const told = findings.filter(({ severity }) => severity !== 'info').map(({ severity, rule, artefact }) => `${severity} ${rule} ${artefact}`);
  expect(told.toSorted((a, b) => severities.findIndex((one) => a.startsWith(one)) - severities.findIndex((one) => b.startsWith(one)))).toMatchInlineSnapshot(`
    [
      "critical pickle-exec-call training_args.bin",
      "medium shard-index model-00003-of-00003.safetensors",
      "low base-model-unpinned README.md!/front-matter.yaml",
      "low dataset-licence-missing data/README.md",
    ]
  `);
});

test('the README shows what the example really prints', () => {
  const readme = readFileSync(join(project, 'README.md'), 'utf8');
  expect(readme).toContain('npm ci && npm start');
  expect(readme).toContain('npm ci && npm test');
});
