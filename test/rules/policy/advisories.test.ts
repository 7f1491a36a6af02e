// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { advisories } from '../../../fixtures/pickle-policy/advisories.ts';
import { severities } from '../../../src/model/rule.ts';
import { pickleFindings } from '../../support/pickles.ts';

test.for(Object.keys(advisories))('%s is high or critical', async (id) => {
  const found = await pickleFindings(advisories[id]!);
  expect(found.filter(({ severity }) => severities.indexOf(severity) <= severities.indexOf('high')).length).toBeGreaterThan(0);
});
