// SPDX-License-Identifier: Apache-2.0
// The official cases of CycloneDX and SPDX. Absent, these tests are skipped: they are not part of this repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { expect, test } from 'vitest';
import { check, readBom } from '../../../sbom/check/index.ts';
import { violations, type SchemaName } from '../../../sbom/schema/index.ts';
import { project } from '../../support/samples.ts';

const cyclonedx = join(project, '../shared/conformance/cyclonedx/cases');
const spdx = join(project, '../shared/conformance/spdx/cases');
const versions = ['1.4', '1.5', '1.6', '1.7'];

function casesOf(folder: string): { name: string; bytes: Buffer }[] {
  return readdirSync(folder).filter((name) => name.endsWith('.json')).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}

test.skipIf(!existsSync(cyclonedx))('all 269 official CycloneDX cases are judged as expected', () => {
  const wrong: string[] = [];
  let all = 0;
  for (const version of versions) {
    for (const { name, bytes } of casesOf(join(cyclonedx, version))) {
      all += 1;
      const { state, problems } = check(readBom(bytes));
      const valid = state === 'checked' && problems.every(({ level }) => level !== 'error');
      if (valid !== name.startsWith('valid')) wrong.push(`${version} ${name}`);
    }
  }
  expect([all, wrong]).toEqual([269, []]);
});

test.skipIf(!existsSync(spdx))('all 26 official SPDX documents are accepted', () => {
  const results = casesOf(spdx).map(({ name, bytes }) => ({ name, ...check(readBom(bytes)) }));
  expect(results.flatMap(({ name, format, problems }) => problems.filter(({ level }) => level === 'error').map(({ code }) => `${name} ${format} ${code}`))).toEqual([]);
  expect(results).toHaveLength(26);
});

// What is said is so: a name of another thing, a workflow with its formula's ref, a finding without `affects`, half a fingerprint …
test.skipIf(!existsSync(cyclonedx))('official CycloneDX 1.7 documents get no warning that is not so', () => {
  const codes = casesOf(join(cyclonedx, '1.7')).filter(({ name }) => name.startsWith('valid'))
    .flatMap(({ name, bytes }) => check(readBom(bytes)).problems.filter(({ level }) => level !== 'note').map(({ code }) => `${code} ${name}`));
  expect([...new Set(codes)].sort()).toMatchInlineSnapshot(`
    [
      "dangling-requirement valid-attestation-1.7.json",
      "duplicate-minor-ref valid-citations-1.7.json",
      "finding-affects-nothing valid-compositions-1.7.json",
      "fingerprint-length valid-cryptography-full-1.7.json",
      "metric-without-number valid-machine-learning-1.7.json",
      "purl-name-differs valid-bom-1.7.json",
      "several-expressions valid-license-choice-1.7.json",
      "weak-hash valid-service-1.7.json",
    ]
  `);
});

test.skipIf(!existsSync(cyclonedx))('another validator of JSON Schema gives the same verdicts', () => {
  const schema = (name: string): object => JSON.parse(readFileSync(join(project, 'sbom/schema', name), 'utf8')) as object;
  for (const version of versions) {
    const ajv = new Ajv({ strict: false, schemas: ['spdx.schema.json', 'jsf-0.82.schema.json', 'cryptography-defs.schema.json'].map(schema) });
    formats.default(ajv);
    ajv.addFormat('iri-reference', true);
    ajv.addFormat('idn-email', true);
    const validate = ajv.compile(schema(`bom-${version}.schema.json`));
    for (const { name, bytes } of casesOf(join(cyclonedx, version))) {
      const document = JSON.parse(bytes.toString()) as Record<string, unknown>;
      // Also with each top-level member gone, emptied and replaced: mostly invalid, each in its way.
      const variants = [document, ...Object.keys(document).flatMap((key) => [without(document, key), { ...document, [key]: [] }, { ...document, [key]: { x: 1 } }, { ...document, [key]: [{ name: 'x', ref: '', type: 'file' }, 1] }])];
      for (const variant of variants) {
        const mine = violations(variant, `cyclonedx-${version}` as SchemaName);
        expect([name, variant === document, mine.length === 0], JSON.stringify(mine)).toEqual([name, variant === document, validate(variant)]);
      }
    }
  }
});

function without(document: Record<string, unknown>, key: string): Record<string, unknown> {
  const { [key]: _, ...rest } = document;
  return rest;
}
