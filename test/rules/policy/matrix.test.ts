// SPDX-License-Identifier: Apache-2.0
// Every callable in every spelling, and ordinary pickles: 100 % of the former at high, none of the latter.
import { expect, test } from 'vitest';
import { encodings, textOf } from '../../../fixtures/support/encodings.ts';
import { ordinaryPickles } from '../../../fixtures/support/ordinary.ts';
import type { Finding } from '../../../src/model/finding.ts';
import { severities } from '../../../src/model/rule.ts';
import { pickleFindings } from '../../support/pickles.ts';
import { advisories, advisoriesIo, ordinary, unnamed } from './names.ts';

const worst = (found: readonly Finding[]): number => Math.min(severities.length, ...found.map(({ severity }) => severities.indexOf(severity)));
const high = severities.indexOf('high');
const low = severities.indexOf('low');
const names = (lists: string): (readonly [string, string])[] => lists.trim().split(/\s+/).map((line) => [line.split('|')[0]!, line.split('|')[1]!]);

test.for(Object.keys(encodings))('each dangerous callable is high or critical: %s', async (encoding) => {
  const missed: string[] = [];
  for (const [module, name] of names(`${advisories} ${advisoriesIo} ${unnamed}`)) {
    const found = await pickleFindings(encodings[encoding]!(module, name, [textOf(encoding, 'echo x')]));
    if (worst(found) > high) missed.push(`${module}.${name}`);
  }
  expect(missed).toEqual([]);
});

test('the callable is named in a finding', async () => {
  for (const [encoding, write] of Object.entries(encodings)) {
    const found = await pickleFindings(write('os', 'system', [textOf(encoding, 'echo x')]));
    expect([encoding, found.some(({ message, severity }) => severity === 'critical' && message.includes('os.system'))]).toEqual([encoding, true]);
  }
});

test.for(Object.keys(ordinaryPickles))('ordinary pickles are not high: %s', async (category) => {
  const alarms: string[] = [];
  for (const [name, bytes] of Object.entries(ordinaryPickles[category]!())) {
    const found = await pickleFindings(bytes);
    if (worst(found) <= high) alarms.push(`${name}: ${found[0]?.message ?? ''}`);
  }
  expect(alarms).toEqual([]);
});

test('names of reviewed profiles are at most low when they are rebuilt', async () => {
  const alarms: string[] = [];
  for (const encoding of ['NEWOBJ', 'protocol 2', 'protocol 4, framed']) {
    for (const [module, name] of names(ordinary)) {
      const found = await pickleFindings(encodings[encoding]!(module, name, []));
      if (worst(found) < low) alarms.push(`${encoding} ${module}.${name}: ${found[0]?.message ?? ''}`);
    }
  }
  expect(alarms).toEqual([]);
});
