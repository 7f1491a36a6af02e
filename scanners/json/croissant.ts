// SPDX-License-Identifier: Apache-2.0
// Croissant 1.0 and Croissant-RAI 1.0 (https://docs.mlcommons.org/croissant/): JSON-LD about a data set. Terms are read by their usual
// compact names; a context that renames them is not followed.
import { clip } from '../../src/bytes/clip.ts';
import { isObject, type JsonObject } from '../../src/grammar/json.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';

type Said = FactOf<'claim' | 'link' | 'record'>;

const say = (field: ClaimField, value: string): FactOf<'claim'> => ({ kind: 'claim', field, value: clip(value.replaceAll(/\s+/g, ' ').trim()) });

/** Whether the document is a schema.org Dataset with Croissant's terms. */
export function isCroissant(top: JsonObject): boolean {
  const types = [top['@type']].flat();
  return types.some((type) => typeof type === 'string' && /(^|[:/])Dataset$/.test(type)) && (top['recordSet'] !== undefined || top['distribution'] !== undefined || top['conformsTo'] !== undefined);
}

/** Terms of Croissant-RAI, and the topic under which they are told. */
const rai: Readonly<Record<string, string>> = {
  dataCollection: 'collection', dataCollectionType: 'collection-type', dataCollectionTimeframe: 'collection-time', dataCollectionRawData: 'raw-data', dataCollectionMissingData: 'missing-data',
  dataPreprocessingProtocol: 'preprocessing', dataImputationProtocol: 'imputation', dataManipulationProtocol: 'manipulation', dataAnnotationProtocol: 'annotation', dataAnnotationPlatform: 'annotation-platform',
  annotationsPerItem: 'annotations-per-item', dataBiases: 'bias', personalSensitiveInformation: 'personal-data', dataUseCases: 'intended-use', dataLimitations: 'limitations',
  dataSocialImpact: 'social-impact', dataReleaseMaintenancePlan: 'maintenance',
};

export function* croissant(top: JsonObject): Generator<Said> {
  for (const [key, field] of [['name', 'name'], ['version', 'version'], ['url', 'homepage'], ['datePublished', 'release-date'], ['license', 'licence']] as const) {
    for (const value of texts(top[key]).slice(0, 8)) yield say(field, field === 'licence' ? licenceName(value) : value);
  }
  for (const value of texts(top['description']).slice(0, 1)) yield say('section', `description=${value}`);
  yield { kind: 'claim', field: 'card', value: 'dataset' };
  for (const key of ['creator', 'author', 'publisher'] as const) for (const name of names(top[key])) yield say(key === 'publisher' ? 'organisation' : 'author', name);
  for (const value of texts(top['inLanguage']).slice(0, 32)) yield say('language', value);
  for (const value of texts(top['keywords']).slice(0, 32)) yield say('tag', value);
  for (const [term, key] of Object.entries(rai)) for (const value of texts(top[`rai:${term}`] ?? top[term]).slice(0, 8)) yield say('dataset', `${key}=${value}`);
  for (const value of texts(top['isBasedOn'] ?? top['prov:wasDerivedFrom'] ?? top['sameAs']).slice(0, 16)) yield say('dataset', `source=${value}`);
  yield* files(top['distribution']);
  for (const set of list(top['recordSet']).slice(0, 64)) {
    if (!isObject(set)) continue;
    for (const field of list(set['field']).slice(0, 200)) {
      if (!isObject(field)) continue;
      const name = texts(field['name'])[0] ?? texts(field['@id'])[0];
      if (name !== undefined) yield say('dataset', `feature ${name}=${texts(field['dataType'])[0] ?? 'record'}`);
    }
  }
}

/** FileObject: contentUrl and the digest that it should have. */
function* files(distribution: unknown): Generator<Said> {
  for (const one of list(distribution).slice(0, 1000)) {
    if (!isObject(one)) continue;
    const [url] = texts(one['contentUrl']);
    const sha256 = texts(one['sha256'])[0]?.toLowerCase();
    if (url === undefined) continue;
    const local = !/^[a-z][a-z0-9+.-]*:/i.test(url) && !url.startsWith('/');
    if (local && sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256)) yield { kind: 'record', by: 'croissant', target: clip(url, 1024), algorithm: 'sha256', value: sha256 };
    if (!local) yield say('dataset', `source=${url}`);
  }
}

/** Croissant wants a URL; those of SPDX and Creative Commons name their licence. */
function licenceName(value: string): string {
  const spdx = /^https?:\/\/(?:www\.)?spdx\.org\/licenses\/([\w.+-]{1,60}?)(?:\.html|\.json)?\/?$/i.exec(value);
  if (spdx !== null) return spdx[1]!;
  const cc = /^https?:\/\/creativecommons\.org\/(?:licenses\/(by(?:-nc)?(?:-nd|-sa)?)\/(\d\.\d)|publicdomain\/(zero)\/1\.0)/i.exec(value);
  if (cc === null) return value;
  return cc[3] === undefined ? `CC-${cc[1]!.toUpperCase()}-${cc[2]!}` : 'CC0-1.0';
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
}

function texts(value: unknown): string[] {
  return list(value).flatMap((item) => {
    if (typeof item === 'string' && item.trim() !== '') return [item.trim()];
    if (typeof item === 'number') return [String(item)];
    const inner = isObject(item) ? item['@value'] ?? item['name'] ?? item['@id'] : undefined;
    return typeof inner === 'string' ? [inner] : [];
  });
}

function names(value: unknown): string[] {
  return texts(value).slice(0, 32);
}
