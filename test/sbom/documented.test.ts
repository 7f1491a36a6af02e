// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { check, readBom } from '../../sbom/check/index.ts';
import { cyclonedx, spdx } from '../../sbom/index.ts';
import { readOverlay, type Overlay } from '../../sbom/overlay.ts';
import { forPeople } from '../../sbom/people/index.ts';
import { profiles, score, type Score } from '../../sbom/score/index.ts';
import { defaultLimits } from '../../src/bytes/limits.ts';
import type { Report } from '../../src/model/report.ts';
import { fixtures, look } from '../support/samples.ts';
import { report } from './reports.ts';

// A folder as a careful publisher leaves it, and what its owner adds.
let folder: Report;
let overlay: Overlay;
const given = { name: 'example-org/tiny-sentiment', epoch: 1_750_000_000 };

beforeAll(async () => {
  folder = report('model', await look(join(fixtures, 'documented/model'), defaultLimits));
  overlay = await readOverlay(readFileSync(join(fixtures, 'documented/overlay.yaml'), 'utf8'), 'overlay.yaml');
});

function scored(text: string, profile: string): Score {
  const read = readBom(Buffer.from(text));
  if (read.kind !== 'cyclonedx' && read.kind !== 'spdx') throw new Error('no BOM');
  return score(read, profiles.find(({ id }) => id === profile)!, check(read).problems);
}

const missing = ({ elements }: Score): string[] => elements.filter(({ state }) => state !== 'filled').map(({ id }) => id);

test('a documented folder with an overlay gives all G7 elements but the signature', () => {
  expect(missing(scored(cyclonedx(folder, { ...given, overlay }), 'g7'))).toEqual(['sbom-author-signature']);
});

test('a documented folder with an overlay is complete by OWASP', () => {
  expect(scored(cyclonedx(folder, { ...given, overlay }), 'owasp').points).toBeGreaterThanOrEqual(95);
});

test('what only the overlay says is missing without it, and nothing else takes its place', () => {
  const without = missing(scored(cyclonedx(folder, given), 'g7'));
  for (const id of ['sbom-author', 'system-data-flow', 'system-data-usage', 'security-controls', 'security-metric']) expect(without).toContain(id);
});

test('the AI profile of SPDX is claimed only when all that it asks for is known', () => {
  const profilesOf = (text: string): unknown => (JSON.parse(text) as { '@graph': { type: string; profileConformance?: string[] }[] })['@graph'].find(({ type }) => type === 'SpdxDocument')!.profileConformance;
  expect(profilesOf(spdx(folder, { ...given, overlay }))).toContain('ai');
  expect(profilesOf(spdx(folder))).not.toContain('ai');
});

test('values of the overlay are marked as given, those of files with their file', () => {
  const { metadata: { component } } = JSON.parse(cyclonedx(folder, { ...given, overlay })) as { metadata: { component: { properties: { name: string; value: string }[]; purl: string; version: string } } };
  const property = (name: string): string | undefined => component.properties.find((one) => one.name === name)?.value;
  expect(property('assay:origin:release-date')).toBe('given; overlay; high');
  expect(property('assay:origin:description')).toBe('declared; README.md; medium');
  expect(property('assay:licence:text')).toBe('MIT (LICENSE)');
  // The commit that the hub's client left, beside the name that the user gave.
  expect(component.purl).toBe('pkg:huggingface/example-org/tiny-sentiment@0123456789abcdef0123456789abcdef01234567');
});

test('the card of a data set does not speak for the model beside it', () => {
  const { metadata: { component }, components } = JSON.parse(cyclonedx(folder)) as { metadata: { component: { description: string; licenses: unknown[] } }; components: { 'bom-ref': string; licenses?: unknown[]; data?: { description: string }[] }[] };
  expect(component.description).toContain('Sorts film reviews');
  expect(component.licenses).toEqual([{ license: { id: 'MIT', acknowledgement: 'declared' } }]);
  const data = components.find((one) => one['bom-ref'] === 'dataset:folder:data')!;
  expect(data.licenses).toEqual([{ license: { id: 'CC-BY-4.0', acknowledgement: 'declared' } }]);
  expect(data.data![0]!.description).toContain('Short reviews of films');
});

test.each(['html', 'markdown'] as const)('%s tells an auditor identity, licence, lineage, data, unknowns and score', (form) => {
  const page = forPeople(folder, form, { ...given, overlay });
  for (const text of ['Identity', 'Licence', 'Lineage', 'Data', 'Weights', 'What is not known', 'Completeness', 'tiny-encoder', 'not pinned']) expect(page).toContain(text);
  expect(page).toBe(forPeople(folder, form, { ...given, overlay }));
});

test('a hostile name stays text in HTML and Markdown', () => {
  const hostile = report('x', folder.inspected.map((one) => ({ ...one, artefact: { ...one.artefact, id: one.artefact.id.replace('LICENSE', '<img src=x onerror=a>|![p](http://evil.example/)\u202e') } })));
  expect(forPeople(hostile, 'html')).not.toMatch(/<img|\u202e/);
  expect(forPeople(hostile, 'markdown')).not.toMatch(/<img|!\[p\]\(|[^\\]\| !|\u202e/);
});
