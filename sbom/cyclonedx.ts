// SPDX-License-Identifier: Apache-2.0
// Bom → CycloneDX 1.7 (ECMA-424, 2nd edition).
import type { Bom, LocalDataset } from './bom.ts';
import { contentOrder, properties, type Pairs } from './canonical.ts';
import type { Aggregate, Component, Document, ExternalReference, Identification } from './document.ts';
import { rootFiles, type BomFile } from './files.ts';
import type { BaseModel, ReferencedDataset } from './lineage.ts';
import { licenceChoices, modelCard } from './model-card.ts';
import { References } from './references.ts';
import { lastPart, pathReference, publishable, webUrl } from './text.ts';
import { fileName, type Value } from './value.ts';
import { vulnerability, type Advice } from './vulnerabilities.ts';
import { shortCount, type Weights } from './weights.ts';

export interface DocumentOptions {
  /** Seconds since 1970 for `metadata.timestamp`; without it the document carries no time at all. */
  readonly epoch?: number;
  /** What to do about a rule's findings. */
  readonly advice?: Advice;
}

const rootTypes = { model: 'machine-learning-model', dataset: 'data', unknown: 'file' } as const;

/** The document without its serial number. */
export function documentOf(bom: Bom, options: DocumentOptions = {}): Document {
  const refs = new References();
  const root = refs.claim(`${bom.kind === 'unknown' ? 'subject' : bom.kind}:root`, '');
  const files = fileComponents(bom, refs);
  const { bases, baseRefs } = baseComponents(bom, refs);
  const adapters = adapterComponents(bom, refs, baseRefs);
  const referenced = bom.datasets.map((dataset) => ({ dataset, component: referencedComponent(dataset, refs) }));
  const local = bom.localDatasets.filter(({ folder }) => bom.kind !== 'dataset' || folder !== '').map((dataset) => ({ dataset, component: localComponent(dataset, refs) }));
  const libraries = libraryComponents(bom, refs);
  const datasetRefs = [...referenced, ...local].map(({ component }) => component['bom-ref']!);
  const components = [...files, ...bases, ...adapters.components, ...[...referenced, ...local].map(({ component }) => component), ...libraries];
  const subject = subjectComponent(bom, root, datasetRefs);
  const dependencies = new Map<string, readonly string[]>([[root, components.map((one) => one['bom-ref']!)]]);
  for (const { dataset, component } of local) dependencies.set(component['bom-ref']!, dataset.files.map((path) => refs.of(path)!));
  for (const [ref, on] of adapters.dependencies) dependencies.set(ref, on);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.7.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.7',
    version: 1,
    metadata: {
      ...(options.epoch === undefined ? {} : { timestamp: new Date(options.epoch * 1000).toISOString().replace('.000Z', 'Z') }),
      lifecycles: [{ phase: 'post-build' }],
      tools: { components: [{ type: 'application', name: bom.tool.name, version: bom.tool.version }] },
      component: subject,
      properties: metadataProperties(bom, options),
    },
    components: components.sort(contentOrder((one) => one['bom-ref']!)),
    dependencies: [...dependencies].map(([ref, on]) => ({ ref, ...(on.length === 0 ? {} : { dependsOn: [...new Set(on)].sort() }) })).sort(contentOrder((one) => one.ref)),
    compositions: compositions(bom, refs, root, [...bases, ...referenced.map(({ component }) => component), ...libraries]),
    vulnerabilities: bom.findings.map((finding) => vulnerability(finding, refs, root, bom.tool, options.advice)).sort(contentOrder((one) => one['bom-ref'])),
  };
}

function metadataProperties(bom: Bom, options: DocumentOptions): ReturnType<typeof properties> {
  const { summary, tool } = bom;
  return properties([
    // The taxonomy forbids times beside this mark.
    ['cdx:reproducible', options.epoch === undefined ? 'true' : undefined],
    ['assay:ruleset', tool.ruleset],
    ['assay:verdict', summary.verdict],
    ['assay:files', String(summary.files)],
    ['assay:bytes', String(summary.bytes)],
    ['assay:artefacts', String(summary.artefacts)],
    ['assay:artefacts:incomplete', String(summary.incomplete)],
    ['assay:artefacts:unsupported', String(summary.unsupported)],
    ['assay:excluded', bom.excluded > 0 ? String(bom.excluded) : undefined],
  ]);
}

function subjectComponent(bom: Bom, ref: string, datasetRefs: readonly string[]): Component {
  const { identity, digest } = bom;
  const text = (field: Parameters<Bom['claims']>[0]): string | undefined => bom.claims(field)[0]?.value;
  const authors = [...new Set(bom.claims('author').map(({ value }) => value))].sort().map((name) => ({ name }));
  const organisation = text('organisation');
  const description = text('description');
  const tags = [...new Set(bom.claims('tag').map(({ value }) => value))].sort();
  const licences = licenceChoices(bom.licences);
  const ancestors = bom.baseModels.map(ancestor);
  const relations = bom.baseModels.map((base) => `${base.id.value}: ${base.relation ?? 'relation unknown'}, declared in ${places(base.said)}`);
  const references = externalReferences(bom);
  const dataset = bom.kind === 'dataset' ? wholeDataset(bom.localDatasets) : undefined;
  return {
    type: rootTypes[bom.kind],
    'bom-ref': ref,
    ...(organisation === undefined ? {} : { manufacturer: { name: organisation } }),
    ...(authors.length === 0 ? {} : { authors }),
    ...(identity.group === undefined ? {} : { group: identity.group.value }),
    name: identity.name.value,
    version: identity.version?.value ?? 'unknown',
    ...(description === undefined ? {} : { description }),
    ...(digest === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: digest.sha256 }] }),
    ...(licences.length === 0 ? {} : { licenses: licences }),
    ...(identity.purl === undefined ? {} : { purl: identity.purl.value }),
    ...(ancestors.length === 0 ? {} : { pedigree: { ancestors, notes: relations.join('\n') } }),
    ...(references.length === 0 ? {} : { externalReferences: references }),
    evidence: { identity: identification(bom) },
    ...(bom.kind === 'model' ? { modelCard: modelCard(bom, datasetRefs) } : {}),
    ...(bom.kind === 'dataset' ? { data: [{ type: 'dataset' as const, name: identity.name.value, contents: { properties: tableProperties(dataset) } }] } : {}),
    properties: subjectProperties(bom),
    ...(tags.length === 0 ? {} : { tags }),
  };
}

function subjectProperties(bom: Bom): ReturnType<typeof properties> {
  const { identity, digest, parameters } = bom;
  const pairs: Pairs = [
    ['assay:subject:kind', bom.kind],
    ['assay:digest:of', digest?.of ?? 'unknown: not every file could be hashed'],
    ['assay:licence', bom.licences.length === 0 ? 'unknown' : undefined],
    ['assay:sensitive-data', bom.kind === 'dataset' ? 'unknown' : undefined],
    ['assay:parameters', bom.kind === 'model' ? (parameters === undefined ? 'unknown' : String(parameters.value)) : undefined],
    ['assay:parameters:how', parameters?.how],
    ...bom.licences.filter(({ licence }) => licence === undefined).map(({ declared }) => ['assay:licence:declared', declared.value] as const),
    ...identity.rejected.map(({ name, why }) => ['assay:name:rejected', `${name.value} (${name.source}): ${why}`] as const),
    ...bom.traces.map(({ id }) => ['assay:lineage:trace', `${id.value} (${id.source})`] as const),
    ...bom.conflicts.map(({ field, values }) => [`assay:conflict:${field}`, listed(values.map(({ value, source }) => `${value} (${source})`), ' ≠ ')] as const),
    ...bom.claims('producer').map(({ value }) => ['assay:producer', value] as const),
    ...bom.claims('version').map(({ value }) => ['assay:version:declared', value] as const),
    ...(['name', 'version', 'purl'] as const).map((field) => [`assay:origin:${field}`, origin(identity[field])] as const),
    ...(['description', 'author', 'organisation', 'licence', 'task', 'architecture', 'model-type', 'language', 'context-length'] as const)
      .map((field) => [`assay:origin:${field}`, origin(bom.claims(field)[0])] as const),
    ['assay:origin:parameters', origin(parameters)],
    ...Object.entries(bom.omitted).map(([kind, count]) => [`assay:omitted:${kind}`, String(count)] as const),
  ];
  return properties(pairs);
}

function places(said: readonly Value[]): string {
  return listed([...new Set(said.map(({ source }) => source))], ', ');
}

/** The first ten, and how many more there are: a folder of thousands of files must not make a line of megabytes. */
function listed(items: readonly string[], between: string): string {
  const more = items.length - 10;
  return more > 0 ? [...items.slice(0, 10), `and ${more} more`].join(between) : items.join(between);
}

/** 'declared; README.md; medium': origin, source, confidence. */
function origin(value: Value<unknown> | undefined): string | undefined {
  return value === undefined ? undefined : [value.origin, value.source === '' ? '.' : value.source, value.confidence].join('; ');
}

const sureness = { high: 0.9, medium: 0.6, low: 0.3 } as const;

function identification(bom: Bom): Identification[] {
  return (['name', 'version', 'purl'] as const).flatMap((field): Identification[] => {
    const value = bom.identity[field];
    if (value === undefined) return [];
    const confidence = sureness[value.confidence];
    const technique = value.origin === 'declared' ? 'manifest-analysis' : value.origin === 'derived' ? 'hash-comparison' : value.origin === 'observed' ? 'filename' : 'other';
    const method = value.how ?? (value.origin === 'given' ? 'given by the user' : value.source);
    return [{ field, confidence, concludedValue: value.value, methods: [{ technique, confidence, value: method }] }];
  });
}

function externalReferences(bom: Bom): ExternalReference[] {
  const out: ExternalReference[] = [];
  const add = (type: string, pattern: RegExp): void => {
    for (const file of rootFiles(bom.files, pattern)) {
      out.push({ type, url: pathReference(file.path), ...(file.sha256 === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: file.sha256 }] }) });
    }
  };
  if (bom.kind === 'model') add('model-card', /^(readme|model_?card)\.md$/i);
  else add('documentation', /^(readme|dataset_?card)\.md$/i);
  add('license', /^(licen[cs]e|copying)([._-].*)?$/i);
  add('documentation', /^use_policy(\..*)?$/i);
  add('security-contact', /^security(\.md|\.txt)?$/i);
  add('digital-signature', /\.(sig|sigstore|sigstore\.json|asc)$/i);
  for (const [field, type] of [['homepage', 'website'], ['repository', 'vcs'], ['url', 'website']] as const) {
    for (const { value } of bom.claims(field)) {
      const url = webUrl(value);
      if (url !== undefined) out.push({ type, url });
    }
  }
  const unique = new Map(out.map((one) => [`${one.type} ${one.url}`, one]));
  return [...unique.values()].sort(contentOrder((one) => `${one.type} ${one.url}`));
}

function fileComponents(bom: Bom, refs: References): Component[] {
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
      ['assay:hash', file.sha256 === undefined ? 'unknown: the bytes were not read to their end' : undefined],
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
function ancestor({ id, purl, revision }: BaseModel): Component {
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
function baseComponents(bom: Bom, refs: References): { bases: Component[]; baseRefs: Map<string, string> } {
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

function adapterComponents(bom: Bom, refs: References, baseRefs: ReadonlyMap<string, string>): { components: Component[]; dependencies: Map<string, string[]> } {
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

function referencedComponent({ id, uses, revision, url, said }: ReferencedDataset, refs: References): Component {
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

function localComponent(dataset: LocalDataset, refs: References): Component {
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
function wholeDataset(parts: readonly LocalDataset[]): LocalDataset {
  return {
    folder: '',
    files: parts.flatMap(({ files }) => files),
    size: parts.reduce((sum, { size }) => sum + size, 0),
    rows: parts.reduce<number | undefined>((sum, { rows }) => (sum === undefined || rows === undefined ? undefined : sum + rows), 0),
    columns: [...new Set(parts.flatMap(({ columns }) => columns))].sort(),
  };
}

function tableProperties(dataset: LocalDataset | undefined): ReturnType<typeof properties> {
  if (dataset === undefined) return [];
  const columns = dataset.columns.length <= 200 ? dataset.columns : [...dataset.columns.slice(0, 200), `and ${dataset.columns.length - 200} more`];
  return properties([
    ['assay:dataset:files', String(dataset.files.length)],
    ['assay:dataset:bytes', String(dataset.size)],
    ['assay:dataset:rows', dataset.rows === undefined ? 'unknown' : String(dataset.rows)],
    ...columns.map((column) => ['assay:dataset:column', publishable(column)] as const),
  ]);
}

function libraryComponents(bom: Bom, refs: References): Component[] {
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

/** What is known to be missing: the "known unknowns" of CISA's minimum elements. */
function compositions(bom: Bom, refs: References, root: string, outside: readonly Component[]): Document['compositions'] {
  const all = bom.files.flatMap((file) => [file, ...file.members]);
  const refsOf = (wanted: (file: BomFile) => boolean): string[] => all.filter(wanted).map(({ path }) => refs.of(path)!).sort();
  const partial = refsOf(({ coverage }) => coverage === 'partial' || coverage === 'failed');
  const unread = refsOf(({ coverage }) => coverage === 'unsupported');
  const whole = partial.length === 0 && Object.keys(bom.omitted).length === 0 && bom.excluded === 0 && bom.files.every(({ sha256, role }) => sha256 !== undefined || role === 'link');
  const external = outside.map((one) => one['bom-ref']!).sort();
  const list: { aggregate: Aggregate; assemblies?: string[]; dependencies?: string[] }[] = [
    { aggregate: whole ? 'complete' : 'incomplete', assemblies: [root] },
    // What a model needs at run time is not said in its files.
    { aggregate: 'unknown', dependencies: [root] },
  ];
  if (partial.length > 0) list.push({ aggregate: 'incomplete', assemblies: partial });
  if (unread.length > 0) list.push({ aggregate: 'unknown', assemblies: unread });
  if (external.length > 0) list.push({ aggregate: 'unknown', assemblies: external });
  return list;
}
