// SPDX-License-Identifier: Apache-2.0
// CycloneDX → SPDX 3.0.1. What SPDX has no member for goes into its extension for CycloneDX properties, and comes back on the way back.
import { isObject, objects, type Json } from '../check/lint.ts';
import { isExpression, isLicenceId } from '../licences.ts';
import type { Place } from '../schema/pointer.ts';
import { SpdxGraph, type Element } from '../spdx-graph.ts';
import { spdxDocument } from '../spdx-document.ts';
import { keeper, longestKept, type Losses } from './losses.ts';

const classes: Readonly<Record<string, string>> = { file: 'software_File', 'machine-learning-model': 'ai_AIPackage', data: 'dataset_DatasetPackage' };
const purposes: Readonly<Record<string, string>> = {
  application: 'application', framework: 'framework', library: 'library', container: 'container', platform: 'platform', 'operating-system': 'operatingSystem', device: 'device', firmware: 'firmware', 'device-driver': 'deviceDriver',
  file: 'file', 'machine-learning-model': 'model', data: 'data',
};
export const algorithms: Readonly<Record<string, string>> = {
  MD5: 'md5', 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512', 'SHA3-256': 'sha3_256', 'SHA3-384': 'sha3_384', 'SHA3-512': 'sha3_512', 'BLAKE2b-256': 'blake2b256', 'BLAKE2b-384': 'blake2b384', 'BLAKE2b-512': 'blake2b512', BLAKE3: 'blake3',
};
export const referenceTypes: Readonly<Record<string, string>> = {
  vcs: 'vcs', website: 'altWebPage', documentation: 'documentation', distribution: 'altDownloadLocation', license: 'license', 'build-meta': 'buildMeta', 'build-system': 'buildSystem', 'release-notes': 'releaseNotes', 'security-contact': 'securityPolicy', 'issue-tracker': 'issueTracker',
  'mailing-list': 'mailingList', support: 'support', social: 'socialMedia', chat: 'chat', advisories: 'securityAdvisory', 'static-analysis-report': 'staticAnalysisReport', 'dynamic-analysis-report': 'dynamicAnalysisReport', 'component-analysis-report': 'componentAnalysisReport',
  'certification-report': 'certificationReport', 'risk-assessment': 'riskAssessment', 'threat-model': 'securityThreatModel', 'adversary-model': 'securityAdversaryModel', 'pentest-report': 'securityPenTestReport', 'exploitability-statement': 'vulnerabilityExploitabilityAssessment',
  'vulnerability-assertion': 'vulnerabilityDisclosureReport', 'quality-metrics': 'qualityAssessmentReport', attestation: 'secureSoftwareAttestation', 'model-card': 'productMetadata',
};

/** Members of a component that become members or relationships of an element. */
const mapped = new Set(['type', 'bom-ref', 'group', 'name', 'version', 'description', 'hashes', 'licenses', 'copyright', 'purl', 'cpe', 'externalReferences', 'components', 'properties', 'supplier', 'pedigree', 'authors']);

export function toSpdx(document: Json, losses: Losses): Json {
  return new Writer(losses).document(document);
}

class Writer {
  readonly #graph = new SpdxGraph();
  readonly #losses: Losses;
  readonly #ids = new Map<string, string>();
  readonly #parties = new Map<string, string>();
  readonly #licences = new Map<string, string>();
  readonly #lineage: { from: string; ancestors: readonly Json[] }[] = [];
  readonly #byPurl = new Map<string, string>();

  constructor(losses: Losses) {
    this.#losses = losses;
  }

  document(document: Json): Json {
    const metadata = isObject(document['metadata']) ? document['metadata'] : {};
    const kept: [string, string][] = [];
    for (const [key, value] of Object.entries(document)) {
      if (['bomFormat', 'specVersion', '$schema', 'metadata', 'components', 'dependencies', 'vulnerabilities'].includes(key)) continue;
      this.#keep(kept, 'bom', key, value, { up: undefined, key });
    }
    for (const [key, value] of Object.entries(metadata)) {
      if (!['timestamp', 'component', 'tools', 'authors'].includes(key)) this.#keep(kept, 'metadata', `metadata/${key}`, value, { up: { up: undefined, key: 'metadata' }, key });
    }
    const subject = isObject(metadata['component']) ? metadata['component'] : undefined;
    const root = subject === undefined ? this.#graph.add({ type: 'software_Package', name: 'unknown', software_primaryPurpose: 'other' }, 'subject') : this.#component(subject, { up: { up: undefined, key: 'metadata' }, key: 'component' });
    const listed = objects(document['components']).map((one, key) => this.#component(one, { up: { up: undefined, key: 'components' }, key }));
    this.#graph.relate(root, 'contains', listed.filter((id) => id !== root), 'noAssertion');
    this.#dependencies(objects(document['dependencies']));
    for (const { from, ancestors } of this.#lineage) {
      const ids = ancestors.map((one, index) => this.#byPurl.get(String(one['purl'])) ?? this.#component({ ...one, 'bom-ref': undefined }, { up: { up: undefined, key: 'ancestors' }, key: index })).filter((id) => id !== from);
      this.#graph.relate(from, 'descendantOf', ids, 'noAssertion');
    }
    objects(document['vulnerabilities']).forEach((one, key) => this.#vulnerability(one, root, { up: { up: undefined, key: 'vulnerabilities' }, key }));
    const timestamp = typeof metadata['timestamp'] === 'string' ? seconds(metadata['timestamp']) : undefined;
    const tools = isObject(metadata['tools']) ? objects(metadata['tools']['components']) : objects(metadata['tools']);
    const authors = objects(metadata['authors']).flatMap(({ name, email }) => (typeof name === 'string' ? [{ name, ...(typeof email === 'string' ? { email } : {}) }] : []));
    return spdxDocument(this.#graph, {
      root, name: subject === undefined ? 'unknown' : nameOf(subject), ...(timestamp === undefined ? {} : { epoch: timestamp }), authors,
      tools: tools.map((tool) => [tool['name'], tool['version']].filter((text) => typeof text === 'string').join(' ')).filter((name) => name !== ''),
      profiles: [], comment: 'Converted from CycloneDX.', ...extension(kept),
    });
  }

  #keep(kept: [string, string][], kind: string, key: string, value: unknown, place: Place): void {
    const text = JSON.stringify(value);
    const fits = text !== undefined && text.length <= longestKept;
    this.#losses.add(`${kind}.${key.slice(key.lastIndexOf('/') + 1)}`, fits ? 'kept' : 'lost', place);
    if (fits) kept.push([`${keeper}${key}`, text]);
  }

  #component(component: Json, place: Place): string {
    const type = typeof component['type'] === 'string' ? component['type'] : 'library';
    const kind = Object.hasOwn(classes, type) ? classes[type]! : 'software_Package';
    const kept: [string, string][] = objects(component['properties']).flatMap(({ name, value }) => (typeof name === 'string' ? [[name, typeof value === 'string' ? value : ''] as [string, string]] : []));
    if (!Object.hasOwn(purposes, type)) this.#keep(kept, 'component', 'type', type, place);
    for (const [key, value] of Object.entries(component)) if (!mapped.has(key) && value !== undefined) this.#keep(kept, 'component', key, value, { up: place, key });
    const pedigree = isObject(component['pedigree']) ? component['pedigree'] : undefined;
    if (pedigree !== undefined) {
      const { ancestors: _, ...rest } = pedigree;
      if (Object.keys(rest).length > 0) this.#keep(kept, 'component', 'pedigree', rest, { up: place, key: 'pedigree' });
    }
    const text = (key: string): string | undefined => (typeof component[key] === 'string' && component[key] !== '' ? component[key] : undefined);
    const [version, purl, cpe, description, copyright] = (['version', 'purl', 'cpe', 'description', 'copyright'] as const).map(text);
    const isFile = kind === 'software_File';
    if (isFile && version !== undefined) this.#keep(kept, 'component', 'version', version, { up: place, key: 'version' });
    if (text('group') !== undefined) kept.push([`${keeper}group`, JSON.stringify(text('group'))]);
    const supplier = isObject(component['supplier']) && typeof component['supplier']['name'] === 'string' ? component['supplier'] : undefined;
    if (supplier !== undefined && Object.keys(supplier).length > 1) this.#keep(kept, 'component', 'supplier', supplier, { up: place, key: 'supplier' });
    const authors = objects(component['authors']).flatMap(({ name }) => (typeof name === 'string' && name !== '' ? [this.#party('Agent', name)] : []));
    const hashes = objects(component['hashes']).flatMap(({ alg, content }, index) => this.#hash(alg, content, { up: { up: place, key: 'hashes' }, key: index }));
    const references = objects(component['externalReferences']).map(({ type: of, url, comment }) => ({
      type: 'ExternalRef', externalRefType: typeof of === 'string' && Object.hasOwn(referenceTypes, of) ? referenceTypes[of] : 'other', locator: [String(url)],
      comment: typeof comment === 'string' ? `${String(of)}: ${comment}` : String(of),
    }));
    const id = this.#graph.add({
      type: kind,
      name: nameOf(component),
      software_primaryPurpose: purposes[type] ?? 'other',
      ...(version === undefined || isFile ? {} : { software_packageVersion: version }),
      ...(purl === undefined || isFile ? {} : { software_packageUrl: purl }),
      ...(cpe === undefined ? {} : { externalIdentifier: [{ type: 'ExternalIdentifier', externalIdentifierType: cpe.startsWith('cpe:2.3') ? 'cpe23' : 'cpe22', identifier: cpe }] }),
      ...(description === undefined ? {} : { description }),
      ...(copyright === undefined ? {} : { software_copyrightText: copyright }),
      ...(hashes.length === 0 ? {} : { verifiedUsing: hashes }),
      ...(references.length === 0 ? {} : { externalRef: references }),
      ...(supplier === undefined ? {} : { suppliedBy: this.#party('Organization', String(supplier['name'])) }),
      ...(authors.length === 0 ? {} : { originatedBy: [...new Set(authors)] }),
      ...(kind === 'dataset_DatasetPackage' ? { dataset_datasetType: ['noAssertion'] } : {}),
      ...(kind === 'ai_AIPackage' ? modelProperties(component['modelCard']) : {}),
      ...extension(kept),
    }, typeof component['bom-ref'] === 'string' ? component['bom-ref'] : `component:${nameOf(component)}`);
    if (typeof component['bom-ref'] === 'string') this.#ids.set(component['bom-ref'], id);
    if (purl !== undefined && !this.#byPurl.has(purl)) this.#byPurl.set(purl, id);
    this.#licencesOf(component, id, place);
    const inner = objects(component['components']).map((one, key) => this.#component(one, { up: { up: place, key: 'components' }, key }));
    this.#graph.relate(id, 'contains', inner, 'noAssertion');
    const ancestors = objects(pedigree?.['ancestors']);
    if (ancestors.length > 0) this.#lineage.push({ from: id, ancestors });
    return id;
  }

  #hash(alg: unknown, content: unknown, place: Place): Element[] {
    const algorithm = typeof alg === 'string' && Object.hasOwn(algorithms, alg) ? algorithms[alg] : undefined;
    if (algorithm === undefined || typeof content !== 'string') {
      this.#losses.add(`hash ${String(alg).slice(0, 40)}`, 'lost', place);
      return [];
    }
    return [{ type: 'Hash', algorithm, hashValue: content }];
  }

  #licencesOf(component: Json, id: string, place: Place): void {
    const wanted = new Map<string, string[]>();
    objects(component['licenses']).forEach((choice, key) => {
      const licence = isObject(choice['license']) ? choice['license'] : undefined;
      const words = typeof choice['expression'] === 'string' ? choice['expression'] : typeof licence?.['id'] === 'string' ? licence['id'] : licence?.['name'];
      if (typeof words !== 'string' || words === '') return;
      const rest = Object.keys(licence ?? choice).filter((member) => !['id', 'name', 'expression', 'acknowledgement', 'url'].includes(member));
      if (rest.length > 0) this.#losses.add(`license.${rest.join(', ')}`, 'lost', { up: { up: place, key: 'licenses' }, key });
      const kind = (choice['acknowledgement'] ?? licence?.['acknowledgement']) === 'concluded' ? 'hasConcludedLicense' : 'hasDeclaredLicense';
      const url = typeof licence?.['url'] === 'string' ? licence['url'] : undefined;
      wanted.set(kind, [...(wanted.get(kind) ?? []), this.#licence(words, url)]);
    });
    for (const [kind, ids] of wanted) this.#graph.relate(id, kind, ids);
  }

  #licence(words: string, url: string | undefined): string {
    const listed = isLicenceId(words) || isExpression(words);
    const key = `${words} ${url ?? ''}`;
    const known = this.#licences.get(key);
    if (known !== undefined) return known;
    const id = listed ? this.#graph.add({ type: 'simplelicensing_LicenseExpression', simplelicensing_licenseExpression: words }, `licence:${words}`)
      : this.#graph.add({ type: 'simplelicensing_SimpleLicensingText', name: words, simplelicensing_licenseText: url === undefined ? words : `${words} (${url})` }, `licence:${words}`);
    this.#licences.set(key, id);
    return id;
  }

  #party(type: 'Organization' | 'Agent', name: string): string {
    const key = `${type} ${name}`;
    const known = this.#parties.get(key);
    if (known !== undefined) return known;
    const id = this.#graph.add({ type, name }, `${type.toLowerCase()}:${name}`);
    this.#parties.set(key, id);
    return id;
  }

  #dependencies(list: readonly Json[]): void {
    list.forEach((one, key) => {
      const from = this.#ids.get(String(one['ref']));
      const on = Array.isArray(one['dependsOn']) ? (one['dependsOn'] as unknown[]).flatMap((ref) => this.#ids.get(String(ref)) ?? []) : [];
      if (one['provides'] !== undefined) this.#losses.add('dependency.provides', 'lost', { up: { up: undefined, key: 'dependencies' }, key });
      if (from !== undefined) this.#graph.relate(from, 'dependsOn', on.filter((id) => id !== from), 'noAssertion');
    });
  }

  #vulnerability(one: Json, root: string, place: Place): void {
    const { id, description, detail, recommendation, references, advisories, affects, analysis, 'bom-ref': ref, ...rest } = one;
    const kept: [string, string][] = [];
    for (const [key, value] of Object.entries(rest)) this.#keep(kept, 'vulnerability', key, value, { up: place, key });
    const name = typeof id === 'string' && id !== '' ? id : 'unknown';
    if (references !== undefined) this.#keep(kept, 'vulnerability', 'references', references, { up: place, key: 'references' });
    if (recommendation !== undefined) this.#keep(kept, 'vulnerability', 'recommendation', recommendation, { up: place, key: 'recommendation' });
    if (detail !== undefined) this.#keep(kept, 'vulnerability', 'detail', detail, { up: place, key: 'detail' });
    if (isObject(analysis)) kept.push([`${keeper}analysis`, JSON.stringify(analysis)]);
    const links = objects(advisories).flatMap(({ url }) => (typeof url === 'string' ? [{ type: 'ExternalRef', externalRefType: 'securityAdvisory', locator: [url] }] : []));
    const vulnerability = this.#graph.add({
      type: 'security_Vulnerability', name, ...(typeof description === 'string' ? { description } : {}), ...(links.length === 0 ? {} : { externalRef: links }), ...extension(kept),
    }, typeof ref === 'string' ? ref : `vulnerability:${name}`);
    const to = [...new Set(objects(affects).map((target) => this.#ids.get(String(target['ref'])) ?? root))].sort();
    const state = isObject(analysis) ? analysis['state'] : undefined;
    const reason = isObject(analysis) && typeof analysis['detail'] === 'string' ? analysis['detail'] : undefined;
    const accepted = state === 'not_affected' || state === 'false_positive';
    this.#graph.assess(vulnerability, to.length === 0 ? [root] : to, accepted ? reason ?? state : undefined);
  }
}

export function nameOf(component: Json): string {
  const { name } = component;
  return typeof name === 'string' && name !== '' ? name : 'unknown';
}

function extension(pairs: readonly (readonly [string, string])[]): Element {
  if (pairs.length === 0) return {};
  return { extension: [{ type: 'extension_CdxPropertiesExtension', extension_cdxProperty: pairs.map(([name, value]) => ({ type: 'extension_CdxPropertyEntry', extension_cdxPropName: name, extension_cdxPropValue: value })) }] };
}

/** What the AI profile has a member for; the whole card is kept beside it. */
function modelProperties(card: unknown): Element {
  if (!isObject(card)) return {};
  const parameters = isObject(card['modelParameters']) ? card['modelParameters'] : {};
  const analysis = isObject(card['quantitativeAnalysis']) ? card['quantitativeAnalysis'] : {};
  const considered = isObject(card['considerations']) ? card['considerations'] : {};
  const types = [parameters['modelArchitecture'], parameters['architectureFamily']].filter((text) => typeof text === 'string' && text !== '');
  const metrics = objects(analysis['performanceMetrics']).flatMap(({ type, value }) => (typeof type === 'string' && typeof value === 'string' ? [{ type: 'DictionaryEntry', key: type, value }] : []));
  const limits = Array.isArray(considered['technicalLimitations']) ? (considered['technicalLimitations'] as unknown[]).filter((text) => typeof text === 'string').join('\n') : '';
  const hyper = objects(card['properties']).flatMap(({ name, value }) => {
    const key = typeof name === 'string' ? /^cdx:ai-ml:model:(?:hyper)?parameter:(.+)$/.exec(name)?.[1] : undefined;
    return key === undefined || typeof value !== 'string' ? [] : [{ type: 'DictionaryEntry', key, value }];
  });
  return {
    ...(types.length === 0 ? {} : { ai_typeOfModel: types }), ...(typeof parameters['task'] === 'string' ? { ai_domain: [parameters['task']] } : {}),
    ...(metrics.length === 0 ? {} : { ai_metric: metrics }), ...(hyper.length === 0 ? {} : { ai_hyperparameter: hyper }), ...(limits === '' ? {} : { ai_limitation: limits }),
  };
}

function seconds(time: string): number | undefined {
  const at = Date.parse(time);
  return Number.isNaN(at) || at < 0 ? undefined : Math.floor(at / 1000);
}
