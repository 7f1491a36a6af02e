// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import { isObject, type JsonObject } from '../../src/grammar/json.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';

export type Said = FactOf<'claim' | 'record'>;

const most = 100_000;
const inputs = 1000;
/** Names that the specifications of predicates and of model signing give to digests, as we call them. */
const algorithms: Readonly<Record<string, string>> = { sha256: 'sha256', sha384: 'sha384', sha512: 'sha512', sha1: 'sha1', md5: 'md5', blake2b: 'blake2b', gitBlob: 'git-sha1', gitblob: 'git-sha1' };

/** What a statement says: about which bytes, of which kind, and by whom it was built or checked. */
export function* statementFacts(statement: JsonObject, signed: boolean): Generator<Said> {
  const type = textOf(statement['predicateType']);
  if (type !== undefined) yield claim('predicate', type);
  const predicate = isObject(statement['predicate']) ? statement['predicate'] : {};
  // A model signature lists its files in the predicate, and its subject is the digest over that list.
  const resources = isModelSignature(type) ? list(predicate['resources']) : [];
  if (isModelSignature(type)) yield* resourceFacts(resources, signed);
  else yield* subjectFacts(list(statement['subject']), signed);
  yield* builtFacts(predicate);
  yield* checkedFacts(predicate);
}

function isModelSignature(type: string | undefined): boolean {
  return type?.startsWith('https://model_signing/') === true;
}

function* resourceFacts(resources: readonly unknown[], signed: boolean): Generator<Said> {
  for (const one of resources) {
    if (!isObject(one)) continue;
    const [name, algorithm, digest] = [textOf(one['name']), textOf(one['algorithm']), textOf(one['digest'])];
    // A shard ('sha256-sharded-…', name:begin:end) is no digest of a file.
    if (name === undefined || digest === undefined || algorithm === undefined || algorithms[algorithm] === undefined || !isHex(digest)) continue;
    yield { kind: 'record', by: 'attestation', target: clip(name, 1024), algorithm: algorithms[algorithm], value: digest.toLowerCase(), signed };
  }
}

function* subjectFacts(subjects: readonly unknown[], signed: boolean): Generator<Said> {
  for (const one of subjects) {
    if (!isObject(one) || !isObject(one['digest'])) continue;
    for (const [name, value] of Object.entries(one['digest'])) {
      const algorithm = algorithms[name];
      if (algorithm === undefined || typeof value !== 'string' || !isHex(value)) continue;
      yield { kind: 'record', by: 'attestation', target: clip(textOf(one['name']) ?? '', 1024), algorithm, value: value.toLowerCase(), signed };
    }
  }
}

/** SLSA provenance v1 (buildDefinition, runDetails) and v0.2 (builder, materials). */
function* builtFacts(predicate: JsonObject): Generator<Said> {
  const definition = isObject(predicate['buildDefinition']) ? predicate['buildDefinition'] : predicate;
  const details = isObject(predicate['runDetails']) ? predicate['runDetails'] : predicate;
  const builder = isObject(details['builder']) ? textOf(details['builder']['id']) : undefined;
  const type = textOf(definition['buildType']);
  if (builder !== undefined) yield claim('builder', builder);
  if (type !== undefined) yield claim('build-type', type);
  for (const input of [...list(definition['resolvedDependencies']), ...list(definition['materials'])].slice(0, inputs)) {
    if (!isObject(input)) continue;
    const digests = isObject(input['digest']) ? Object.entries(input['digest']) : [];
    const [digest] = digests.filter(([, value]) => typeof value === 'string');
    const uri = textOf(input['uri']) ?? textOf(input['name']) ?? '?';
    yield claim('build-input', digest === undefined ? uri : `${clip(uri, 160)} ${digest[0]}:${String(digest[1]).slice(0, 64)}`);
  }
  const metadata = isObject(details['metadata']) ? details['metadata'] : {};
  const when = textOf(metadata['finishedOn']) ?? textOf(metadata['buildFinishedOn']);
  if (when !== undefined) yield claim('created', when);
  const began = textOf(metadata['startedOn']) ?? textOf(metadata['buildStartedOn']);
  if (began !== undefined) yield claim('started', began);
}

/** SLSA verification summary (verificationResult) and in-toto simple verification result (properties). */
function* checkedFacts(predicate: JsonObject): Generator<Said> {
  const verifier = isObject(predicate['verifier']) ? textOf(predicate['verifier']['id']) : undefined;
  const result = textOf(predicate['verificationResult']);
  if (result !== undefined) yield claim('verification', verifier === undefined ? result : `${result} by ${verifier}`);
  const when = textOf(predicate['timeVerified']) ?? textOf(predicate['timeCreated']);
  if (when !== undefined) yield claim('created', when);
}

function claim(field: ClaimField, value: string): FactOf<'claim'> {
  return { kind: 'claim', field, value: clip(value) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]).slice(0, most) : [];
}

function isHex(text: string): boolean {
  return /^[0-9a-fA-F]{32,128}$/.test(text);
}
