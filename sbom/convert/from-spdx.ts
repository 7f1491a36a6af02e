// SPDX-License-Identifier: Apache-2.0
// SPDX 3.0.1 → CycloneDX 1.7.
import { createHash } from 'node:crypto';
import { canonicalJson, serialNumber } from '../canonical.ts';
import { isObject, objects, type Json } from '../check/lint.ts';
import { elementsOf, listOf, type Element } from '../check/spdx/graph.ts';
import { isExpression, isLicenceId } from '../licences.ts';
import { parsePurl } from '../purl.ts';
import { keeper, type Losses } from './losses.ts';
import { algorithms, referenceTypes } from './to-spdx.ts';

const types: Readonly<Record<string, string>> = { software_File: 'file', ai_AIPackage: 'machine-learning-model', dataset_DatasetPackage: 'data' };
const byPurpose: Readonly<Record<string, string>> = {
  application: 'application', framework: 'framework', container: 'container', platform: 'platform', operatingSystem: 'operating-system', device: 'device', firmware: 'firmware', deviceDriver: 'device-driver', file: 'file', model: 'machine-learning-model', data: 'data',
};
const hashNames = new Map(Object.entries(algorithms).map(([cyclone, spdx]) => [spdx, cyclone]));
const referenceNames = new Map(Object.entries(referenceTypes).map(([cyclone, spdx]) => [spdx, cyclone]));
const isPart = (type: string): boolean => /^(software_Package|software_File|software_Snippet|ai_AIPackage|dataset_DatasetPackage)$/.test(type);

const mapped = new Set(['type', 'spdxId', '@id', 'creationInfo', 'name', 'software_primaryPurpose', 'software_packageVersion', 'software_packageUrl', 'description', 'verifiedUsing', 'externalRef', 'externalIdentifier', 'suppliedBy', 'originatedBy', 'software_copyrightText', 'software_downloadLocation', 'software_homePage', 'extension',
  'ai_typeOfModel', 'ai_metric', 'ai_hyperparameter', 'ai_domain', 'ai_limitation', 'comment']);

export function fromSpdx(document: Json, losses: Losses): Json {
  return new Reader(elementsOf(document), losses).document();
}

class Reader {
  readonly #elements: readonly Element[];
  readonly #byId: ReadonlyMap<string, Element>;
  readonly #losses: Losses;
  readonly #refs = new Map<string, string>();
  readonly #relations = new Map<string, Map<string, string[]>>();
  /** By vulnerability. */
  readonly #states = new Map<string, { readonly type: string; readonly value: Json }[]>();
  readonly #affected = new Map<string, string[]>();

  constructor(elements: readonly Element[], losses: Losses) {
    this.#elements = elements;
    this.#losses = losses;
    this.#byId = new Map(elements.map((one) => [one.id, one]));
    const used = new Set<string>();
    for (const { id, type } of elements) {
      if (!isPart(type) && type !== 'security_Vulnerability') continue;
      // The fragment is what we write there; a ref that two ids would share is told apart by its digest.
      const cut = id.lastIndexOf('#');
      let ref = decoded(cut < 0 ? id : id.slice(cut + 1)) || id;
      if (used.has(ref)) ref = `${ref}~${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
      used.add(ref);
      this.#refs.set(id, ref);
    }
    for (const { value, type, place } of elements) {
      if (!type.endsWith('Relationship')) continue;
      const kind = type.startsWith('security_Vex') ? type : text(value['relationshipType']);
      const from = text(value['from']);
      const kinds = this.#relations.get(from) ?? new Map<string, string[]>();
      this.#relations.set(from, kinds);
      const targets = kinds.get(kind) ?? [];
      kinds.set(kind, targets);
      for (const to of listOf(value['to']).map(text)) targets.push(to);
      if (type.startsWith('security_Vex')) push(this.#states, from, { type, value });
      else if (kind === 'hasAssociatedVulnerability') for (const to of listOf(value['to']).map(text)) push(this.#affected, to, from);
      if (!known.has(kind) && !type.startsWith('security_Vex')) losses.add(`relationship ${kind.slice(0, 60)}`, 'lost', place);
    }
  }

  document(): Json {
    const info = this.#elements.find(({ type }) => type === 'CreationInfo')?.value ?? {};
    const roots = new Set(this.#elements.flatMap(({ type, value }) => (type === 'SpdxDocument' || type.endsWith('Sbom') || type === 'Bom' ? listOf(value['rootElement']).map(text) : [])));
    const parts = this.#elements.filter(({ type }) => isPart(type));
    const subject = parts.find(({ id }) => roots.has(id));
    const made = new Map(parts.map((one) => [one.id, this.#component(one)]));
    const kept = this.#kept();
    const created = text(info['created']);
    const untold = /not stated/.test(text(info['comment']));
    const people = listOf(info['createdBy']).flatMap((id) => {
      const who = this.#byId.get(text(id));
      return who === undefined || who.type === 'SoftwareAgent' ? [] : [{ name: text(who.value['name']) || 'unknown' }];
    });
    const tools = listOf(info['createdUsing']).flatMap((id) => {
      const name = text(this.#byId.get(text(id))?.value['name']);
      const version = /^(\S+) (\d[\w.+-]*)$/.exec(name);
      return name === '' ? [] : [version === null ? { type: 'application', name } : { type: 'application', name: version[1], version: version[2] }];
    });
    const others = [...made].filter(([id]) => id !== subject?.id).map(([, one]) => one);
    const top = Object.fromEntries(kept.filter(([key]) => !key.includes('/') && key !== 'serialNumber' && key !== 'version'));
    const about = Object.fromEntries(kept.filter(([key]) => key.startsWith('metadata/')).map(([key, value]) => [key.slice(9), value]));
    const vulnerabilities = this.#elements.filter(({ type }) => type === 'security_Vulnerability').map((one) => this.#vulnerability(one));
    const body = {
      $schema: 'http://cyclonedx.org/schema/bom-1.7.schema.json', bomFormat: 'CycloneDX', specVersion: '1.7', version: 1,
      metadata: {
        ...(created === '' || untold ? {} : { timestamp: created }), ...(tools.length === 0 ? {} : { tools: { components: tools } }), ...(people.length === 0 ? {} : { authors: people }),
        ...(subject === undefined ? {} : { component: made.get(subject.id)! }), ...about,
      },
      components: others, dependencies: this.#dependencies(parts), ...(vulnerabilities.length === 0 ? {} : { vulnerabilities }), ...top,
    };
    const { metadata: { timestamp: _, ...rest } } = body;
    return { ...body, serialNumber: serialNumber(canonicalJson({ ...body, metadata: rest })) };
  }

  /** Members of a CycloneDX document that the way here could only keep. */
  #kept(): [string, unknown][] {
    const holder = this.#elements.find(({ type, value }) => type === 'SpdxDocument' && value['extension'] !== undefined)?.value;
    return propertiesOf(holder).flatMap(([name, value]): [string, unknown][] => (name.startsWith(keeper) ? restored(name.slice(keeper.length), value) : []));
  }

  #component({ value, id, type, place }: Element): Json {
    const all = propertiesOf(value);
    const members = Object.fromEntries(all.flatMap(([name, said]): [string, unknown][] => (name.startsWith(keeper) ? restored(name.slice(keeper.length), said) : [])));
    const own = all.filter(([name]) => !name.startsWith(keeper)).map(([name, said]) => ({ name, value: said }));
    for (const key of Object.keys(value)) {
      if (mapped.has(key)) continue;
      const said = value[key];
      const words = typeof said === 'string' ? said : JSON.stringify(said) ?? '';
      const fits = words.length <= 65_536;
      this.#losses.add(`${type}.${key}`, fits ? 'kept' : 'lost', { up: place, key });
      if (fits) own.push({ name: `spdx:${key}`, value: words });
    }
    if (typeof value['comment'] === 'string') own.push({ name: 'spdx:comment', value: value['comment'] });
    const [name, version, purl, copyright, description] = [text(value['name']), text(value['software_packageVersion']), text(value['software_packageUrl']), text(value['software_copyrightText']), text(value['description'])];
    const hashes = objects(value['verifiedUsing']).flatMap(({ algorithm, hashValue }) => {
      const alg = hashNames.get(text(algorithm));
      if (alg === undefined || text(hashValue) === '') this.#losses.add(`hash ${text(algorithm).slice(0, 40)}`, 'lost', place);
      return alg === undefined || text(hashValue) === '' ? [] : [{ alg, content: text(hashValue).toLowerCase() }];
    });
    const licences = this.#licences(id);
    const references = this.#references(value);
    const supplier = text(this.#byId.get(text(value['suppliedBy']))?.value['name']);
    const authors = listOf(value['originatedBy']).flatMap((one) => text(this.#byId.get(text(one))?.value['name']) || []).map((who) => ({ name: who }));
    const cpe = objects(value['externalIdentifier']).find((one) => /^cpe2[23]$/.test(text(one['externalIdentifierType'])));
    const ancestors = this.#to(id, 'descendantOf').flatMap((one) => this.#short(one));
    const kind = types[type] ?? byPurpose[text(value['software_primaryPurpose'])] ?? 'library';
    const card = kind === 'machine-learning-model' && members['modelCard'] === undefined ? this.#card(value, id) : undefined;
    const pedigree = { ...(ancestors.length === 0 ? {} : { ancestors }), ...(isObject(members['pedigree']) ? members['pedigree'] : {}) };
    return {
      type: kind, 'bom-ref': this.#refs.get(id)!, name: name === '' ? 'unknown' : name,
      ...(version === '' ? {} : { version }), ...(description === '' ? {} : { description }), ...(supplier === '' ? {} : { supplier: { name: supplier } }), ...(authors.length === 0 ? {} : { authors }),
      ...(hashes.length === 0 ? {} : { hashes }), ...(licences.length === 0 ? {} : { licenses: licences }), ...(copyright === '' ? {} : { copyright }),
      ...(purl === '' || parsePurl(purl) === undefined ? {} : { purl }), ...(cpe === undefined ? {} : { cpe: text(cpe['identifier']) }), ...(references.length === 0 ? {} : { externalReferences: references }),
      ...(card === undefined ? {} : { modelCard: card }), ...members,
      ...(Object.keys(pedigree).length === 0 ? {} : { pedigree }),
      ...(own.length === 0 ? {} : { properties: own }),
    };
  }

  /** As an ancestor: without a ref, since that occurs once. */
  #short(id: string): Json[] {
    const value = this.#byId.get(id)?.value;
    if (value === undefined) return [];
    const purl = text(value['software_packageUrl']);
    return [{ type: types[text(value['type'])] ?? byPurpose[text(value['software_primaryPurpose'])] ?? 'library', name: text(value['name']) || 'unknown', ...(purl === '' ? {} : { purl }) }];
  }

  #references(value: Json): Json[] {
    const out = objects(value['externalRef']).flatMap(({ externalRefType, locator, comment }) => listOf(locator).map(text).filter((url) => url !== '').map((url) => {
      const [, original, rest] = /^([a-z0-9-]+)(?:: (.*))?$/s.exec(text(comment)) ?? [];
      const named = original !== undefined && (Object.hasOwn(referenceTypes, original) || original === 'other') ? original : undefined;
      const note = named === undefined ? text(comment) : rest ?? '';
      return { type: named ?? referenceNames.get(text(externalRefType)) ?? 'other', url, ...(note === '' ? {} : { comment: note }) };
    }));
    const [download, page] = [text(value['software_downloadLocation']), text(value['software_homePage'])];
    return [...out, ...(download === '' ? [] : [{ type: 'distribution', url: download }]), ...(page === '' ? [] : [{ type: 'website', url: page }])];
  }

  #licences(id: string): Json[] {
    const out: Json[] = [];
    for (const [kind, acknowledgement] of [['hasDeclaredLicense', 'declared'], ['hasConcludedLicense', 'concluded']] as const) {
      for (const to of this.#to(id, kind)) {
        const licence = this.#byId.get(to)?.value;
        const words = text(licence?.['simplelicensing_licenseExpression']) || text(licence?.['name']) || text(licence?.['simplelicensing_licenseText']).slice(0, 200);
        if (words === '' || /NoAssertion|NoneLicense/.test(to)) continue;
        out.push(isLicenceId(words) ? { license: { id: words, acknowledgement } } : isExpression(words) ? { expression: words, acknowledgement } : { license: { name: words, acknowledgement } });
      }
    }
    return out;
  }

  #card(value: Json, id: string): Json | undefined {
    const [architecture, family] = listOf(value['ai_typeOfModel']).map(text);
    const [task] = listOf(value['ai_domain']).map(text);
    const datasets = [...new Set([...this.#to(id, 'trainedOn'), ...this.#to(id, 'testedOn')])].flatMap((to) => (this.#byId.get(to)?.type === 'dataset_DatasetPackage' ? [{ ref: this.#refs.get(to)! }] : []));
    const metrics = objects(value['ai_metric']).map(({ key, value: said }) => ({ type: text(key), value: text(said) }));
    const hyper = objects(value['ai_hyperparameter']).map(({ key, value: said }) => ({ name: `spdx:hyperparameter:${text(key)}`, value: text(said) }));
    const limit = text(value['ai_limitation']);
    const parameters = { ...(task === undefined || task === '' ? {} : { task }), ...(family === undefined ? {} : { architectureFamily: family }), ...(architecture === undefined ? {} : { modelArchitecture: architecture }), ...(datasets.length === 0 ? {} : { datasets }) };
    const card = {
      ...(Object.keys(parameters).length === 0 ? {} : { modelParameters: parameters }), ...(metrics.length === 0 ? {} : { quantitativeAnalysis: { performanceMetrics: metrics } }),
      ...(limit === '' ? {} : { considerations: { technicalLimitations: [limit] } }), ...(hyper.length === 0 ? {} : { properties: hyper }),
    };
    return Object.keys(card).length === 0 ? undefined : card;
  }

  #to(id: string, kind: string): readonly string[] {
    return this.#relations.get(id)?.get(kind) ?? [];
  }

  #dependencies(parts: readonly Element[]): Json[] {
    return parts.flatMap(({ id }) => {
      const on = [...new Set([...dependent].flatMap((kind) => this.#to(id, kind)).flatMap((to) => this.#refs.get(to) ?? []))].filter((ref) => ref !== this.#refs.get(id)).sort();
      return on.length === 0 ? [] : [{ ref: this.#refs.get(id)!, dependsOn: on }];
    });
  }

  #vulnerability({ value, id }: Element): Json {
    const all = propertiesOf(value);
    const members = Object.fromEntries(all.flatMap(([name, said]): [string, unknown][] => (name.startsWith(keeper) ? restored(name.slice(keeper.length), said) : [])));
    const own = all.filter(([name]) => !name.startsWith(keeper)).map(([name, said]) => ({ name, value: said }));
    const affected = this.#affected.get(id) ?? [];
    const vex = [...(this.#relations.get(id) ?? [])].filter(([kind]) => kind.startsWith('security_Vex')).flatMap(([, to]) => to);
    const refs = [...new Set([...affected, ...vex].flatMap((one) => this.#refs.get(one) ?? []))].sort();
    const states = this.#states.get(id) ?? [];
    const not = states.find(({ type }) => type.startsWith('security_VexNotAffected'))?.value;
    const state = not !== undefined ? 'not_affected' : states.some(({ type }) => type.startsWith('security_VexAffected')) ? 'exploitable' : states.some(({ type }) => type.startsWith('security_VexFixed')) ? 'resolved' : 'in_triage';
    const outside = objects(value['externalIdentifier']).map((one) => text(one['identifier'])).find((one) => one !== '');
    const advisories = objects(value['externalRef']).flatMap(({ locator }) => listOf(locator).map(text)).filter((url) => /^https?:/.test(url)).map((url) => ({ url }));
    return {
      'bom-ref': this.#refs.get(id)!, id: outside ?? (text(value['name']) || 'unknown'), ...(text(value['description']) === '' ? {} : { description: text(value['description']) }), ...(advisories.length === 0 ? {} : { advisories }),
      analysis: { state, ...(not === undefined || text(not['security_impactStatement']) === '' ? {} : { detail: text(not['security_impactStatement']) }) }, ...(refs.length === 0 ? {} : { affects: refs.map((ref) => ({ ref })) }), ...members, ...(own.length === 0 ? {} : { properties: own }),
    };
  }
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

const dependent = ['contains', 'dependsOn', 'hasDataFile', 'trainedOn', 'testedOn', 'hasDependencyManifest', 'hasDynamicLink', 'hasStaticLink', 'hasPrerequisite', 'hasMetadata', 'hasDocumentation'] as const;
const known: ReadonlySet<string> = new Set([...dependent, 'descendantOf', 'hasDeclaredLicense', 'hasConcludedLicense', 'hasAssociatedVulnerability', 'underInvestigationFor', 'doesNotAffect', 'affects', 'fixedIn']);

function propertiesOf(value: Json | undefined): [string, string][] {
  return objects(value?.['extension']).filter(({ type }) => type === 'extension_CdxPropertiesExtension').flatMap((one) => objects(one['extension_cdxProperty'])).map((one) => [text(one['extension_cdxPropName']), text(one['extension_cdxPropValue'])]);
}

function restored(key: string, json: string): [string, unknown][] {
  try {
    return [[key, JSON.parse(json) as unknown]];
  } catch {
    return [];
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
