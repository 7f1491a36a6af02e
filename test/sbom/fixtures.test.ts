// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { check, readBom, type Read } from '../../sbom/check/index.ts';
import { convert, merge, targets, type Converted } from '../../sbom/convert/index.ts';
import { cyclonedx, spdx } from '../../sbom/index.ts';
import { forPeople } from '../../sbom/people/index.ts';
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
    for (const written of [document, cyclonedx(report(name, inspected), { epoch: 1_750_000_000 })]) {
      for (const target of targets) expect([name, target, errors(convert(opened(written), target))]).toEqual([name, target, []]);
    }
    const twice = merge([opened(cyclonedx(report(name, inspected))), opened(document)], '1.7', { name: 'both', tool: { name: 'assay', version: '0' } });
    expect([name, errors(twice)]).toEqual([name, []]);
    expect(forPeople(report(name, inspected), 'html')).toMatch(/^<!doctype html>/);
  }
}, 300_000);

type Document = Extract<Read, { document: unknown }>;

function opened(text: string): Document {
  const read = readBom(Buffer.from(text));
  if (read.kind === 'unchecked' || read.kind === 'unreadable') throw new Error(read.what);
  return read;
}

function errors(made: Converted): unknown[] {
  return 'error' in made ? [made.error] : check(readBom(Buffer.from(made.text))).problems.filter(({ level }) => level === 'error');
}
