// SPDX-License-Identifier: Apache-2.0
// Bom → CycloneDX 1.7 (ECMA-424, 2nd edition).
import type { Bom } from './bom.ts';
import { contentOrder, properties, type Pairs } from './canonical.ts';
import { adapterComponents, ancestor, baseComponents, fileComponents, libraryComponents, localComponent, origin, referencedComponent, tableProperties, wholeDataset } from './components.ts';
import type { Aggregate, Component, Document, ExternalReference, Identification } from './document.ts';
import { rootFiles, type BomFile } from './files.ts';
import { licenceChoices, modelCard } from './model-card.ts';
import { References } from './references.ts';
import { pathReference, webUrl } from './text.ts';
import type { Value } from './value.ts';
import { vulnerability, type Advice } from './vulnerabilities.ts';

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
