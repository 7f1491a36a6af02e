// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { check, readBom, type Read } from '../../sbom/check/index.ts';
import type { Json } from '../../sbom/check/lint.ts';
import { cyclonedx } from '../../sbom/index.ts';
import { fields } from '../../sbom/score/fields.ts';
import { isPlaceholder, profiles, score, type Score } from '../../sbom/score/index.ts';
import { cyclonedxPaths, spdxPaths } from '../../sbom/score/paths.ts';
import { project } from '../support/samples.ts';
import { fineTune } from './reports.ts';

type Loose = ReturnType<typeof JSON.parse>;

function scored(document: unknown, profile = 'g7'): Score {
  const read = readBom(Buffer.from(JSON.stringify(document))) as Extract<Read, { document: Json }>;
  return score(read, profiles.find(({ id }) => id === profile)!, check(read).problems);
}

function changed(change: (bom: Loose) => void): Loose {
  const bom = JSON.parse(cyclonedx(fineTune()));
  change(bom);
  return bom;
}

function state(document: unknown, id: string, profile = 'g7'): unknown {
  const { state: of, share } = scored(document, profile).elements.find((one) => one.id === id)!;
  return share === 1 ? of : [of, share];
}

test('the lists have as many elements as their authors count', () => {
  expect(profiles.map(({ id, clusters }) => [id, clusters.flatMap(({ elements }) => elements).length])).toEqual([['g7', 50], ['cisa-2025', 12], ['ntia', 7], ['eu-annex-xi', 18], ['owasp', 48]]);
  expect(profiles.find(({ id }) => id === 'g7')!.clusters.map(({ elements }) => elements.length)).toEqual([10, 9, 13, 10, 2, 4, 2]);
});

const turtle = join(project, '../shared/conformance/g7/g7ai.ttl');
// Skips where the machine-readable list of the G7 elements is absent.
test.skipIf(!existsSync(turtle))('the G7 elements are those of the list', () => {
  const known = new Set([...readFileSync(turtle, 'utf8').matchAll(/^g7ai:([\w-]+)$/gm)].map(([, id]) => id));
  const mine = profiles.find(({ id }) => id === 'g7')!.clusters.flatMap(({ elements }) => elements.map(({ id }) => id));
  expect(mine.filter((id) => !known.has(id))).toEqual([]);
});

test('every field that an element asks is read from CycloneDX, and names the file that fills it', () => {
  const asked = new Set(profiles.flatMap(({ clusters }) => clusters.flatMap(({ elements }) => elements.flatMap(({ any }) => any))));
  expect([...asked].filter((field) => cyclonedxPaths[field] === undefined)).toEqual([]);
  expect([...asked].filter((field) => (fields[field] as string | undefined ?? '') === '')).toEqual([]);
  expect(Object.keys(spdxPaths).filter((field) => !(field in fields))).toEqual([]);
});

test('what a fine-tune says of itself counts, and each gap names the file that fills it', () => {
  const result = scored(changed(() => undefined));
  expect(result.elements.filter(({ state: of }) => of === 'filled').map(({ id }) => id)).toEqual(expect.arrayContaining(['sbom-tool-name', 'model-name', 'model-hash-value', 'model-license', 'model-prop', 'dataset-name', 'infrastructure-software', 'vulnerability-referencing']));
  expect(result.elements.find(({ id }) => id === 'cybersecurity-policy')).toMatchObject({ state: 'missing', fill: 'SECURITY.md' });
  expect(result.elements.find(({ id }) => id === 'sbom-author')).toMatchObject({ state: 'missing', fill: 'the overlay file (assay.yaml)' });
  expect(result.points).toBe(Math.floor((result.filled / 50) * 1000) / 10);
});

test.each(['', 'unknown', 'Unknown', ' N/A ', 'TODO', '[More Information Needed]', 'none', 'NOASSERTION', 'https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense', '-', '???', 'your-name-here', 'unknown: not all files could be hashed', 'no'].filter((one) => one !== 'no'))('%j stands for no value', (text) => {
  expect(isPlaceholder(text)).toBe(true);
});

test.each(['Apache-2.0', 'no', 'Nonesuch', 'unknown-horizons', 'testing', 'exampleNet', '1', 'other-license', 'todo-mvc'])('%j is a value', (text) => {
  expect(isPlaceholder(text)).toBe(false);
});

test('a placeholder scores nothing, whatever it is called', () => {
  for (const text of ['unknown', 'TBD', '[More Information Needed]']) {
    expect(state(changed((bom) => (bom.metadata.component.description = text)), 'model-description')).toEqual(['unknown', 0]);
  }
  expect(state(changed((bom) => (bom.metadata.component.description = 'A model of things.')), 'model-description')).toBe('filled');
});

test('what the lint finds wrong scores nothing', () => {
  expect(state(changed((bom) => (bom.metadata.component.hashes[0].content = 'ab'.repeat(20))), 'model-hash-value')).toEqual(['contradicted', 0]);
  expect(state(changed((bom) => (bom.metadata.component.purl = 'huggingface/a/b')), 'model-identifier')).toEqual(['contradicted', 0]);
  expect(state(changed((bom) => (bom.metadata.component.licenses = [{ license: { name: 'unknown' } }])), 'model-license')).toEqual(['unknown', 0]);
  expect(state(changed((bom) => (bom.metadata.component.licenses = [{ expression: 'MIT or else' }])), 'model-license')).toEqual(['contradicted', 0]);
});

test('what the files contradict scores nothing', () => {
  const bom = changed((one) => one.metadata.component.properties.push({ name: 'assay:conflict:licence', value: 'mit (README.md) ≠ apache-2.0 (LICENSE)' }));
  const { elements } = scored(bom);
  expect(elements.find(({ id }) => id === 'model-license')).toMatchObject({ state: 'contradicted', why: 'the files contradict each other: mit (README.md) ≠ apache-2.0 (LICENSE)' });
});

test('an element about each component counts by the part that gives it', () => {
  const file = (name: string, more: object = {}): object => ({ type: 'file', name, ...more });
  const bom = { bomFormat: 'CycloneDX', specVersion: '1.7', components: [file('a', { version: '1' }), file('b'), file('c', { version: 'unknown' }), file('d', { isExternal: true })] };
  expect(scored(bom, 'ntia').elements.find(({ id }) => id === 'version')).toMatchObject({ state: 'partial', share: 1 / 3, why: '1 of 3 components' });
  expect(state(bom, 'name', 'ntia')).toBe('filled');
});

test('an empty document gives nothing but its format', () => {
  for (const [id, filled] of [['g7', 2], ['owasp', 2], ['ntia', 0]] as const) expect(scored({ bomFormat: 'CycloneDX', specVersion: '1.7' }, id).filled).toBe(filled);
});
