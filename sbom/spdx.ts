// SPDX-License-Identifier: Apache-2.0
// Bom → SPDX 3.0.1 JSON-LD (https://spdx.github.io/spdx-spec/v3.0.1/): one flat graph of elements and relationships.
import type { Bom, LocalDataset } from './bom.ts';
import { overlayOf } from './datasets.ts';
import { print } from './canonical.ts';
import { SpdxGraph } from './spdx-graph.ts';
import { spdxDocument } from './spdx-document.ts';
import { datasetProperties, downloadOf, modelProperties, references, timeOf } from './spdx-properties.ts';
import type { BomFile, Role } from './files.ts';
import { licenceOf } from './licences.ts';
import { licenceName } from './spdx-licences.ts';
import { webUrl } from './text.ts';
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
  const { claimed, missing } = conformance(graph);
  return print(spdxDocument(graph, {
    root, name: bom.identity.name.value, ...(epoch === undefined ? {} : { epoch }), authors: bom.overlay.author === undefined ? [] : [bom.overlay.author],
    tools: [`${bom.tool.name} ${bom.tool.version}`], ruleset: bom.tool.ruleset, comment: missing.length === 0 ? 'Written from the files and what the user gave.' : missing.join(' '), profiles: claimed,
  }));
}

/** What the AI and Dataset profiles make mandatory (External properties restrictions), as far as a package is to have it. */
const mandatory: Readonly<Record<string, readonly string[]>> = {
  ai_AIPackage: ['releaseTime', 'suppliedBy', 'software_downloadLocation', 'software_packageVersion', 'software_primaryPurpose'],
  dataset_DatasetPackage: ['builtTime', 'originatedBy', 'releaseTime', 'software_downloadLocation', 'software_primaryPurpose', 'dataset_datasetType'],
};

/** Profiles whose mandatory properties all elements have, and what the others lack. */
function conformance(graph: SpdxGraph): { readonly claimed: string[]; readonly missing: string[] } {
  const claimed: string[] = [];
  const missing: string[] = [];
  const licences = new Map<unknown, number>();
  for (const one of graph.elements) {
    if (one['relationshipType'] === 'hasDeclaredLicense' || one['relationshipType'] === 'hasConcludedLicense') licences.set(one['from'], (licences.get(one['from']) ?? 0) + (one['to'] as unknown[]).length);
  }
  for (const [type, profile, title] of [['ai_AIPackage', 'ai', 'AI'], ['dataset_DatasetPackage', 'dataset', 'Dataset']] as const) {
    const all = graph.elements.filter((one) => one['type'] === type);
    const lacking = new Set(all.flatMap((one) => [...mandatory[type]!.filter((name) => one[name] === undefined), ...(licences.get(one['spdxId']) === 2 ? [] : ['one declared and one concluded licence'])]));
    if (all.length > 0 && lacking.size === 0) claimed.push(profile);
    else if (all.length > 0) missing.push(`Conformance to the ${title} profile is not claimed: not all packages have ${[...lacking].sort().join(', ')}.`);
  }
  return { claimed, missing };
}

function subject(bom: Bom, graph: SpdxGraph): string {
  const { identity, digest } = bom;
  const text = (field: Parameters<Bom['claims']>[0]): string | undefined => bom.claims(field)[0]?.value;
  const organisation = bom.overlay.model?.supplier ?? text('organisation');
  const download = downloadOf(bom);
  const released = timeOf(text('release-date'));
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
    ...(download === undefined ? {} : { software_downloadLocation: download }),
    ...(released === undefined ? {} : { releaseTime: released }),
    ...references(bom),
    ...(digest === undefined ? {} : { verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: digest.sha256, comment: digest.of }] }),
    ...(supplier === undefined ? {} : { suppliedBy: supplier }),
    ...(authors.length === 0 ? {} : { originatedBy: authors }),
    ...(bom.kind === 'dataset' ? { ...datasetProperties(bom, '', rows) } : {}),
    ...model,
  }, 'subject');
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
    // What is only referred to has none of the AI profile's mandatory properties; a package with the purpose of a model claims nothing.
    type: 'software_Package', name: base.id.value, software_primaryPurpose: 'model',
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
  const local = bom.localDatasets.filter(({ folder }) => bom.kind !== 'dataset' || folder !== '').map((dataset) => ({ dataset, id: localDataset(bom, dataset, graph) }));
  graph.relate(root, bom.kind === 'model' ? 'hasDataFile' : 'contains', local.map(({ id }) => id), 'noAssertion');
  const packages = bom.details.packages.map(({ ecosystem, name, version, specifier, purl }) => graph.add({
    type: 'software_Package', name, software_primaryPurpose: ecosystem === 'generic' ? 'platform' : 'library',
    ...(version === undefined ? {} : { software_packageVersion: version }), ...(purl === undefined ? {} : { software_packageUrl: purl }), ...(specifier === '' ? {} : { comment: `asked for: ${specifier}` }),
  }, `package:${ecosystem}/${name}`));
  graph.relate(root, 'dependsOn', packages, 'noAssertion');
  const libraries = bom.libraries.map(({ name, version, purl }) => graph.add({
    type: 'software_Package', name: name.value, software_primaryPurpose: 'library',
    ...(version === undefined ? {} : { software_packageVersion: version.value }), ...(purl === undefined ? {} : { software_packageUrl: purl }),
  }, `library:${name.value}`));
  graph.relate(root, 'dependsOn', libraries, 'noAssertion');
}

/** The data files of one folder. */
function localDataset(bom: Bom, { folder, files, size, sha256 }: LocalDataset, graph: SpdxGraph): string {
  const details = bom.details.datasets.get(folder);
  const overlay = overlayOf(bom, folder === '' ? '.' : folder, ...files, details?.name?.value);
  const [name, released] = [details?.name?.value ?? (folder === '' ? 'data' : folder), timeOf(overlay?.released ?? details?.released?.value)];
  const owners = [...new Set([...(overlay?.owner === undefined ? [] : [overlay.owner]), ...(details?.owners ?? []).map(({ value }) => value)])].map((owner) => graph.add({ type: 'Agent', name: owner }, `owner:${owner}`));
  const url = webUrl(overlay?.url ?? details?.homepage?.value ?? '');
  const id = graph.add({
    type: 'dataset_DatasetPackage', name, software_primaryPurpose: 'data',
    ...(details?.description === undefined ? {} : { description: details.description.value }),
    ...(sha256 === undefined ? {} : { verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: sha256, comment: `one line '<sha256>  <path>' for each of ${files.length} files, sorted by path` }] }),
    ...(released === undefined ? {} : { releaseTime: released }), ...(owners.length === 0 ? {} : { originatedBy: owners }), ...(url === undefined ? {} : { software_downloadLocation: url }),
    ...datasetProperties(bom, folder, size),
  }, `dataset:folder:${folder}`);
  graph.relate(id, 'contains', files.flatMap((path) => graph.at(path) ?? []), 'complete');
  const licence = overlay?.licence ?? details?.licence?.value;
  const expression = licence === undefined ? undefined : licenceOf(licence);
  const words = expression?.expression ?? expression?.id;
  graph.relate(id, 'hasDeclaredLicense', [words === undefined ? (licence === undefined ? 'expandedlicensing_NoAssertionLicense' : graph.add({ type: 'simplelicensing_SimpleLicensingText', simplelicensing_licenseText: licence }, `licence:${licence}`))
    : graph.add({ type: 'simplelicensing_LicenseExpression', simplelicensing_licenseExpression: words }, `licence:${words}`)]);
  graph.relate(id, 'hasConcludedLicense', ['expandedlicensing_NoAssertionLicense']);
  return id;
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
