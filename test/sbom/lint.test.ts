// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { cyclonedx } from '../../sbom/index.ts';
import { lintCyclonedx } from '../../sbom/check/cyclonedx/index.ts';
import { lint } from '../../sbom/lint.ts';
import { isRegistered } from '../../sbom/taxonomy.ts';
import { fineTune } from './reports.ts';
import { violations } from './schema.ts';

/** Untyped: documents are broken on purpose here. */
type Loose = ReturnType<typeof JSON.parse>;

/** What is broken, what the lint must call it. All of it passes the official schema. */
const mutations: readonly (readonly [string, string, (bom: Loose) => void])[] = [
  ['a bom-ref twice', 'duplicate-ref', (bom) => (bom.components[1]['bom-ref'] = bom.components[0]['bom-ref'])],
  ['the root\'s bom-ref on a component', 'duplicate-ref', (bom) => (bom.components[0]['bom-ref'] = 'model:root')],
  ['a dependency on nothing', 'dangling-ref', (bom) => bom.dependencies[0].dependsOn.push('nowhere')],
  ['a dependency of nothing', 'dangling-ref', (bom) => bom.dependencies.push({ ref: 'nowhere' })],
  ['a dataset that is not there', 'dangling-ref', (bom) => bom.metadata.component.modelCard.modelParameters.datasets.push({ ref: 'nowhere' })],
  ['a finding that affects nothing', 'dangling-ref', (bom) => (bom.vulnerabilities[0].affects = [{ ref: 'nowhere' }])],
  ['a composition of nothing', 'dangling-ref', (bom) => bom.compositions[0].assemblies.push('nowhere')],
  ['a SHA-256 as long as an MD5', 'hash-length', (bom) => (bom.components.find((one: Loose) => one.hashes).hashes[0].content = 'a'.repeat(32))],
  ['a commit called SHA-256', 'hash-length', (bom) => (bom.metadata.component.hashes[0].content = 'a'.repeat(40))],
  ['a purl without a scheme', 'invalid-purl', (bom) => (bom.metadata.component.purl = 'huggingface/a/b')],
  ['a hub purl without a namespace', 'invalid-purl', (bom) => (bom.metadata.component.purl = 'pkg:huggingface/bert')],
  ['an expression that is none', 'invalid-expression', (bom) => (bom.metadata.component.licenses = [{ expression: 'MIT or else' }])],
  ['an expression with an unknown licence', 'invalid-expression', (bom) => (bom.metadata.component.licenses = [{ expression: 'MIT OR Foo-1.0' }])],
  ['a modelCard on a library', 'model-card-on-wrong-type', (bom) => (bom.components.find((one: Loose) => one.type === 'library').modelCard = {})],
  ['data on a file', 'data-on-wrong-type', (bom) => (bom.components.find((one: Loose) => one.type === 'file').data = [])],
  ['a model that is its own ancestor by purl', 'self-ancestor', (bom) => (bom.metadata.component.pedigree.ancestors[0].purl = bom.metadata.component.purl)],
  ['a model that is its own ancestor by name', 'self-ancestor', (bom) => {
    const { name, version, purl } = bom.metadata.component;
    bom.metadata.component.pedigree.ancestors = [{ type: 'machine-learning-model', name, version, purl }];
  }],
  ['a name of the cdx namespace that nobody registered', 'unregistered-property', (bom) => bom.metadata.properties.push({ name: 'cdx:gguf:alignment', value: '32' })],
  ['an absolute path as URL', 'absolute-path', (bom) => (bom.metadata.component.externalReferences[0].url = '/home/alice/README.md')],
  ['a file URL', 'absolute-path', (bom) => (bom.metadata.component.externalReferences[0].url = 'file:///home/alice/README.md')],
  ['a Windows path as name', 'absolute-path', (bom) => (bom.metadata.component.name = 'C:\\Users\\alice\\model')],
  ['a home folder in a property', 'absolute-path', (bom) => bom.metadata.properties.push({ name: 'x', value: '/home/alice' })],
  ['a URL that leads out of the folder', 'escaping-path', (bom) => (bom.metadata.component.externalReferences[0].url = '../../secret')],
  ['a component that depends on itself', 'self-dependency', (bom) => bom.dependencies[0].dependsOn.push(bom.dependencies[0].ref)],
  ['a component without a name', 'empty-name', (bom) => (bom.components[0].name = ' ')],
];

test.each(mutations)('%s passes the schema and is caught as %s', (_, code, change) => {
  const bom: Loose = JSON.parse(cyclonedx(fineTune()));
  change(bom);
  expect(violations(bom, '1.7')).toEqual([]);
  expect(lintCyclonedx(bom).map((problem) => problem.code)).toContain(code);
});

test('a problem says where it is', () => {
  expect(lint({ components: [{ type: 'file', name: 'a', hashes: [{ alg: 'SHA-256', content: 'ab' }] }] })).toEqual([
    { code: 'hash-length', level: 'error', pointer: '/components/0/hashes/0/content', message: 'SHA-256 has 2 hex digits, not 64' },
  ]);
});

test('what is no BOM at all does not break the lint', () => {
  for (const odd of [null, 1, 'x', [], {}, { components: null }, { dependencies: [null, 1, { ref: 1, dependsOn: [null] }] }, { 'bom-ref': 1, licenses: [null, { license: null }], pedigree: null }]) {
    expect(() => lint(odd)).not.toThrow();
  }
  let deep: unknown = {};
  for (let i = 0; i < 20_000; i += 1) deep = { components: [deep] };
  expect(lint(deep)).toEqual([]);
});

test('registered names are those of the taxonomy', () => {
  expect(['cdx:ai-ml:model:parameter:count', 'cdx:ai-ml:model:hyperparameter:_undefined:rope', 'cdx:npm:package:path'].map(isRegistered)).toEqual([true, true, true]);
  expect(['cdx:huggingface:id', 'cdx:ai-ml:model:hyperparameter:_undefined:', 'cdx:ai-ml:model:tuning_method'].map(isRegistered)).toEqual([false, false, false]);
});
