// SPDX-License-Identifier: Apache-2.0
// Everything in a CycloneDX document but its subject: files, models, datasets, libraries.
import type { Bom } from './bom.ts';
import { contentOrder, properties, type Pairs } from './canonical.ts';
import type { Component } from './document.ts';
import type { Promised } from './details.ts';
import type { BomFile } from './files.ts';
import type { BaseModel } from './lineage.ts';
import type { References } from './references.ts';
import { lastPart, pathReference } from './text.ts';
import { fileName, type Value } from './value.ts';
import { shortCount, type Weights } from './weights.ts';

/** 'declared; README.md; medium': origin, source, confidence. */
export function origin(value: Value<unknown> | undefined): string | undefined {
  return value === undefined ? undefined : [value.origin, value.source === '' ? '.' : value.source, value.confidence].join('; ');
}

/** Each file with its members nested in it; a template inside a file stands beside it. */
export function fileComponents(bom: Bom, refs: References): Component[] {
  const weights = new Map(bom.weights.map((one) => [one.path, one]));
  const promised = Map.groupBy(bom.details.promised, ({ path }) => path);
  const out: Component[] = [];
  for (const file of bom.files) {
    const templates = file.members.filter(({ role }) => role === 'chat-template');
    const members = file.members.filter(({ role }) => role !== 'chat-template').map((member) => fileComponent(member, refs, weights, promised));
    out.push({ ...fileComponent(file, refs, weights, promised), ...(members.length === 0 ? {} : { components: members.sort(contentOrder((one) => one['bom-ref']!)) }) });
    for (const template of templates) out.push(fileComponent(template, refs, weights, promised));
  }
  return out;
}

function fileComponent(file: BomFile, refs: References, weights: ReadonlyMap<string, Weights>, promised: ReadonlyMap<string, readonly Promised[]>): Component {
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
      ...(promised.get(file.path) ?? []).slice(0, 10).map((one) => ['assay:hash:promised', promisedText(one, file.sha256)] as const),
      ['cdx:ai-ml:model:template:chat', template && /chat_template/.test(file.path) ? 'true' : undefined],
      ...(tensors === undefined ? [] : tensorProperties(tensors)),
    ]),
  };
}

/** What a hub promised, and whether it is so; git's SHA-1 of a blob and MD5 are not computed. */
function promisedText({ algorithm, hex, source }: Promised, sha256: string | undefined): string {
  const same = algorithm !== 'sha256' || sha256 === undefined ? 'not compared' : hex === sha256 ? 'as found' : 'not as found';
  return `${algorithm}:${hex} (${source}; ${same})`;
}

/** Each export or quantisation as a model of its own, and what it depends on. */
export function variantComponents(bom: Bom, refs: References): { components: Component[]; dependencies: Map<string, string[]> } {
  const weights = new Map(bom.weights.map((one) => [one.path, one]));
  const components: Component[] = [];
  const dependencies = new Map<string, string[]>();
  for (const { path, format, quantisation } of bom.variants) {
    const file = refs.of(path);
    const one = weights.get(path);
    if (file === undefined || one === undefined) continue;
    const ref = refs.claim(`model:variant:${pathReference(path)}`);
    components.push({
      type: 'machine-learning-model',
      'bom-ref': ref,
      name: fileName(path),
      version: one.sha256 === undefined ? 'unknown' : `sha256:${one.sha256}`,
      ...(one.sha256 === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: one.sha256 }] }),
      modelCard: { properties: properties([['cdx:ai-ml:model:hyperparameter:quantization', quantisation?.value], ['assay:weights:format', format]]) },
      properties: properties([['assay:relation', 'variant of the subject: another format or precision'], ...tensorProperties(one)]),
    });
    dependencies.set(ref, [file]);
  }
  return { components, dependencies };
}

/** No pipeline has more. */
const mostParts = 200;

/** Parts of a pipeline that have weights in a folder of their own, and what each depends on. */
export function partComponents(bom: Bom, refs: References): { components: Component[]; dependencies: Map<string, string[]> } {
  const byFolder = Map.groupBy(bom.weights.filter(({ path }) => !path.includes('!/')), ({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  const components: Component[] = [];
  const dependencies = new Map<string, string[]>();
  for (const { key, value } of bom.details.parts.slice(0, mostParts)) {
    const base = value.source.slice(0, Math.max(0, value.source.lastIndexOf('/')));
    const folder = base === '' ? key : `${base}/${key}`;
    const own = byFolder.get(folder);
    if (own === undefined || key === '.') continue;
    const ref = refs.claim(`model:part:${pathReference(folder)}`);
    // Several files are shards or precisions of one part: only one alone tells its size.
    const count = own.length === 1 && own[0]!.complete ? own[0]!.elements : undefined;
    components.push({
      type: 'machine-learning-model', 'bom-ref': ref, name: key, version: 'unknown',
      modelCard: { modelParameters: { modelArchitecture: value.value }, ...(count === undefined ? {} : { properties: properties([['cdx:ai-ml:model:parameter:count', shortCount(count)]]) }) },
      properties: properties([['assay:folder', folder], ['assay:relation', 'part of the subject'], ['assay:origin', origin(value)]]),
    });
    dependencies.set(ref, bom.files.filter(({ path }) => path.startsWith(`${folder}/`)).flatMap(({ path }) => refs.of(path) ?? []));
  }
  return { components, dependencies };
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

/** Where something is said. */
export function occurrences(said: readonly Value[]): NonNullable<Component['evidence']> {
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
