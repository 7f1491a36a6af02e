// SPDX-License-Identifier: Apache-2.0
// Bom → CycloneDX 1.7 (ECMA-424, 2nd edition).
import type { Bom } from './bom.ts';
import { contentOrder, properties, type Pairs } from './canonical.ts';
import { adapterComponents, ancestor, baseComponents, fileComponents, libraryComponents, origin, partComponents, variantComponents } from './components.ts';
import { dataOf, datasetStatements, localComponent, overlayOf, referencedComponent, wholeDataset } from './datasets.ts';
import type { Aggregate, Component, Document, ExternalReference, Identification, LicenceChoice, Standard } from './document.ts';
import { rootFiles, type BomFile } from './files.ts';
import { licenceOf } from './licences.ts';
import { licenceChoices, modelCard } from './model-card.ts';
import { References } from './references.ts';
import { citations, formulation, organisation, packageComponents, standards, systemService } from './surroundings.ts';
import { pathReference, webUrl } from './text.ts';
import type { Value } from './value.ts';
import { vulnerability, type Advice } from './vulnerabilities.ts';

export interface DocumentOptions {
  /** Seconds since 1970 for `metadata.timestamp`; without it the document carries no time at all. */
  readonly epoch?: number;
  /** What to do about a rule's findings. */
  readonly advice?: Advice;
  /** Standards and declarations of conformity that are made elsewhere, given the ref of the subject. */
  readonly conformity?: (subject: string) => { readonly standards?: readonly Standard[]; readonly declarations?: object };
}

const rootTypes = { model: 'machine-learning-model', dataset: 'data', unknown: 'file' } as const;

/** The document without its serial number. */
export function documentOf(bom: Bom, options: DocumentOptions = {}): Document {
  const refs = new References();
  const root = refs.claim(`${bom.kind === 'unknown' ? 'subject' : bom.kind}:root`, '');
  const files = fileComponents(bom, refs);
  const { bases, baseRefs } = baseComponents(bom, refs);
  const adapters = adapterComponents(bom, refs, baseRefs);
  const referenced = bom.datasets.map((dataset) => ({ dataset, component: referencedComponent(bom, dataset, refs) }));
  const local = bom.localDatasets.filter(({ folder }) => bom.kind !== 'dataset' || folder !== '').map((dataset) => ({ dataset, component: localComponent(bom, dataset, refs) }));
  const libraries = [...libraryComponents(bom, refs), ...packageComponents(bom, refs)];
  const variants = variantComponents(bom, refs);
  const parts = partComponents(bom, refs);
  const datasetRefs = [...referenced, ...local].map(({ component }) => component['bom-ref']!);
  const components = [...files, ...bases, ...adapters.components, ...variants.components, ...parts.components, ...[...referenced, ...local].map(({ component }) => component), ...libraries];
  const subject = subjectComponent(bom, root, datasetRefs);
  const services = systemService(bom, refs);
  const used = new Set(bom.datasets.filter(({ uses }) => uses.includes('training')).map(({ id }) => id.value));
  const runs = bom.kind === 'model' ? formulation(bom, refs, root, referenced.filter(({ dataset }) => used.has(dataset.id.value)).map(({ component }) => component['bom-ref']!)) : [];
  const conformity = options.conformity?.(root);
  const named = [...standards(bom, refs), ...(conformity?.standards ?? [])];
  const timestamp = options.epoch === undefined ? undefined : new Date(options.epoch * 1000).toISOString().replace('.000Z', 'Z');
  const cited = timestamp === undefined ? [] : citations(bom, refs, timestamp, subject);
  const { author } = bom.overlay;
  const dependencies = new Map<string, readonly string[]>([[root, components.map((one) => one['bom-ref']!)]]);
  for (const { dataset, component } of local) dependencies.set(component['bom-ref']!, dataset.files.map((path) => refs.of(path)!));
  for (const [ref, on] of [...adapters.dependencies, ...variants.dependencies, ...parts.dependencies]) dependencies.set(ref, on);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.7.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.7',
    version: bom.overlay.version ?? 1,
    metadata: {
      ...(timestamp === undefined ? {} : { timestamp }),
      lifecycles: [{ phase: 'post-build' }],
      tools: { components: [{ type: 'application', name: bom.tool.name, version: bom.tool.version }] },
      ...(author === undefined ? {} : { authors: [{ name: author.name, ...(author.email === undefined ? {} : { email: author.email }) }] }),
      component: subject,
      properties: metadataProperties(bom, options),
    },
    components: components.sort(contentOrder((one) => one['bom-ref']!)),
    ...(services.length === 0 ? {} : { services }),
    dependencies: [...dependencies].map(([ref, on]) => ({ ref, ...(on.length === 0 ? {} : { dependsOn: [...new Set(on)].sort() }) })).sort(contentOrder((one) => one.ref)),
    compositions: compositions(bom, refs, root, [...bases, ...referenced.map(({ component }) => component), ...libraries]),
    vulnerabilities: bom.findings.map((finding) => vulnerability(finding, refs, root, bom.tool, options.advice)).sort(contentOrder((one) => one['bom-ref'])),
    ...(runs.length === 0 ? {} : { formulation: runs }),
    ...(conformity?.declarations === undefined ? {} : { declarations: conformity.declarations }),
    ...(named.length === 0 ? {} : { definitions: { standards: named } }),
    ...(cited.length === 0 ? {} : { citations: cited }),
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
  const maker = bom.overlay.manufacturer;
  const organised = text('organisation');
  const supplier = bom.overlay.model?.supplier ?? maker?.name;
  const contacts = bom.overlay.contacts ?? [];
  const description = text('description');
  const tags = [...new Set(bom.claims('tag').map(({ value }) => value))].sort();
  const licences = licenceChoices(bom.licences);
  const ancestors = bom.baseModels.map(ancestor);
  const relations = bom.baseModels.map((base) => `${base.id.value}: ${base.relation ?? 'relation unknown'}, declared in ${places(base.said)}`);
  const references = externalReferences(bom);
  const dataset = bom.kind === 'dataset' ? wholeDataset(bom.localDatasets) : undefined;
  const about = bom.details.datasets.get('');
  const overlay = bom.kind === 'dataset' ? overlayOf(bom, '.', identity.name.value, ...(dataset?.files ?? [])) : undefined;
  const variants = bom.variants.map(({ path }) => ({ type: 'machine-learning-model' as const, name: path.slice(path.lastIndexOf('/') + 1), ...versionOf(bom, path) }));
  const found = foundLicences(bom);
  return {
    type: rootTypes[bom.kind],
    'bom-ref': ref,
    ...(supplier === undefined ? {} : { supplier: { name: supplier, ...(contacts.length === 0 ? {} : { contact: contacts.map(({ name, email }) => ({ name, ...(email === undefined ? {} : { email }) })) }) } }),
    ...(organised === undefined ? {} : { manufacturer: maker === undefined ? { name: organised } : organisation(maker) }),
    ...(authors.length === 0 ? {} : { authors }),
    ...(identity.group === undefined ? {} : { group: identity.group.value }),
    name: identity.name.value,
    version: identity.version?.value ?? 'unknown',
    ...(description === undefined ? {} : { description }),
    ...(digest === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: digest.sha256 }] }),
    ...(licences.length === 0 ? {} : { licenses: licences }),
    ...(identity.purl === undefined ? {} : { purl: identity.purl.value }),
    ...(ancestors.length + variants.length === 0 ? {} : { pedigree: { ...(ancestors.length === 0 ? {} : { ancestors }), ...(variants.length === 0 ? {} : { variants }), ...(relations.length === 0 ? {} : { notes: relations.join('\n') }) } }),
    ...(references.length === 0 ? {} : { externalReferences: references }),
    evidence: { identity: identification(bom), ...(found.length === 0 ? {} : { licenses: found }) },
    ...(bom.kind === 'model' ? { modelCard: modelCard(bom, datasetRefs) } : {}),
    ...(bom.kind === 'dataset' ? { data: [dataOf({ name: identity.name.value, details: about, overlay, table: dataset })] } : {}),
    properties: properties([...subjectPairs(bom), ...(bom.kind === 'dataset' ? datasetStatements({ details: about, overlay, table: dataset }) : [])]),
    ...(tags.length === 0 ? {} : { tags }),
  };
}

function versionOf(bom: Bom, path: string): { readonly version?: string } {
  const sha256 = bom.weights.find((one) => one.path === path)?.sha256;
  return sha256 === undefined ? {} : { version: `sha256:${sha256}` };
}

/** The number formats of all weights, most elements first: 'F32'. */
function precisionOf(bom: Bom): string | undefined {
  const sums = new Map<string, number>();
  for (const { dtypes } of bom.weights) for (const [dtype, count] of Object.entries(dtypes)) sums.set(dtype, (sums.get(dtype) ?? 0) + count);
  const sorted = [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([dtype]) => dtype);
  return sorted.length === 0 ? undefined : sorted.slice(0, 16).join(', ');
}

/** Licences whose text lies among the files. */
function foundLicences(bom: Bom): LicenceChoice[] {
  return licenceChoices(bom.details.licenceTexts.flatMap((declared) => {
    const licence = licenceOf(declared.value.replace(/ \((by its title|\d+ % of its text)\)$/, ''));
    return licence === undefined ? [] : [{ declared, licence }];
  }));
}

function subjectPairs(bom: Bom): Pairs {
  const { identity, digest, parameters } = bom;
  return [
    ['assay:release-date', bom.claims('release-date')[0]?.value],
    ['assay:origin:release-date', origin(bom.claims('release-date')[0])],
    ...bom.details.licenceTexts.map(({ value, source }) => ['assay:licence:text', `${value} (${source})`] as const),
    ...(bom.overlay.security?.controls ?? []).map((control) => ['assay:security:controls', control] as const),
    ...(bom.overlay.system?.dataUsage ?? []).map((usage) => ['assay:system:data-usage', usage] as const),
    ...(bom.overlay.system?.applicationArea ?? []).map((area) => ['assay:system:application-area', area] as const),
    ['assay:subject:kind', bom.kind],
    ['assay:digest:of', digest?.of ?? 'unknown: not every file could be hashed'],
    ['assay:licence', bom.licences.length === 0 ? 'unknown' : undefined],
    ['assay:parameters', bom.kind === 'model' ? (parameters === undefined ? 'unknown' : String(parameters.value)) : undefined],
    ['assay:parameters:how', parameters?.how],
    ['assay:weights:precision', precisionOf(bom)],
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
  const { overlay, identity } = bom;
  if (identity.purl?.value.startsWith('pkg:huggingface/') === true && identity.group !== undefined) out.push({ type: 'distribution', url: `https://huggingface.co/${identity.group.value}/${identity.name.value}` });
  if (overlay.model?.url !== undefined && webUrl(overlay.model.url) !== undefined) out.push({ type: 'distribution', url: overlay.model.url });
  for (const { value } of bom.claims('paper')) if (webUrl(value) !== undefined) out.push({ type: 'documentation', url: value, comment: 'paper' });
  for (const { value } of bom.claims('doi')) if (/^10\.\d{4,9}\/[\w.()/:;-]{1,200}$/.test(value)) out.push({ type: 'documentation', url: `https://doi.org/${value}`, comment: 'DOI' });
  for (const { value, source } of bom.claims('contact')) {
    const mail = /^(?:mailto:)?([\w.+-]{1,64}@[\w.-]{1,253})$/.exec(value)?.[1];
    const url = mail === undefined ? webUrl(value) : `mailto:${mail}`;
    if (url !== undefined) out.push({ type: /^security/i.test(source.split('/').at(-1) ?? '') ? 'security-contact' : 'support', url });
  }
  for (const [url, type] of [[overlay.security?.policy, 'security-contact'], [overlay.security?.contact, 'security-contact']] as const) if (url !== undefined) out.push({ type, url: url.includes('@') && !url.includes(':') ? `mailto:${url}` : url });
  for (const { type, url, comment } of overlay.references ?? []) out.push({ type: type === 'evaluation' ? 'quality-metrics' : type, url, ...(comment === undefined ? {} : { comment }) });
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
