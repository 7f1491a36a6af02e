// SPDX-License-Identifier: Apache-2.0
// Bom → SPDX 3.0.1 JSON-LD (https://spdx.github.io/spdx-spec/v3.0.1/): one flat graph of elements and relationships.
import type { Bom } from './bom.ts';
import { canonicalJson, contentOrder, print, serialNumber } from './canonical.ts';
import { SpdxGraph, type Element } from './spdx-graph.ts';
import type { BomFile, Role } from './files.ts';
import { licenceName } from './spdx-licences.ts';
import type { Value } from './value.ts';

export interface SpdxOptions {
  /** Seconds since 1970 for `created`, which SPDX demands; without it that is the beginning of 1970, and a comment says so. */
  readonly epoch?: number;
}

/** software_SoftwarePurpose of a file. */
const purposes: Readonly<Record<Role, string>> = {
  weights: 'model', adapter: 'model', 'weights-index': 'manifest', config: 'configuration', tokenizer: 'data', 'chat-template': 'configuration', card: 'documentation',
  licence: 'documentation', data: 'data', code: 'source', 'training-state': 'data', archive: 'archive', signature: 'evidence', link: 'other', other: 'file',
};
const rootClasses = { model: 'ai_AIPackage', dataset: 'dataset_DatasetPackage', unknown: 'software_Package' } as const;
const rootPurposes = { model: 'model', dataset: 'data', unknown: 'other' } as const;

/** The document as text: the same report gives the same bytes. */
export function spdxText(bom: Bom, { epoch }: SpdxOptions = {}): string {
  const graph = new SpdxGraph();
  const root = subject(bom, graph);
  filesOf(bom, root, graph);
  lineage(bom, root, graph);
  licences(bom, root, graph);
  findings(bom, root, graph);
  const elements = [...graph.elements].sort(contentOrder((one) => String(one['spdxId'])));
  const created = {
    type: 'CreationInfo', '@id': '_:creation', specVersion: '3.0.1',
    created: new Date((epoch ?? 0) * 1000).toISOString().replace('.000Z', 'Z'),
    createdBy: ['#agent'], createdUsing: ['#tool'],
    ...(epoch === undefined ? { comment: 'The time is not stated, so that the same content gives the same document; SOURCE_DATE_EPOCH sets it.' } : {}),
  };
  const tool = [
    { type: 'SoftwareAgent', spdxId: '#agent', creationInfo: '_:creation', name: bom.tool.name, comment: 'The program that wrote this document. No person or organisation was named as its author.' },
    { type: 'Tool', spdxId: '#tool', creationInfo: '_:creation', name: `${bom.tool.name} ${bom.tool.version}`, description: `ruleset ${bom.tool.ruleset}` },
  ];
  const profiles = ['core', 'simpleLicensing', 'software', ...(bom.findings.length > 0 ? ['security'] : [])].sort();
  const collection = {
    type: 'software_Sbom', spdxId: '#sbom', creationInfo: '_:creation', profileConformance: profiles, software_sbomType: ['analyzed'], rootElement: [root],
    element: elements.map((one) => String(one['spdxId'])), comment: missing(bom),
  };
  const document = { type: 'SpdxDocument', spdxId: '#document', creationInfo: '_:creation', name: bom.identity.name.value, profileConformance: profiles, rootElement: ['#sbom'], dataLicense: '#data-licence' };
  const data = { type: 'simplelicensing_LicenseExpression', spdxId: '#data-licence', creationInfo: '_:creation', simplelicensing_licenseExpression: 'CC0-1.0' };
  const all = [...tool, data, collection, document, ...elements];
  const base = `https://spdx.org/spdxdocs/assay-${serialNumber(canonicalJson(all)).slice('urn:uuid:'.length)}`;
  return print({ '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': [created, ...all].map((one) => absolute(one, base)) });
}

/** Which demands of the AI and Dataset profiles are not met, so that neither is claimed. */
function missing(bom: Bom): string {
  const wanted = ['releaseTime', 'software_downloadLocation', ...(bom.claims('organisation').length === 0 ? ['suppliedBy'] : []), ...(bom.identity.version === undefined ? ['software_packageVersion'] : [])];
  const profile = bom.kind === 'dataset' ? 'Dataset' : 'AI';
  return `Written from the files alone. Conformance to the ${profile} profile is not claimed: ${wanted.join(', ')} ${wanted.length === 1 ? 'is' : 'are'} not known from them.`;
}

function subject(bom: Bom, graph: SpdxGraph): string {
  const { identity, digest } = bom;
  const text = (field: Parameters<Bom['claims']>[0]): string | undefined => bom.claims(field)[0]?.value;
  const organisation = text('organisation');
  const supplier = organisation === undefined ? undefined : graph.add({ type: 'Organization', name: organisation }, `organisation:${organisation}`);
  const authors = [...new Set(bom.claims('author').map(({ value }) => value))].sort().map((name) => graph.add({ type: 'Agent', name }, `author:${name}`));
  const description = text('description');
  const model = bom.kind === 'model' ? modelProperties(bom) : {};
  const rows = bom.localDatasets.reduce((sum, { size }) => sum + size, 0);
  return graph.add({
    type: rootClasses[bom.kind],
    name: identity.group === undefined ? identity.name.value : `${identity.group.value}/${identity.name.value}`,
    software_primaryPurpose: rootPurposes[bom.kind],
    ...(identity.version === undefined ? {} : { software_packageVersion: identity.version.value }),
    ...(identity.purl === undefined ? {} : { software_packageUrl: identity.purl.value }),
    ...(description === undefined ? {} : { description }),
    ...(digest === undefined ? {} : { verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: digest.sha256, comment: digest.of }] }),
    ...(supplier === undefined ? {} : { suppliedBy: supplier }),
    ...(authors.length === 0 ? {} : { originatedBy: authors }),
    ...(bom.kind === 'dataset' ? { dataset_datasetType: ['noAssertion'], dataset_datasetSize: rows } : {}),
    ...model,
  }, 'subject');
}

function modelProperties(bom: Bom): Element {
  const values = (field: Parameters<Bom['claims']>[0]): string[] => [...new Set(bom.claims(field).map(({ value }) => value))].sort();
  const entries = (pairs: readonly (readonly [string, string])[]): object[] => pairs.map(([key, value]) => ({ type: 'DictionaryEntry', key, value }));
  const types = [...new Set([...values('architecture'), ...values('model-type')])].sort();
  const fields = ['context-length', 'hidden-size', 'layers', 'vocabulary-size', 'quantisation', 'tokenizer-class', 'dtype'] as const;
  const hyper = [
    ...(bom.parameters === undefined ? [] : [['parameter-count', String(bom.parameters.value)] as const]),
    ...fields.flatMap((field) => values(field).slice(0, 1).map((value) => [field, value] as const)),
  ];
  const metrics = values('metric').map((text) => {
    const cut = text.indexOf('=');
    return [cut === -1 ? text : text.slice(0, cut), cut === -1 ? '' : text.slice(cut + 1)] as const;
  });
  const domains = [...new Set([...values('task'), ...values('language').map((language) => `language: ${language}`)])].sort();
  return {
    ...(types.length === 0 ? {} : { ai_typeOfModel: types }),
    ...(hyper.length === 0 ? {} : { ai_hyperparameter: entries(hyper) }),
    ...(metrics.length === 0 ? {} : { ai_metric: entries(metrics) }),
    ...(domains.length === 0 ? {} : { ai_domain: domains }),
  };
}

function filesOf(bom: Bom, root: string, graph: SpdxGraph): void {
  const add = (file: BomFile): string => {
    const id = graph.add({
      type: 'software_File', name: file.path, software_primaryPurpose: purposes[file.role],
      ...(file.sha256 === undefined ? { comment: `Not hashed: ${file.coverage === 'failed' ? 'it could not be read to its end' : 'it has no bytes of its own'}.` }
        : { verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: file.sha256 }] }),
      ...(file.format === 'unknown' ? {} : { summary: `${file.format}, ${file.size} bytes, ${file.coverage}` }),
    }, `file:${file.path}`, file.path);
    if (file.members.length > 0) graph.relate(id, 'contains', file.members.map(add), file.coverage === 'complete' ? 'complete' : 'incomplete');
    return id;
  };
  const whole = bom.excluded === 0 && bom.summary.incomplete === 0;
  graph.relate(root, 'contains', bom.files.map(add), whole ? 'complete' : 'incomplete');
}

function lineage(bom: Bom, root: string, graph: SpdxGraph): void {
  const bases = bom.baseModels.map((base) => graph.add({
    type: 'ai_AIPackage', name: base.id.value, software_primaryPurpose: 'model',
    ...(base.revision === undefined ? {} : { software_packageVersion: base.revision }),
    ...(base.purl === undefined ? {} : { software_packageUrl: base.purl }),
    comment: `${base.relation ?? 'relation unknown'}, ${places(base.said)}`,
  }, `base-model:${base.id.value}`));
  graph.relate(root, 'descendantOf', bases, 'noAssertion');
  for (const use of ['training', 'evaluation'] as const) {
    const sets = bom.datasets.filter(({ uses }) => uses.includes(use)).map((dataset) => graph.add({
      type: 'dataset_DatasetPackage', name: dataset.id.value, software_primaryPurpose: 'data', dataset_datasetType: ['noAssertion'],
      ...(dataset.revision === undefined ? {} : { software_packageVersion: dataset.revision }),
      comment: places(dataset.said),
    }, `dataset:${dataset.id.value}`));
    graph.relate(root, use === 'training' ? 'trainedOn' : 'testedOn', sets, 'noAssertion');
  }
  const libraries = bom.libraries.map(({ name, version, purl }) => graph.add({
    type: 'software_Package', name: name.value, software_primaryPurpose: 'library',
    ...(version === undefined ? {} : { software_packageVersion: version.value }), ...(purl === undefined ? {} : { software_packageUrl: purl }),
  }, `library:${name.value}`));
  graph.relate(root, 'dependsOn', libraries, 'noAssertion');
}

/** What is declared; nothing is concluded by a program. */
function licences(bom: Bom, root: string, graph: SpdxGraph): void {
  const declared = bom.licences.map((licence) => {
    const { expression, text } = licenceName(licence);
    return expression === undefined ? graph.add({ type: 'simplelicensing_SimpleLicensingText', simplelicensing_licenseText: text, comment: places([licence.declared]) }, `licence:${text}`)
      : graph.add({ type: 'simplelicensing_LicenseExpression', simplelicensing_licenseExpression: expression }, `licence:${expression}`);
  });
  graph.relate(root, 'hasDeclaredLicense', declared.length === 0 ? ['expandedlicensing_NoAssertionLicense'] : declared);
  graph.relate(root, 'hasConcludedLicense', ['expandedlicensing_NoAssertionLicense']);
}

/** One vulnerability for each rule; accepted findings do not affect, the others are to be looked into. */
function findings(bom: Bom, root: string, graph: SpdxGraph): void {
  for (const [rule, all] of [...Map.groupBy(bom.findings, (finding) => finding.rule)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [first] = all;
    const vulnerability = graph.add({ type: 'security_Vulnerability', name: `${bom.tool.name}:${rule}`, summary: first!.message, description: all.slice(0, 20).map((one) => `${one.severity}: ${one.artefact === '' ? '' : `${one.artefact}: `}${one.message}`).join('\n') }, `finding:${rule}`);
    for (const [reason, some] of Map.groupBy(all, ({ suppressed }) => suppressed)) {
      const affected = [...new Set(some.map(({ artefact }) => graph.at(artefact) ?? root))].sort();
      graph.assess(vulnerability, affected, reason);
    }
  }
}

function places(values: readonly Value[]): string {
  const shown = values.slice(0, 8).map(({ source }) => source);
  return shown.length === 0 ? 'derived' : `declared in ${[...new Set(shown)].sort().join(', ')}`;
}

/** References inside the document, made absolute. */
function absolute(value: unknown, base: string): unknown {
  if (Array.isArray(value)) return value.map((item) => absolute(item, base));
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, references.has(key) ? linked(item, base) : absolute(item, base)]));
}

const references: ReadonlySet<string> = new Set(['spdxId', 'from', 'to', 'rootElement', 'element', 'createdBy', 'createdUsing', 'suppliedBy', 'originatedBy', 'dataLicense']);

function linked(value: unknown, base: string): unknown {
  if (Array.isArray(value)) return value.map((item) => linked(item, base));
  return typeof value === 'string' && value.startsWith('#') ? base + value : value;
}
