// SPDX-License-Identifier: Apache-2.0
// Documents with one thing wrong. The schema sees some of it; what it does not see, the lint must.
import { describe, expect, test } from 'vitest';
import { check, lints, readBom, type Checked } from '../../../sbom/check/index.ts';
import { cyclonedx } from '../../../sbom/index.ts';
import { fineTune } from '../reports.ts';

/** Untyped: documents are broken on purpose here. */
type Loose = ReturnType<typeof JSON.parse>;
type Mutation = readonly [what: string, code: string, change: (bom: Loose) => void];

function checked(document: unknown): Checked {
  return check(readBom(Buffer.from(JSON.stringify(document))));
}

function full(): Loose {
  const bom = JSON.parse(cyclonedx(fineTune(), { epoch: 1_767_225_600 }));
  const model = bom.metadata.component;
  bom.definitions = { standards: [{ 'bom-ref': 'std', name: 'S', requirements: [{ 'bom-ref': 'r1', identifier: '1' }, { 'bom-ref': 'r2', identifier: '1.1', parent: 'r1' }] }] };
  bom.declarations = {
    assessors: [{ 'bom-ref': 'me', thirdParty: false }],
    evidence: [{ 'bom-ref': 'e1', propertyName: 'x' }],
    claims: [{ 'bom-ref': 'c1', target: model['bom-ref'], evidence: ['e1'] }],
    attestations: [{ assessor: 'me', map: [{ requirement: 'r1', claims: ['c1'], conformance: { score: 0.5 } }] }],
  };
  bom.citations = [{ 'bom-ref': 'cit', pointers: ['/metadata/component/name'], timestamp: '2026-01-01T00:00:00Z', attributedTo: 'me' }];
  bom.annotations = [{ subjects: [model['bom-ref']], annotator: { individual: { name: 'A' } }, timestamp: '2026-01-01T00:00:00Z', text: 'x' }];
  model.modelCard.considerations = {
    environmentalConsiderations: {
      energyConsumptions: [{ activity: 'training', energyProviders: [{ organization: { name: 'P' }, energySource: 'solar', energyProvided: { value: 1, unit: 'kWh' } }], activityEnergyCost: { value: 1, unit: 'kWh' }, co2CostEquivalent: { value: 1, unit: 'tCO2eq' } }],
    },
  };
  bom.components.push({ type: 'library', 'bom-ref': 'lib', name: 'numpy', version: '2.0.0', purl: 'pkg:pypi/numpy@2.0.0', licenses: [{ license: { id: 'BSD-3-Clause' } }] });
  return bom;
}

const lib = (bom: Loose): Loose => bom.components.at(-1);
const file = (bom: Loose): Loose => bom.components.find((one: Loose) => one.type === 'file' && one.hashes);

/** Those of the list that began this: eleven that the schema sees … */
const seen: readonly Mutation[] = [
  ['a score above 1', 'schema', (bom) => (bom.declarations.attestations[0].map[0].conformance.score = 1.5)],
  ['an unknown SPDX id', 'schema', (bom) => (lib(bom).licenses[0].license.id = 'Foo-1.0')],
  ['an SPDX id in lower case', 'schema', (bom) => (lib(bom).licenses[0].license.id = 'mit')],
  ['a licence with id and name', 'schema', (bom) => (lib(bom).licenses[0].license.name = 'BSD')],
  ['version and versionRange', 'schema', (bom) => Object.assign(lib(bom), { isExternal: true, versionRange: 'vers:pypi/>=1' })],
  ['versionRange without isExternal', 'schema', (bom) => {
    delete lib(bom).version;
    lib(bom).versionRange = 'vers:pypi/>=1';
  }],
  ['a timestamp without a zone', 'schema', (bom) => (bom.metadata.timestamp = '2026-01-01T00:00:00')],
  ['CO2 in grams', 'schema', (bom) => (bom.metadata.component.modelCard.considerations.environmentalConsiderations.energyConsumptions[0].co2CostEquivalent.unit = 'g')],
  ['energy of no provider', 'schema', (bom) => delete bom.metadata.component.modelCard.considerations.environmentalConsiderations.energyConsumptions[0].energyProviders],
  ['a citation of nobody', 'schema', (bom) => delete bom.citations[0].attributedTo],
  ['an annotation without a time', 'schema', (bom) => delete bom.annotations[0].timestamp],
];

/** … and seventeen that it does not. */
const missed: readonly Mutation[] = [
  ['a bom-ref twice', 'duplicate-ref', (bom) => (lib(bom)['bom-ref'] = bom.components[0]['bom-ref'])],
  ['a dependency on nothing', 'dangling-ref', (bom) => bom.dependencies[0].dependsOn.push('nowhere')],
  ['a dataset that is not there', 'dangling-ref', (bom) => bom.metadata.component.modelCard.modelParameters.datasets.push({ ref: 'nowhere' })],
  ['a finding that affects nothing there', 'dangling-ref', (bom) => (bom.vulnerabilities[0].affects = [{ ref: 'nowhere' }])],
  ['a claim about nothing', 'dangling-ref', (bom) => (bom.declarations.claims[0].target = 'nowhere')],
  ['a claim without its evidence', 'dangling-ref', (bom) => (bom.declarations.claims[0].evidence = ['nowhere'])],
  ['a requirement that is not there', 'dangling-requirement', (bom) => (bom.declarations.attestations[0].map[0].requirement = 'nowhere')],
  ['a citation of a value that is not there', 'dangling-pointer', (bom) => (bom.citations[0].pointers = ['/components/999/name'])],
  ['a model card on a library', 'model-card-on-wrong-type', (bom) => (lib(bom).modelCard = {})],
  ['data on a file', 'data-on-wrong-type', (bom) => (file(bom).data = [])],
  ['an MD5 called SHA-256', 'hash-length', (bom) => (file(bom).hashes[0].content = 'd41d8cd98f00b204e9800998ecf8427e')],
  ['a purl that is none', 'invalid-purl', (bom) => (lib(bom).purl = 'pypi/numpy')],
  ['a purl of something else', 'purl-name-differs', (bom) => (lib(bom).purl = 'pkg:pypi/requests@2.0.0')],
  ['an expression that is none', 'invalid-expression', (bom) => (lib(bom).licenses = [{ expression: 'MIT or else' }])],
  ['two expressions', 'several-expressions', (bom) => (lib(bom).licenses = [{ expression: 'MIT' }, { expression: 'Apache-2.0' }])],
  ['a model that is its own ancestor', 'self-ancestor', (bom) => (bom.metadata.component.pedigree.ancestors[0].purl = bom.metadata.component.purl = 'pkg:huggingface/a/my-finetune')],
  ['a name below cdx: that nobody registered', 'unregistered-property', (bom) => bom.metadata.properties.push({ name: 'cdx:gguf:alignment', value: '32' })],
  ['a URL that leads out', 'escaping-path', (bom) => (bom.metadata.component.externalReferences[0].url = '../../etc/passwd')],
  ['a home folder', 'absolute-path', (bom) => (bom.metadata.component.externalReferences[0].url = '/home/alice/README.md')],
];

/** As many again, of our own. */
const more: readonly Mutation[] = [
  ['lineage in a circle', 'cyclic-ancestors', (bom) => (lib(bom).pedigree = { ancestors: [{ type: 'library', name: 'b', version: '1', pedigree: { ancestors: [{ type: 'library', name: 'numpy', version: '2.0.0', purl: 'pkg:pypi/numpy@2.0.0' }] } }] })],
  ['an ancestor that is a descendant', 'ancestor-and-descendant', (bom) => (lib(bom).pedigree = { ancestors: [{ type: 'library', name: 'b' }], descendants: [{ type: 'library', name: 'b' }] })],
  ['a self that is its own variant', 'self-ancestor', (bom) => (lib(bom).pedigree = { variants: [{ type: 'library', name: 'other', purl: 'pkg:pypi/numpy@2.0.0' }] })],
  ['a commit as SHA-1', 'commit-as-hash', (bom) => Object.assign(lib(bom), { version: 'a9'.repeat(20), purl: undefined, hashes: [{ alg: 'SHA-1', content: 'a9'.repeat(20) }] })],
  ['two digests of one algorithm', 'hash-conflict', (bom) => file(bom).hashes.push({ alg: 'SHA-256', content: 'ab'.repeat(32) })],
  ['a digest of zeros', 'placeholder-hash', (bom) => (file(bom).hashes[0].content = '0'.repeat(64))],
  ['MD5 alone', 'weak-hash', (bom) => (file(bom).hashes = [{ alg: 'MD5', content: 'd41d8cd98f00b204e9800998ecf8427e' }])],
  ['a checksum that is not the hash', 'digest-purl-mismatch', (bom) => Object.assign(lib(bom), { purl: `pkg:pypi/numpy@2.0.0?checksum=sha256:${'ab'.repeat(32)}`, hashes: [{ alg: 'SHA-256', content: 'cd'.repeat(32) }] })],
  ['a purl of another version', 'purl-version-mismatch', (bom) => (lib(bom).purl = 'pkg:pypi/numpy@1.0.0')],
  ['a hub purl of the base model', 'purl-name-mismatch', (bom) => (bom.metadata.component.purl = 'pkg:huggingface/meta-llama/Llama-3.2-1B')],
  ['one purl on two components', 'component-twice', (bom) => bom.components.push({ ...lib(bom), 'bom-ref': 'lib2', description: 'again' })],
  ['a blank name', 'empty-name', (bom) => (lib(bom).name = '  ')],
  ['a licence called unknown', 'placeholder-licence', (bom) => (lib(bom).licenses = [{ license: { name: 'unknown' } }])],
  ['a WITH of no exception', 'invalid-expression', (bom) => (lib(bom).licenses = [{ expression: 'MIT WITH Foo-exception' }])],
  ['a language that is none', 'property-value', (bom) => bom.metadata.component.modelCard.properties.push({ name: 'cdx:ai-ml:model:language', value: 'English language' })],
  ['a context length in words', 'property-value', (bom) => bom.components[0].properties.push({ name: 'cdx:ai-ml:model:hyperparameter:context_length', value: 'long' })],
  ['two vocabulary sizes', 'property-conflict', (bom) => (lib(bom).properties = ['1', '2'].map((value) => ({ name: 'cdx:ai-ml:model:hyperparameter:vocab_size', value })))],
  ['reproducible, with a time', 'reproducible-with-time', (bom) => bom.metadata.properties.push({ name: 'cdx:reproducible', value: 'true' })],
  ['an interval upside down', 'interval-reversed', (bom) => (bom.metadata.component.modelCard.quantitativeAnalysis = { performanceMetrics: [{ type: 'f1', value: '0.5', confidenceInterval: { lowerBound: '0.9', upperBound: '0.1' } }] })],
  ['a metric in words', 'metric-without-number', (bom) => (bom.metadata.component.modelCard.quantitativeAnalysis = { performanceMetrics: [{ type: 'f1', value: 'great' }] })],
  ['a dataset twice', 'dataset-twice', (bom) => bom.metadata.component.modelCard.modelParameters.datasets.push({ type: 'dataset', name: 'd' }, { type: 'dataset', name: 'd', description: 'again' })],
  ['a library as dataset', 'dataset-is-no-data', (bom) => bom.metadata.component.modelCard.modelParameters.datasets.push({ ref: 'lib' })],
  ['a finding dismissed without a word', 'not-affected-without-reason', (bom) => (bom.vulnerabilities[0].analysis = { state: 'not_affected' })],
  ['a finding of nothing', 'finding-affects-nothing', (bom) => delete bom.vulnerabilities[0].affects],
  ['a CVSS score of 11', 'score-out-of-range', (bom) => (bom.vulnerabilities[0].ratings = [{ score: 11, method: 'CVSSv31' }])],
  ['a critical score called low', 'severity-contradicts-score', (bom) => (bom.vulnerabilities[0].ratings = [{ score: 9.8, severity: 'low', method: 'CVSSv31' }])],
  ['one finding, two verdicts', 'finding-contradicted', (bom) => {
    const state = (of: string): Loose => ({ id: 'X', analysis: { state: of, detail: 'y' }, affects: [{ ref: 'lib' }] });
    bom.vulnerabilities.push(state('exploitable'), state('not_affected'));
  }],
  ['updated before it was published', 'dates-reversed', (bom) => Object.assign(bom.vulnerabilities[0], { published: '2026-01-02T00:00:00Z', updated: '2026-01-01T00:00:00Z' })],
  ['a token in a description', 'secret', (bom) => (lib(bom).description = `use hf_${'aB3'.repeat(12)} to download`)],
  ['a password in a URL', 'secret', (bom) => (bom.metadata.component.externalReferences[0].url = 'https://bob:hunter2@example.org/x')],
  ['a private key in a property', 'secret', (bom) => bom.metadata.properties.push({ name: 'x', value: '-----BEGIN RSA PRIVATE KEY-----\nMII' })],
  ['the schema of another version', 'schema-mismatch', (bom) => (bom.$schema = 'http://cyclonedx.org/schema/bom-1.5.schema.json')],
  ['a serial number of zeros', 'nil-serial-number', (bom) => (bom.serialNumber = 'urn:uuid:00000000-0000-0000-0000-000000000000')],
  ['dependencies listed twice', 'repeated-dependency', (bom) => bom.dependencies.push({ ...bom.dependencies[0], dependsOn: ['lib'] })],
  ['a component that depends on itself', 'self-dependency', (bom) => bom.dependencies.push({ ref: 'lib', dependsOn: ['lib'] })],
  ['a link into this document that leads nowhere', 'dangling-ref', (bom) => bom.annotations[0].subjects.push(`urn:cdx:${bom.serialNumber.slice(9)}/1#nowhere`)],
  ['a path that leads out by escapes', 'escaping-path', (bom) => (bom.metadata.component.externalReferences[0].url = 'a/%2e%2e/%2e%2e/secret')],
  ['a file called by a path that leads out', 'escaping-name', (bom) => (file(bom).name = '../../etc/passwd')],
  ['a fingerprint cut short', 'fingerprint-length', (bom) => (bom.components.push({ type: 'cryptographic-asset', name: 'c', cryptoProperties: { assetType: 'certificate', certificateProperties: { fingerprint: { alg: 'SHA-256', content: 'ab'.repeat(16) } } } }))],
];

test('the document that is broken below is right as it is', () => {
  expect(checked(full()).problems.filter(({ level }) => level !== 'note')).toEqual([]);
});

describe.each([['that the schema sees', seen], ['that the schema misses', missed], ['of our own', more]])('mistakes %s', (_, list) => {
  test.each(list)('%s is caught as %s', (_what, code, change) => {
    const bom = full();
    change(bom);
    const { problems } = checked(bom);
    expect(problems.map((one) => one.code)).toContain(code);
    if (code !== 'schema') expect(problems.filter((one) => one.code === 'schema')).toEqual([]);
  });
});

const digest = 'ab12'.repeat(16);
function spdx(): Loose {
  const at = (id: string): string => `https://example.org/doc#${id}`;
  const info = '_:info';
  const element = (id: string, type: string, rest: object): object => ({ type, spdxId: at(id), creationInfo: info, ...rest });
  return {
    '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
    '@graph': [
      { type: 'CreationInfo', '@id': info, specVersion: '3.0.1', created: '2026-01-01T00:00:00Z', createdBy: [at('org')] },
      element('org', 'Organization', { name: 'Org' }),
      element('doc', 'SpdxDocument', { rootElement: [at('model')], profileConformance: ['core', 'software', 'ai', 'simpleLicensing'] }),
      element('model', 'ai_AIPackage', {
        name: 'm', releaseTime: '2026-01-01T00:00:00Z', suppliedBy: at('org'), software_downloadLocation: 'https://example.org/m', software_packageVersion: '1', software_primaryPurpose: 'model',
        software_packageUrl: 'pkg:huggingface/org/m', verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: digest }],
      }),
      element('file', 'software_File', { name: 'model.safetensors' }),
      element('licence', 'simplelicensing_LicenseExpression', { simplelicensing_licenseExpression: 'MIT' }),
      element('r1', 'Relationship', { from: at('model'), to: [at('licence')], relationshipType: 'hasDeclaredLicense' }),
      element('r2', 'Relationship', { from: at('model'), to: ['https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense'], relationshipType: 'hasConcludedLicense' }),
      element('r3', 'Relationship', { from: at('model'), to: [at('file')], relationshipType: 'contains' }),
    ],
  };
}

const inSpdx: readonly Mutation[] = [
  ['an id twice', 'spdx-duplicate-id', (bom) => (bom['@graph'][4].spdxId = bom['@graph'][3].spdxId)],
  ['a relationship to nothing there', 'spdx-dangling-ref', (bom) => (bom['@graph'][8].to = ['https://example.org/doc#nowhere'])],
  ['a model that contains itself', 'spdx-self-relationship', (bom) => (bom['@graph'][8].to = [bom['@graph'][8].from])],
  ['models that descend from each other', 'spdx-cyclic-lineage', (bom) => {
    const [a, b] = [bom['@graph'][3].spdxId, bom['@graph'][4].spdxId];
    bom['@graph'].push({ ...bom['@graph'][8], spdxId: 'x:1', from: a, to: [b], relationshipType: 'descendantOf' }, { ...bom['@graph'][8], spdxId: 'x:2', from: b, to: [a], relationshipType: 'descendantOf' });
  }],
  ['a digest cut short', 'spdx-hash-length', (bom) => (bom['@graph'][3].verifiedUsing[0].hashValue = 'abcd')],
  ['two digests', 'spdx-hash-conflict', (bom) => bom['@graph'][3].verifiedUsing.push({ type: 'Hash', algorithm: 'sha256', hashValue: 'cd34'.repeat(16) })],
  ['a digest of zeros', 'spdx-placeholder-hash', (bom) => (bom['@graph'][3].verifiedUsing[0].hashValue = '0'.repeat(64))],
  ['a purl that is none', 'spdx-invalid-purl', (bom) => (bom['@graph'][3].software_packageUrl = 'pkg:huggingface/m')],
  ['an expression that is none', 'spdx-invalid-expression', (bom) => (bom['@graph'][5].simplelicensing_licenseExpression = 'MIT or else')],
  ['a claimed AI profile without a supplier', 'spdx-ai-properties', (bom) => delete bom['@graph'][3].suppliedBy],
  ['a model without a concluded licence', 'spdx-licence-relationships', (bom) => bom['@graph'].splice(7, 1)],
  ['two declared licences', 'spdx-licence-relationships', (bom) => bom['@graph'].push({ ...bom['@graph'][6], spdxId: 'x:3' })],
  ['released before it was built', 'spdx-times-reversed', (bom) => (bom['@graph'][3].builtTime = '2026-02-01T00:00:00Z')],
  ['no document', 'spdx-no-document', (bom) => bom['@graph'].splice(2, 1)],
  ['a dataset of no type', 'schema', (bom) => bom['@graph'].push({ type: 'dataset_DatasetPackage', spdxId: 'x:4', creationInfo: '_:info', name: 'd' })],
  ['a time with milliseconds', 'schema', (bom) => (bom['@graph'][0].created = '2026-01-01T00:00:00.000Z')],
  ['a property that nobody defined', 'schema', (bom) => (bom['@graph'][3].ai_flops = '1')],
  ['a token in a comment', 'secret', (bom) => (bom['@graph'][3].comment = `ghp_${'aB3'.repeat(12)}`)],
  ['a home folder', 'absolute-path', (bom) => (bom['@graph'][3].software_downloadLocation = 'file:///home/alice/m')],
];

test('the SPDX document that is broken below is right as it is', () => {
  expect(checked(spdx()).problems).toEqual([]);
});

test.each(inSpdx)('in SPDX, %s is caught as %s', (_, code, change) => {
  const bom = spdx();
  change(bom);
  expect(checked(bom).problems.map((one) => one.code)).toContain(code);
});

test('every lint has a title, a reason and a remedy, and an id of its own', () => {
  for (const [id, { title, why, fix }] of lints) {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect([title, why, fix].every((text) => text.length > 3), id).toBe(true);
    expect(why, id).toMatch(/\.$/);
    expect(fix, id).toMatch(/\.$/);
  }
});
