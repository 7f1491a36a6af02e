// SPDX-License-Identifier: Apache-2.0
// CycloneDX 1.4 to 1.7, up and down. What a version knows is asked of its official schema; what changed its shape is done by name.
import { isObject, objects, type Json } from '../check/lint.ts';
import { schemaOf, violations, type SchemaName } from '../schema/index.ts';
import type { Place } from '../schema/pointer.ts';
import { keeper, longestKept, type Losses } from './losses.ts';

export const cyclonedxVersions = ['1.4', '1.5', '1.6', '1.7'] as const;
export type CycloneDxVersion = (typeof cyclonedxVersions)[number];

type Mutable = Record<string, unknown>;

/** What kind of object a member's value, or each item of it, is: names of definitions in the schemas. */
const kinds: Readonly<Record<string, string>> = {
  components: 'component', component: 'component', ancestors: 'component', descendants: 'component', variants: 'component', services: 'service', license: 'license', licenses: 'licenseChoice',
  externalReferences: 'externalReference', vulnerabilities: 'vulnerability', metadata: 'metadata', evidence: 'componentEvidence', modelCard: 'modelCard', hashes: 'hash',
  supplier: 'organizationalEntity', manufacturer: 'organizationalEntity', dependencies: 'dependency', compositions: 'compositions', releaseNotes: 'releaseNotes',
};

/** Declarations have evidence too, of another kind. */
function kindOf(key: string, holder: string | undefined): string | undefined {
  if (key === 'evidence' && holder !== 'component') return undefined;
  return Object.hasOwn(kinds, key) ? kinds[key] : undefined;
}

/** The document in another version: valid by its schema, or an error that says where it is not. */
export function toVersion(document: Json, from: string, to: CycloneDxVersion, losses: Losses): { readonly document: Json } | { readonly error: string } {
  const target = new Target(to, losses);
  const copy = target.object(document, 'bom', undefined, 0) as Mutable;
  copy['specVersion'] = to;
  copy['bomFormat'] = 'CycloneDX';
  if (copy['$schema'] !== undefined) copy['$schema'] = `http://cyclonedx.org/schema/bom-${to}.schema.json`;
  // A signature is of other bytes.
  if (copy['signature'] !== undefined && from !== to) {
    delete copy['signature'];
    losses.add('bom.signature', 'lost', undefined);
  }
  const made = prune(copy, `cyclonedx-${to}`, losses);
  if ('document' in made) dropDangling(document, made.document, losses);
  return made;
}

function refsOf(document: Json): Set<string> {
  const out = new Set<string>();
  const open: unknown[] = [document];
  while (open.length > 0) {
    const value = open.pop();
    if (isObject(value) && typeof value['bom-ref'] === 'string') out.add(value['bom-ref']);
    for (const inner of Object.values(value as object)) if (typeof inner === 'object' && inner !== null) open.push(inner);
  }
  return out;
}

/** References to what the version has no room for. Those that led nowhere before stay as they are. */
function dropDangling(before: Json, document: Mutable, losses: Losses): void {
  const here = refsOf(document);
  const gone = new Set([...refsOf(before)].filter((ref) => !here.has(ref)));
  if (gone.size === 0) return;
  const keep = (list: unknown, name: string): unknown => {
    if (!Array.isArray(list)) return list;
    return (list as unknown[]).filter((one) => {
      const ref = isObject(one) ? one['ref'] : one;
      const lost = typeof ref === 'string' && gone.has(ref);
      if (lost) losses.add(`${name} to what is not there any more`, 'lost', undefined);
      return !lost;
    });
  };
  if (document['dependencies'] !== undefined) document['dependencies'] = objects(keep(document['dependencies'], 'dependencies')).map((one) => ({ ...one, ...(one['dependsOn'] === undefined ? {} : { dependsOn: keep(one['dependsOn'], 'dependsOn') }), ...(one['provides'] === undefined ? {} : { provides: keep(one['provides'], 'provides') }) }));
  if (document['compositions'] !== undefined) document['compositions'] = objects(document['compositions']).map((one) => ({ ...one, ...(one['assemblies'] === undefined ? {} : { assemblies: keep(one['assemblies'], 'assemblies') }), ...(one['dependencies'] === undefined ? {} : { dependencies: keep(one['dependencies'], 'compositions') }) }));
  if (document['vulnerabilities'] !== undefined) document['vulnerabilities'] = objects(document['vulnerabilities']).map((one) => ({ ...one, ...(one['affects'] === undefined ? {} : { affects: keep(one['affects'], 'affects') }) }));
}

/** Takes out what the schema still refuses. Each round can only make the document smaller. */
export function prune(document: Mutable, name: SchemaName, losses: Losses): { readonly document: Mutable } | { readonly error: string } {
  for (let round = 0; round < 24; round += 1) {
    const found = violations(document, name);
    if (found.length === 0) return { document };
    let taken = 0;
    // From the end, so that indices before it stay what they are.
    for (const { pointer } of [...new Map(found.map((one) => [one.pointer, one])).values()].toReversed()) {
      const path = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
      if (path.length === 0 || !remove(document, path)) continue;
      taken += 1;
      losses.add(path.filter((part) => !/^\d+$/.test(part)).slice(-2).join('.'), 'lost', place(path));
    }
    if (taken === 0) break;
  }
  const [left] = violations(document, name);
  return left === undefined ? { document } : { error: `${left.pointer === '' ? 'the document' : left.pointer} ${left.message}` };
}

function place(path: readonly string[]): Place | undefined {
  return path.reduce<Place | undefined>((up, key) => ({ up, key }), undefined);
}

function remove(document: Mutable, path: readonly string[]): boolean {
  let here: unknown = document;
  for (const key of path.slice(0, -1)) here = typeof here === 'object' && here !== null ? (here as Mutable)[key] : undefined;
  const last = path.at(-1)!;
  if (Array.isArray(here)) return Number(last) < here.length && here.splice(Number(last), 1).length === 1;
  if (typeof here !== 'object' || here === null || !(last in here)) return false;
  delete (here as Mutable)[last];
  return true;
}

class Target {
  readonly #version: CycloneDxVersion;
  readonly #losses: Losses;
  readonly #members = new Map<string, ReadonlySet<string> | undefined>();
  readonly #types: ReadonlySet<string>;
  readonly #references: ReadonlySet<string>;
  readonly #algorithms: ReadonlySet<string>;

  constructor(version: CycloneDxVersion, losses: Losses) {
    this.#version = version;
    this.#losses = losses;
    this.#types = this.#enum('component', 'type');
    this.#references = this.#enum('externalReference', 'type');
    this.#algorithms = new Set((schemaOf(`cyclonedx-${version}`)['definitions'] as Record<string, Json>)['hash-alg']!['enum'] as string[]);
  }

  #enum(kind: string, member: string): ReadonlySet<string> {
    const definitions = schemaOf(`cyclonedx-${this.#version}`)['definitions'] as Record<string, Json>;
    return new Set(((definitions[kind]!['properties'] as Record<string, Json>)[member]!['enum'] ?? []) as string[]);
  }

  /** Members that an object of a kind may have; undefined for a kind that is not looked at. */
  #allowed(kind: string): ReadonlySet<string> | undefined {
    if (this.#members.has(kind)) return this.#members.get(kind);
    const schema = schemaOf(`cyclonedx-${this.#version}`);
    const definition = kind === 'bom' ? schema : (schema['definitions'] as Record<string, Json>)[kind];
    const properties = definition?.['properties'];
    const allowed = isObject(properties) ? new Set(Object.keys(properties)) : undefined;
    this.#members.set(kind, allowed);
    return allowed;
  }

  /** A copy with only what the version knows. Depth is capped by the reader of the document. */
  object(source: Json, kind: string | undefined, at: Place | undefined, depth: number): Json {
    const value = kind === undefined ? source : this.#reshaped(source, kind, at);
    const allowed = kind === undefined ? undefined : this.#allowed(kind);
    const out: Mutable = {};
    const kept: { name: string; value: string }[] = [];
    const restored = kind === undefined || allowed === undefined ? undefined : this.#restorable(value, allowed);
    for (const [key, item] of Object.entries(value)) {
      const here: Place = { up: at, key };
      if (allowed !== undefined && !allowed.has(key)) {
        const text = typeof item === 'string' ? item : JSON.stringify(item);
        const fits = allowed.has('properties') && text !== undefined && text.length <= longestKept;
        this.#losses.add(`${kind}.${key}`, fits ? 'kept' : 'lost', here);
        if (fits) kept.push({ name: `${keeper}${key}`, value: typeof item === 'string' ? JSON.stringify(item) : text });
        continue;
      }
      out[key] = this.#item(item, kindOf(key, kind), here, depth + 1);
    }
    for (const [key, item] of restored ?? []) out[key] = this.#item(item, kindOf(key, kind), { up: at, key }, depth + 1);
    if (kept.length > 0 || restored !== undefined) {
      const own = objects(out['properties']).filter((property) => restored === undefined || !isKept(property, restored));
      if (own.length + kept.length > 0) out['properties'] = [...own, ...kept];
      else delete out['properties'];
    }
    return out;
  }

  #item(item: unknown, kind: string | undefined, at: Place, depth: number): unknown {
    if (Array.isArray(item)) {
      const list = item as unknown[];
      const items = list.map((one, key) => this.#item(one, kind, { up: at, key }, depth));
      if (kind === 'hash') return items.filter((one, index) => this.#hash(one, { up: at, key: index }));
      return kind === 'licenseChoice' ? this.#licences(items, at) : items;
    }
    return isObject(item) ? this.object(item, kind, at, depth) : item;
  }

  #hash(hash: unknown, at: Place): boolean {
    if (!isObject(hash) || typeof hash['alg'] !== 'string' || this.#algorithms.has(hash['alg'])) return true;
    this.#losses.add(`hash ${hash['alg'].slice(0, 40)}`, 'lost', at);
    return false;
  }

  /** Before 1.7 an expression stands alone. */
  #licences(list: unknown[], at: Place): unknown[] {
    if (this.#version === '1.7' || list.length < 2 || !list.some((one) => isObject(one) && one['expression'] !== undefined)) return list;
    return list.map((one) => {
      if (!isObject(one) || typeof one['expression'] !== 'string') return one;
      this.#losses.add('licenses.expression beside others', 'kept', at);
      const { expression, ...rest } = one;
      return { license: { name: expression, ...(rest['acknowledgement'] === undefined ? {} : { acknowledgement: rest['acknowledgement'] }) } };
    });
  }

  /** Members that an earlier conversion put into properties, and that this version knows. */
  #restorable(value: Json, allowed: ReadonlySet<string>): [string, unknown][] | undefined {
    const out: [string, unknown][] = [];
    for (const { name, value: text } of objects(value['properties'])) {
      if (typeof name !== 'string' || !name.startsWith(keeper) || typeof text !== 'string') continue;
      const key = name.slice(keeper.length);
      if (!allowed.has(key) || (value[key] !== undefined && key !== 'type')) continue;
      try {
        const kept = JSON.parse(text) as unknown;
        if (key !== 'type' || this.#types.has(String(kept))) out.push([key, kept]);
      } catch {
        continue; // somebody else's text: it stays a property
      }
    }
    return out.length === 0 ? undefined : out;
  }

  /** What changed its shape from version to version. */
  #reshaped(source: Json, kind: string, at: Place | undefined): Json {
    const value: Mutable = { ...source };
    const since = (version: CycloneDxVersion): boolean => this.#version >= version;
    if (kind === 'component') {
      const { type, authors, manufacturer, evidence } = value;
      if (typeof type === 'string' && !this.#types.has(type)) {
        this.#losses.add(`component.type ${type.slice(0, 40)}`, 'kept', at);
        value['properties'] = [...objects(value['properties']), { name: `${keeper}type`, value: JSON.stringify(type) }];
        value['type'] = type === 'data' ? 'file' : 'library';
      }
      if (!since('1.6') && Array.isArray(authors) && value['author'] === undefined) value['author'] = objects(authors).map((one) => [one['name'], one['email']].find((text) => typeof text === 'string') ?? '').filter((name) => name !== '').join(', ');
      if (!since('1.6') && isObject(manufacturer) && typeof manufacturer['name'] === 'string' && value['publisher'] === undefined) value['publisher'] = manufacturer['name'];
      if (isObject(evidence) && since('1.5')) {
        const { identity } = evidence;
        if (!since('1.6') && Array.isArray(identity)) {
          if (identity.length > 1) this.#losses.add('evidence.identity after the first', 'lost', at);
          const [first] = objects(identity);
          const { concludedValue: _, ...rest } = first ?? {};
          value['evidence'] = { ...evidence, ...(first === undefined ? {} : { identity: rest }) };
        } else if (since('1.6') && isObject(identity)) value['evidence'] = { ...evidence, identity: [identity] };
      }
    }
    if (kind === 'metadata') {
      const { tools, manufacturer, manufacture } = value;
      if (!since('1.5') && isObject(tools)) value['tools'] = [...objects(tools['components']), ...objects(tools['services'])].map(legacyTool);
      if (since('1.5') && Array.isArray(tools)) value['tools'] = { components: objects(tools).map(modernTool) };
      if (!since('1.6') && manufacturer !== undefined && manufacture === undefined) {
        value['manufacture'] = manufacturer;
        delete value['manufacturer'];
      }
    }
    if (kind === 'externalReference' && typeof value['type'] === 'string' && !this.#references.has(value['type'])) {
      this.#losses.add(`externalReference.type ${value['type'].slice(0, 40)}`, 'lost', at);
      value['comment'] = [value['type'], value['comment']].filter((text) => typeof text === 'string').join(': ');
      value['type'] = 'other';
    }
    if (kind === 'licenseChoice' && this.#version < '1.6') {
      const { acknowledgement, ...rest } = value;
      if (acknowledgement !== undefined) this.#losses.add('licenses.acknowledgement', 'lost', at);
      return rest;
    }
    return value;
  }
}

function isKept({ name }: Json, restored: readonly [string, unknown][]): boolean {
  return typeof name === 'string' && name.startsWith(keeper) && restored.some(([key]) => name === keeper + key);
}

function legacyTool(tool: Json): Json {
  const { name, version, hashes, externalReferences, group, publisher, supplier } = tool;
  const vendor = publisher ?? (isObject(supplier) ? supplier['name'] : undefined) ?? group;
  return { ...(typeof vendor === 'string' ? { vendor } : {}), ...(typeof name === 'string' ? { name } : {}), ...(typeof version === 'string' ? { version } : {}), ...(hashes === undefined ? {} : { hashes }), ...(externalReferences === undefined ? {} : { externalReferences }) };
}

function modernTool(tool: Json): Json {
  const { vendor, name, version, hashes, externalReferences } = tool;
  return { type: 'application', ...(typeof vendor === 'string' ? { publisher: vendor } : {}), name: typeof name === 'string' ? name : 'unknown', ...(typeof version === 'string' ? { version } : {}), ...(hashes === undefined ? {} : { hashes }), ...(externalReferences === undefined ? {} : { externalReferences }) };
}
