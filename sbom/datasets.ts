// SPDX-License-Identifier: Apache-2.0
// Data sets as components: those among the files, and those that are only named.
import { given, type Bom, type LocalDataset } from './bom.ts';
import { properties, type Pairs } from './canonical.ts';
import { occurrences, origin } from './components.ts';
import type { DatasetDetails } from './details.ts';
import type { Component, ComponentData, LicenceChoice, Property } from './document.ts';
import { licenceOf } from './licences.ts';
import type { ReferencedDataset } from './lineage.ts';
import { licenceChoices } from './model-card.ts';
import type { OverlayDataset } from './overlay.ts';
import type { References } from './references.ts';
import { pathReference, publishable, webUrl } from './text.ts';
import { fileName, type Value } from './value.ts';

/** What the user says of a data set, by its folder, one of its files, its name or the last part of it. */
export function overlayOf(bom: Bom, ...names: readonly (string | undefined)[]): OverlayDataset | undefined {
  const all = bom.overlay.datasets ?? {};
  for (const name of names) if (name !== undefined && Object.hasOwn(all, name)) return all[name];
  return undefined;
}

interface Described {
  readonly name: string;
  readonly details?: DatasetDetails | undefined;
  readonly overlay?: OverlayDataset | undefined;
  readonly table?: LocalDataset | undefined;
  readonly url?: string | undefined;
}

/** `component.data[0]`. */
export function dataOf({ name, details, overlay, table, url }: Described): ComponentData {
  const description = overlay?.description ?? details?.description?.value;
  const owners = [...(overlay?.owner === undefined ? [] : [overlay.owner]), ...(details?.owners ?? []).map(({ value }) => value)];
  const sensitive = [...(overlay?.sensitive ?? []), ...(details?.topics ?? []).filter(({ key }) => key === 'personal-data').map(({ value }) => value.value)];
  const contents = { ...(url === undefined ? {} : { url }), ...some('properties', tableProperties(table, details)) };
  const governance = {
    ...(overlay?.custodian === undefined ? {} : { custodians: [{ organization: { name: overlay.custodian } }] }),
    ...(owners.length === 0 ? {} : { owners: [...new Set(owners)].map((owner) => ({ organization: { name: owner } })) }),
  };
  return {
    type: 'dataset',
    name,
    ...(Object.keys(contents).length === 0 ? {} : { contents }),
    ...(overlay?.classification === undefined ? {} : { classification: overlay.classification }),
    ...(sensitive.length === 0 ? {} : { sensitiveData: sensitive }),
    ...(description === undefined ? {} : { description: publishable(description) }),
    ...(Object.keys(governance).length === 0 ? {} : { governance }),
  };
}

function some(key: string, list: readonly Property[]): Record<string, readonly Property[]> {
  return list.length === 0 ? {} : { [key]: list };
}

/** Provenance, biases and the like; what is not known is said. */
export function datasetStatements({ details, overlay, table }: Omit<Described, 'name'>): Pairs {
  const personal = overlay?.personalData ?? (details?.topics.find(({ key }) => key === 'personal-data')?.value.value);
  const roles = (['label', 'text', 'image', 'split'] as const).flatMap((role) => (overlay?.[role] === undefined ? [] : [[`assay:dataset:role:${role}`, overlay[role]] as const]));
  const uses = overlay?.use === undefined ? splitsOf(table) : [overlay.use];
  return [
    ['assay:sensitive-data', personal ?? 'unknown'],
    ...uses.map((use) => ['assay:dataset:use', use] as const),
    ...roles,
    ['assay:provenance', overlay?.provenance],
    ['assay:dataset:collected', overlay?.collected],
    ['assay:dataset:released', overlay?.released ?? details?.released?.value],
    ...(overlay?.bias ?? []).map((bias) => ['assay:bias', bias] as const),
    ...(details?.sources ?? []).map(({ value }) => ['assay:provenance:source', value] as const),
    ...(details?.topics ?? []).filter(({ key }) => key !== 'personal-data').map(({ key, value }) => [/^(bias|risks)$/.test(key) ? 'assay:bias' : provenance.has(key) ? `assay:provenance:${key}` : `assay:dataset:${key}`, value.value] as const),
    ['assay:origin:description', origin(details?.description ?? (overlay?.description === undefined ? undefined : given('')))],
    ['assay:origin:licence', origin(overlay?.licence === undefined ? details?.licence : given(''))],
  ];
}

const provenance = new Set(['collection', 'collection-type', 'collection-time', 'raw-data', 'annotation', 'annotation-platform', 'annotations-creators', 'language-creators', 'data-collection', 'curation', 'preprocessing', 'manipulation', 'imputation']);

/** What the names of its files say it is for: derived, so only where they say it plainly. */
function splitsOf(table: LocalDataset | undefined): string[] {
  const out = new Set<string>();
  for (const path of table?.files ?? []) {
    const name = fileName(path).toLowerCase();
    if (/(^|[-_.])train([-_.]|$)/.test(name)) out.add('training (by the name of a file)');
    if (/(^|[-_.])(test|valid(ation)?|dev|eval)([-_.]|$)/.test(name)) out.add('evaluation (by the name of a file)');
  }
  return out.size === 0 ? ['unknown'] : [...out].sort();
}

export function datasetLicences(details: DatasetDetails | undefined, overlay: OverlayDataset | undefined): LicenceChoice[] {
  const declared: Value | undefined = overlay?.licence === undefined ? details?.licence : given(overlay.licence);
  if (declared === undefined) return [];
  const licence = licenceOf(declared.value);
  return licenceChoices([{ declared, ...(licence === undefined ? {} : { licence }) }]);
}

/** A dataset that is named, not delivered. */
export function referencedComponent(bom: Bom, { id, uses, revision, url, said }: ReferencedDataset, refs: References): Component {
  const overlay = overlayOf(bom, id.value, id.value.split('/').at(-1));
  const licences = datasetLicences(undefined, overlay);
  const where = url ?? (overlay?.url === undefined ? undefined : webUrl(overlay.url));
  return {
    type: 'data',
    'bom-ref': refs.claim(`dataset:ref:${pathReference(id.value)}`),
    name: id.value,
    version: revision ?? 'unknown',
    isExternal: true,
    ...(licences.length === 0 ? {} : { licenses: licences }),
    ...(where === undefined ? {} : { externalReferences: [{ type: 'distribution', url: where }] }),
    evidence: occurrences(said),
    data: [dataOf({ name: id.value, overlay, url: where })],
    properties: properties([
      ...uses.map((use) => ['assay:dataset:use', use] as const),
      ...datasetStatements({ overlay }).filter(([name, value]) => !(name === 'assay:dataset:use' && value === 'unknown')),
      ['assay:origin', origin(id)],
      ['assay:hash', 'unknown: referred to, not among the files'],
    ]),
  };
}

/** The data files of one folder. */
export function localComponent(bom: Bom, dataset: LocalDataset, refs: References): Component {
  const { folder, files, sha256 } = dataset;
  const details = bom.details.datasets.get(folder);
  const name = details?.name?.value ?? (folder === '' ? 'data' : fileName(folder));
  const overlay = overlayOf(bom, folder === '' ? '.' : folder, ...files, details?.name?.value, fileName(folder));
  const licences = datasetLicences(details, overlay);
  const homepage = overlay?.url === undefined ? details?.homepage?.value : overlay.url;
  const url = homepage === undefined ? undefined : webUrl(homepage);
  return {
    type: 'data',
    'bom-ref': refs.claim(`dataset:folder:${pathReference(folder === '' ? '.' : folder)}`),
    name,
    version: sha256 === undefined ? 'unknown' : `sha256:${sha256}`,
    ...(sha256 === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: sha256 }] }),
    ...(licences.length === 0 ? {} : { licenses: licences }),
    ...(url === undefined ? {} : { externalReferences: [{ type: 'website', url }] }),
    data: [dataOf({ name, details, overlay, table: dataset, url })],
    properties: properties([
      ['assay:folder', folder === '' ? '.' : folder],
      ['assay:digest:of', sha256 === undefined ? undefined : `one line '<sha256>  <path>' for each of ${files.length} files, sorted by path`],
      ...datasetStatements({ details, overlay, table: dataset }),
    ]),
  };
}

/** The tables of all folders, as one. */
export function wholeDataset(parts: readonly LocalDataset[]): LocalDataset {
  return {
    folder: '',
    files: parts.flatMap(({ files }) => files),
    size: parts.reduce((sum, { size }) => sum + size, 0),
    rows: parts.reduce<number | undefined>((sum, { rows }) => (sum === undefined || rows === undefined ? undefined : sum + rows), 0),
    columns: [...new Set(parts.flatMap(({ columns }) => columns))].sort(),
  };
}

/** Size, splits and columns of a dataset; nothing when there is none. */
export function tableProperties(dataset: LocalDataset | undefined, details?: DatasetDetails): Property[] {
  const declared: Pairs = [
    ...(details?.splits ?? []).slice(0, 200).map(({ key, value }) => ['assay:dataset:split', `${publishable(key)}=${value.value}`] as const),
    ...(details?.features ?? []).slice(0, 200).map(({ key, value }) => ['assay:dataset:declared-column', `${key.replace(/^(feature|classes) /, '')}: ${value.value}`] as const),
  ];
  if (dataset === undefined) return properties(declared);
  const columns = dataset.columns.length <= 200 ? dataset.columns : [...dataset.columns.slice(0, 200), `and ${dataset.columns.length - 200} more`];
  return properties([
    ['assay:dataset:files', String(dataset.files.length)],
    ['assay:dataset:bytes', String(dataset.size)],
    ['assay:dataset:rows', dataset.rows === undefined ? 'unknown' : String(dataset.rows)],
    ...columns.map((column) => ['assay:dataset:column', publishable(column)] as const),
    ...declared,
  ]);
}
