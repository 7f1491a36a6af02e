// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { check, readBom, type Read } from '../../sbom/check/index.ts';
import { convert, merge, targets, type Converted, type Target } from '../../sbom/convert/index.ts';
import { cyclonedx, spdx } from '../../sbom/index.ts';
import { inventoryOf } from '../../sbom/compare/inventory.ts';
import { dataset, fineTune } from './reports.ts';

type Document = Extract<Read, { document: unknown }>;
type Json = Record<string, unknown>;

function opened(text: string): Document {
  const read = readBom(Buffer.from(text));
  if (read.kind === 'unchecked' || read.kind === 'unreadable') throw new Error(read.what);
  return read;
}

function done(made: Converted): { readonly text: string; readonly losses: readonly { what: string; how: string }[] } {
  if ('error' in made) throw new Error(made.error);
  return made;
}

const through = (text: string, ...path: Target[]): string => path.reduce((now, to) => done(convert(opened(now), to)).text, text);
const errors = (text: string): unknown[] => check(opened(text)).problems.filter(({ level }) => level === 'error');

test.each(targets)('our own document as %s is valid', (to) => {
  for (const text of [cyclonedx(fineTune()), cyclonedx(dataset(), { epoch: 1 }), spdx(fineTune())]) expect(errors(through(text, to))).toEqual([]);
});

test('down to 1.4 and up again gives the same document', () => {
  const before = cyclonedx(fineTune());
  const after = JSON.parse(through(before, 'cyclonedx-1.4', 'cyclonedx-1.7')) as Json;
  const subject = (document: Json): Json => (document['metadata'] as Json)['component'] as Json;
  const { modelCard, pedigree, hashes, licenses } = subject(JSON.parse(before) as Json);
  expect(subject(after)).toMatchObject({ type: 'machine-learning-model', modelCard, pedigree, hashes });
  expect((licenses as Json[]).length).toBe((subject(after)['licenses'] as Json[]).length);
});

test('what a version has no member for is listed, with its place', () => {
  const { losses } = done(convert(opened(cyclonedx(fineTune())), 'cyclonedx-1.4'));
  expect(losses).toContainEqual(expect.objectContaining({ what: 'component.modelCard', how: 'kept', first: '/metadata/component/modelCard' }));
  expect(losses).toContainEqual(expect.objectContaining({ what: 'component.type machine-learning-model', how: 'kept' }));
});

test('through SPDX and back, components, hashes, licences, lineage and findings stay', () => {
  const before = inventoryOf(opened(cyclonedx(fineTune())));
  const after = inventoryOf(opened(through(cyclonedx(fineTune()), 'spdx-3.0.1', 'cyclonedx-1.7')));
  const plain = ({ items }: typeof before): unknown[] => items.map(({ name, hashes, licences, ancestors }) => JSON.stringify({ name, hashes, licences, ancestors })).toSorted();
  expect(plain(after)).toEqual(plain(before));
  const found = ({ findings }: typeof before): unknown[] => findings.map(({ id, state, affects }) => JSON.stringify([id, state, affects])).toSorted();
  expect(found(after)).toEqual(found(before));
});

test('the same document converts to the same bytes', () => {
  expect(through(cyclonedx(fineTune()), 'spdx-3.0.1')).toBe(through(cyclonedx(fineTune()), 'spdx-3.0.1'));
});

test('a password or path in a name is carried, never opened, and reported by the lint as before', () => {
  const text = JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [{ type: 'file', name: '../../etc/passwd', 'bom-ref': 'a' }] });
  expect(through(text, 'spdx-3.0.1', 'cyclonedx-1.6')).toContain('../../etc/passwd');
});

const bom = (...components: Json[]): Document => opened(JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components, dependencies: components.map((one) => ({ ref: one['bom-ref'] })) }));
const options = { name: 'both', tool: { name: 'assay', version: '0' } };

test('merging keeps apart what has one ref and two contents, and says once what is the same', () => {
  const same = { type: 'library', 'bom-ref': 'same', name: 'same' };
  const { text } = done(merge([bom(same, { type: 'library', 'bom-ref': 'x', name: 'one' }), bom(same, { type: 'library', 'bom-ref': 'x', name: 'two' })], '1.7', options));
  expect(errors(text)).toEqual([]);
  const { components, dependencies } = JSON.parse(text) as { components: Json[]; dependencies: Json[] };
  expect(components.map((one) => [one['bom-ref'], one['name']])).toEqual([['2:x', 'two'], ['same', 'same'], ['x', 'one']]);
  expect(dependencies.map(({ ref }) => ref)).toEqual(['2:x', 'merged:root', 'same', 'x']);
});

test('merging names the documents that went in', () => {
  const [a, b] = [cyclonedx(fineTune()), cyclonedx(dataset())];
  const { text } = done(merge([opened(a), opened(b)], '1.7', options));
  expect(errors(text)).toEqual([]);
  for (const one of [a, b]) expect(text).toContain((JSON.parse(one) as { serialNumber: string }).serialNumber);
});
