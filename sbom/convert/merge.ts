// SPDX-License-Identifier: Apache-2.0
// Several BOMs as one: the subjects of all are parts of a new one.
import { createHash } from 'node:crypto';
import { canonicalJson, serialNumber } from '../canonical.ts';
import { isObject, objects, type Json } from '../check/lint.ts';
import type { Losses } from './losses.ts';

export interface MergeOptions {
  readonly name: string;
  readonly version?: string;
  /** Seconds since 1970. */
  readonly epoch?: number;
  readonly tool: { readonly name: string; readonly version: string };
}

/** Lists of a document that hold objects with a ref of their own. */
const lists = ['components', 'services', 'vulnerabilities', 'formulation', 'citations', 'annotations'] as const;

/** CycloneDX documents of one version as one. What two of them say in the same words stands once. */
export function mergeBoms(documents: readonly Json[], specVersion: string, options: MergeOptions, losses: Losses): Json {
  const refs = new Map<string, string>(); // ref → content that has it
  const out: Record<string, Json[]> = {};
  const dependencies = new Map<string, Set<string>>();
  const provides = new Map<string, Set<string>>();
  const compositions: Json[] = [];
  const standards: Json[] = [];
  const root = 'merged:root';
  refs.set(root, '');
  const subjects: string[] = [];
  documents.forEach((document, number) => {
    const metadata = isObject(document['metadata']) ? document['metadata'] : {};
    const subject = isObject(metadata['component']) ? metadata['component'] : undefined;
    const renamed = namesOf(document, refs, number);
    const rename = (value: unknown): unknown => renameIn(value, renamed);
    for (const list of lists) {
      const items = list === 'components' && subject !== undefined ? [subject, ...objects(document['components'])] : objects(document[list]);
      for (const item of items) {
        // Citations point into the document that they came from.
        if (list === 'citations') {
          losses.add('bom.citations', 'lost', { up: undefined, key: list });
          continue;
        }
        const made = rename(item) as Json;
        const known = out[list] ??= [];
        const ref = made['bom-ref'];
        if (typeof ref === 'string' && refs.get(`done ${ref}`) !== undefined) continue;
        if (typeof ref === 'string') refs.set(`done ${ref}`, '');
        known.push(made);
      }
    }
    for (const one of objects(document['dependencies'])) {
      const made = rename(one) as Json;
      const ref = String(made['ref']);
      for (const [map, key] of [[dependencies, 'dependsOn'], [provides, 'provides']] as const) {
        if (!Array.isArray(made[key])) continue;
        const set = map.get(ref) ?? new Set();
        map.set(ref, set);
        for (const on of made[key] as unknown[]) if (typeof on === 'string') set.add(on);
      }
      if (!dependencies.has(ref)) dependencies.set(ref, new Set());
    }
    compositions.push(...objects(document['compositions']).map((one) => rename(one) as Json));
    if (isObject(document['definitions'])) standards.push(...objects(document['definitions']['standards']).map((one) => rename(one) as Json));
    const own = typeof subject?.['bom-ref'] === 'string' ? renamed.get(subject['bom-ref']) ?? subject['bom-ref'] : undefined;
    if (own !== undefined) subjects.push(own);
    for (const key of Object.keys(document)) if (!['$schema', 'bomFormat', 'specVersion', 'serialNumber', 'version', 'metadata', 'dependencies', 'compositions', 'definitions', ...lists].includes(key)) losses.add(`bom.${key}`, 'lost', { up: undefined, key });
    for (const key of Object.keys(metadata)) if (!['component', 'timestamp', 'tools', 'lifecycles', 'properties'].includes(key)) losses.add(`metadata.${key}`, 'lost', { up: { up: undefined, key: 'metadata' }, key });
  });
  dependencies.set(root, new Set(subjects));
  const sources = documents.map((document) => (typeof document['serialNumber'] === 'string' ? document['serialNumber'] : undefined)).filter((one) => one !== undefined);
  const body = {
    $schema: `http://cyclonedx.org/schema/bom-${specVersion}.schema.json`, bomFormat: 'CycloneDX', specVersion, version: 1,
    metadata: {
      ...(options.epoch === undefined ? {} : { timestamp: new Date(options.epoch * 1000).toISOString().replace('.000Z', 'Z') }),
      tools: { components: [{ type: 'application', ...options.tool }] },
      component: { type: 'application', 'bom-ref': root, name: options.name, version: options.version ?? 'unknown', properties: sources.map((value) => ({ name: 'assay:merged-from', value })) },
    },
    ...Object.fromEntries(Object.entries(out).map(([list, items]) => [list, items.toSorted((a, b) => (String(a['bom-ref']) < String(b['bom-ref']) ? -1 : 1))])),
    dependencies: [...new Set([...dependencies.keys(), ...provides.keys()])].sort().map((ref) => {
      const [on, given] = [dependencies.get(ref), provides.get(ref)];
      return { ref, ...(on === undefined || on.size === 0 ? {} : { dependsOn: [...on].sort() }), ...(given === undefined ? {} : { provides: [...given].sort() }) };
    }),
    ...(compositions.length === 0 ? {} : { compositions: unique(compositions) }),
    ...(standards.length === 0 ? {} : { definitions: { standards: unique(standards) } }),
  };
  const { timestamp: _, ...metadata } = body.metadata as Json;
  return { ...body, serialNumber: serialNumber(canonicalJson({ ...body, metadata })) };
}

function unique(list: readonly Json[]): Json[] {
  return [...new Map(list.map((one) => [canonicalJson(one), one])).values()];
}

/** New names for refs that an earlier document uses for something else. */
function namesOf(document: Json, taken: Map<string, string>, number: number): Map<string, string> {
  const renamed = new Map<string, string>();
  const mine = new Map<string, string>();
  const open: unknown[] = [document];
  for (let value = open.pop(); open.length > 0 || value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const ref = isObject(value) ? value['bom-ref'] : undefined;
    if (typeof ref === 'string' && !mine.has(ref)) mine.set(ref, createHash('sha256').update(canonicalJson(value)).digest('hex'));
    for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) open.push(inner);
  }
  for (const [ref, content] of mine) {
    const before = taken.get(ref);
    if (before === undefined) taken.set(ref, content);
    else if (before !== content) {
      let other = `${number + 1}:${ref}`;
      while (taken.has(other) || mine.has(other)) other = `${number + 1}:${other}`;
      renamed.set(ref, other);
      taken.set(other, content);
    }
  }
  return renamed;
}

/** Members whose value is a ref, or a list of refs. */
const referring = new Set(['bom-ref', 'ref', 'dependsOn', 'provides', 'assemblies', 'dependencies', 'vulnerabilities', 'subjects', 'attributedTo', 'target', 'requirement', 'claims', 'counterClaims', 'evidence', 'counterEvidence', 'parent']);

function renameIn(value: unknown, renamed: ReadonlyMap<string, string>, key = ''): unknown {
  if (renamed.size === 0) return value;
  if (typeof value === 'string') return referring.has(key) ? renamed.get(value) ?? value : value;
  if (Array.isArray(value)) return (value as unknown[]).map((one) => renameIn(one, renamed, key));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, renameIn(one, renamed, name)]));
}
