// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { check, readBom } from '../../sbom/check/index.ts';
import { cyclonedx, spdx } from '../../sbom/index.ts';
import { defaultLimits } from '../../src/bytes/limits.ts';
import { fixtures, look } from '../support/samples.ts';
import { report } from './reports.ts';
import { violations } from './schema.ts';

// All that the scanners say of their samples, well-formed and hostile, goes into a document that schema and lint accept.
test('the BOM of every folder of fixtures is valid and clean', async () => {
  const folders = readdirSync(fixtures, { withFileTypes: true }).filter((item) => item.isDirectory());
  for (const { name } of folders) {
    const inspected = await look(join(fixtures, name), defaultLimits);
    const document = spdx(report(name, inspected));
    expect([name, check(readBom(Buffer.from(document))).problems.filter(({ level }) => level !== 'note')]).toEqual([name, []]);
    for (const specVersion of ['1.6', '1.7'] as const) {
      const text = cyclonedx(report(name, inspected), { specVersion });
      const { state, problems } = check(readBom(Buffer.from(text)));
      expect([name, state, problems.filter(({ level }) => level === 'error'), violations(JSON.parse(text), specVersion)]).toEqual([name, 'checked', [], []]);
    }
  }
});
