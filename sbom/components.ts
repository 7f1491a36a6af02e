// SPDX-License-Identifier: Apache-2.0
// Everything in a CycloneDX document but its subject: files, models, datasets, libraries.
import type { Bom, LocalDataset } from './bom.ts';
import { contentOrder, properties, type Pairs } from './canonical.ts';
import type { Component } from './document.ts';
import type { BomFile } from './files.ts';
import type { BaseModel, ReferencedDataset } from './lineage.ts';
import type { References } from './references.ts';
import { lastPart, pathReference, publishable } from './text.ts';
import { fileName, type Value } from './value.ts';
import { shortCount, type Weights } from './weights.ts';

/** 'declared; README.md; medium': origin, source, confidence. */
export function origin(value: Value<unknown> | undefined): string | undefined {
  return value === undefined ? undefined : [value.origin, value.source === '' ? '.' : value.source, value.confidence].join('; ');
}

/** Each file with its members nested in it; a template inside a file stands beside it. */
export function fileComponents(bom: Bom, refs: References): Component[] {
  const weights = new Map(bom.weights.map((one) => [one.path, one]));
  const out: Component[] = [];
  for (const file of bom.files) {
    const templates = file.members.filter(({ role }) => role === 'chat-template');
    const members = file.members.filter(({ role }) => role !== 'chat-template').map((member) => fileComponent(member, refs, weights));
    out.push({ ...fileComponent(file, refs, weights), ...(members.length === 0 ? {} : { components: members.sort(contentOrder((one) => one['bom-ref']!)) }) });
    for (const template of templates) out.push(fileComponent(template, refs, weights));
  }
  return out;
}

function fileComponent(file: BomFile, refs: References, weights: ReadonlyMap<string, Weights>): Component {
  const template = file.role === 'chat-template';
  const tensors = weights.get(file.path);
  return {
    type: 'file',
    'bom-ref': refs.claim(`${template ? 'template' : 'file'}:${pathReference(file.path)}`, file.path),
    name: file.path,
    ...(file.sha256 === undefined ? {} : { version: `sha256:${file.sha256}`, hashes: [{ alg: 'SHA-256', content: file.sha256 }] }),
    properties: properties([
      ['assay:file:role', file.role],
      ['assay:file:size', String(file.size)],
      ['assay:file:format', file.format],
      ['assay:coverage', file.coverage],
      ['assay:hash', file.sha256 !== undefined ? undefined : file.role === 'link' ? 'none: a symbolic link, not followed' : 'unknown: the bytes were not read to their end'],
      ['cdx:ai-ml:model:template:chat', template && /chat_template/.test(file.path) ? 'true' : undefined],
      ...(tensors === undefined ? [] : tensorProperties(tensors)),
    ]),
  };
}

function tensorProperties({ tensors, elements, dtypes, packed, quantisation }: Weights): Pairs {
  const histogram = Object.entries(dtypes).map(([dtype, count]) => `${dtype}=${count}`).join(', ');
  return [
    ['assay:weights:tensors', String(tensors)],
    ['assay:weights:elements', elements === undefined ? 'unknown' : String(elements)],
    ['assay:weights:packed', packed ? 'true' : undefined],
    ['assay:weights:dtypes', histogram === '' ? undefined : histogram],
    ['assay:weights:quantisation', quantisation?.value],
  ];
}

/** As it stands in a pedigree: without bom-ref, since a ref occurs once, but with the purl of the component. */
export function ancestor({ id, purl, revision }: BaseModel): Component {
  return { type: 'machine-learning-model', name: lastPart(id.value), version: revision ?? 'unknown', ...(purl === undefined ? {} : { purl }) };
}

const mostOccurrences = 100;

function occurrences(said: readonly Value[]): NonNullable<Component['evidence']> {
  const all = said.slice(0, mostOccurrences).map(({ source, at }) => ({ location: source, ...(at === undefined ? {} : { offset: at[0] }) }));
  const unique = new Map(all.map((place) => [`${place.location} ${place.offset ?? ''}`, place]));
  return { occurrences: [...unique.values()].sort(contentOrder(({ location, offset }) => `${location} ${String(offset ?? 0).padStart(16, '0')}`)) };
}

function baseComponent(base: BaseModel, refs: References): Component {
  const { id, purl, url, said, relation } = base;
  const where = url ?? (purl === undefined ? undefined : `https://huggingface.co/${id.value}`);
  return {
    type: 'machine-learning-model',
    'bom-ref': refs.claim(`model:base:${pathReference(id.value)}`),
    ...(id.value.includes('/') && purl !== undefined ? { group: id.value.slice(0, id.value.indexOf('/')) } : {}),
    name: lastPart(id.value),
    version: base.revision ?? 'unknown',
    isExternal: true,
    ...(purl === undefined ? {} : { purl }),
    ...(where === undefined ? {} : { externalReferences: [{ type: 'distribution', url: where }] }),
    evidence: occurrences(said),
    properties: properties([
      ['assay:relation', relation ?? 'unknown'],
      ['assay:origin', origin(id)],
      ['assay:hash', 'unknown: referred to, not among the files'],
    ]),
  };
}

/** One component for each base model of the subject and of the adapters in it, and the ref of each id. */
export function baseComponents(bom: Bom, refs: References): { bases: Component[]; baseRefs: Map<string, string> } {
  const bases: Component[] = [];
  const baseRefs = new Map<string, string>();
  for (const base of [...bom.baseModels, ...bom.adapters.flatMap((adapter) => adapter.bases)]) {
    if (baseRefs.has(base.id.value)) continue;
    const component = baseComponent(base, refs);
    bases.push(component);
    baseRefs.set(base.id.value, component['bom-ref']!);
  }
  return { bases, baseRefs };
}

/** Adapters below the root, and what each depends on. */
export function adapterComponents(bom: Bom, refs: References, baseRefs: ReadonlyMap<string, string>): { components: Component[]; dependencies: Map<string, string[]> } {
  const components: Component[] = [];
  const dependencies = new Map<string, string[]>();
  const elements = new Map(bom.weights.map((one) => [one.path, one.elements]));
  for (const { folder, files, bases } of bom.adapters) {
    const ref = refs.claim(`model:adapter:${pathReference(folder)}`);
    const count = files.reduce((sum, path) => sum + (elements.get(path) ?? 0), 0);
    components.push({
      type: 'machine-learning-model',
      'bom-ref': ref,
      name: fileName(folder),
      version: 'unknown',
      ...(bases.length === 0 ? {} : { pedigree: { ancestors: bases.map(ancestor), notes: bases.map(({ id }) => `${id.value}: adapter, declared in ${id.source}`).join('\n') } }),
      modelCard: {
        properties: properties([
          ['cdx:ai-ml:model:parameter:tune_method', 'adapter'],
          ['cdx:ai-ml:model:parameter:count', count > 0 && Number.isSafeInteger(count) ? shortCount(count) : undefined],
        ]),
      },
      properties: properties([['assay:folder', folder]]),
    });
    dependencies.set(ref, [...files.map((path) => refs.of(path)!), ...bases.map(({ id }) => baseRefs.get(id.value)!)]);
  }
  return { components, dependencies };
}

/** A dataset that is named, not delivered. */
export function referencedComponent({ id, uses, revision, url, said }: ReferencedDataset, refs: References): Component {
  return {
    type: 'data',
    'bom-ref': refs.claim(`dataset:ref:${pathReference(id.value)}`),
    name: id.value,
    version: revision ?? 'unknown',
    isExternal: true,
    ...(url === undefined ? {} : { externalReferences: [{ type: 'distribution', url }] }),
    evidence: occurrences(said),
    data: [{ type: 'dataset', name: id.value, ...(url === undefined ? {} : { contents: { url } }) }],
    properties: properties([
      ...uses.map((use) => ['assay:dataset:use', use] as const),
      ['assay:sensitive-data', 'unknown'],
      ['assay:origin', origin(id)],
      ['assay:hash', 'unknown: referred to, not among the files'],
    ]),
  };
}

/** The data files of one folder. */
export function localComponent(dataset: LocalDataset, refs: References): Component {
  const { folder } = dataset;
  const name = folder === '' ? 'data' : fileName(folder);
  return {
    type: 'data',
    'bom-ref': refs.claim(`dataset:folder:${pathReference(folder === '' ? '.' : folder)}`),
    name,
    version: 'unknown',
    data: [{ type: 'dataset', name, contents: { properties: tableProperties(dataset) } }],
    properties: properties([['assay:folder', folder === '' ? '.' : folder], ['assay:dataset:use', 'unknown'], ['assay:sensitive-data', 'unknown']]),
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

/** Size and columns of a dataset; nothing when there is none. */
export function tableProperties(dataset: LocalDataset | undefined): ReturnType<typeof properties> {
  if (dataset === undefined) return [];
  const columns = dataset.columns.length <= 200 ? dataset.columns : [...dataset.columns.slice(0, 200), `and ${dataset.columns.length - 200} more`];
  return properties([
    ['assay:dataset:files', String(dataset.files.length)],
    ['assay:dataset:bytes', String(dataset.size)],
    ['assay:dataset:rows', dataset.rows === undefined ? 'unknown' : String(dataset.rows)],
    ...columns.map((column) => ['assay:dataset:column', publishable(column)] as const),
  ]);
}

/** Libraries that a card or configuration names. */
export function libraryComponents(bom: Bom, refs: References): Component[] {
  return bom.libraries.map(({ name, version, purl }): Component => ({
    type: 'library',
    'bom-ref': refs.claim(purl ?? `library:${pathReference(name.value)}`),
    name: name.value,
    version: version?.value ?? 'unknown',
    isExternal: true,
    ...(purl === undefined ? {} : { purl }),
    evidence: occurrences(version === undefined ? [name] : [name, version]),
    properties: properties([['assay:origin', origin(name)], ['assay:hash', 'unknown: referred to, not among the files']]),
  }));
}
