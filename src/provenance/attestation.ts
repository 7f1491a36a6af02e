// SPDX-License-Identifier: Apache-2.0
import { array, Fault, object, parseJson, string, type JsonObject, type Reader } from './json.ts';
import { printable } from './names.ts';

/** What can be attested of a model, by the name on the command line. */
export const attestationTypes = ['svr', 'vsa', 'cyclonedx', 'spdx'] as const;
export type AttestationType = (typeof attestationTypes)[number];

/**
 * Predicate types by name: the one that is written first. In-toto's Simple Verification Result, SLSA's Verification Summary,
 * and the two BOMs (in-toto/attestation, spec/predicates).
 */
const predicates: Readonly<Record<AttestationType, { readonly written: string; readonly read: RegExp }>> = {
  svr: { written: 'https://in-toto.io/attestation/svr/v0.1', read: /^https:\/\/in-toto\.io\/attestation\/svr\/v0\.\d{1,3}$/ },
  vsa: { written: 'https://slsa.dev/verification_summary/v1', read: /^https:\/\/slsa\.dev\/verification_summary\/v1(\.\d{1,3})?$/ },
  cyclonedx: { written: 'https://cyclonedx.org/bom', read: /^https:\/\/cyclonedx\.org\/bom(\/v?1\.\d{1,3})?$/ },
  spdx: { written: 'https://spdx.dev/Document/v3', read: /^https:\/\/spdx\.dev\/Document(\/v[23](\.\d{1,3}){0,2})?$/ },
};

const statementType = 'https://in-toto.io/Statement/v1';

/** The property that says: scanned to the end, and nothing of severity high or above. What `verify` demands by default. */
export const passed = 'ASSAY_SCAN_PASSED';

/** What a scan came to, as far as an attestation says it. */
export interface Verdict {
  readonly passed: boolean;
  /** `ASSAY_…`, what held; empty when the scan did not pass. */
  readonly properties: readonly string[];
  readonly policy: { readonly uri: string; readonly digest: Readonly<Record<string, string>> };
  /** Of the scanner. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly resourceUri: string;
  readonly inputs: readonly { readonly uri: string; readonly digest: Readonly<Record<string, string>> }[];
}

/** An in-toto statement over the root digest that a signature of the model names. */
export function attestationOf(type: AttestationType, model: string, rootDigest: string, predicate: unknown): Buffer {
  const subject = [{ name: model, digest: { sha256: rootDigest } }];
  return Buffer.from(JSON.stringify({ _type: statementType, subject, predicateType: predicates[type].written, predicate }), 'utf8');
}

/** Predicate of a Simple Verification Result. It can only say what held, so there is none for a scan that did not pass. */
export function svrOf({ version, time, properties, policy }: Verdict): unknown {
  return { verifier: { id: verifier(version), policy }, timeCreated: time, properties };
}

/** Predicate of a Verification Summary, which can also say that a model failed. */
export function vsaOf({ version, time, properties, policy, passed: pass, resourceUri, inputs }: Verdict): unknown {
  return {
    verifier: { id: verifier(version), version: { assay: version } },
    timeVerified: time,
    resourceUri,
    policy,
    inputAttestations: inputs,
    verificationResult: pass ? 'PASSED' : 'FAILED',
    verifiedLevels: pass ? properties : ['FAILED'],
  };
}

function verifier(version: string): string {
  return `pkg:npm/assay-scan@${version}`;
}

/** A statement that was read, and belongs to the model. */
export interface Attestation {
  readonly type: AttestationType;
  readonly predicate: JsonObject;
  /** When it says that it was verified; absent for BOMs. */
  readonly time?: string;
}

/**
 * Reads a signed statement, and holds it to the root digest of the signature. Throws `Fault` for one that is none, is of another
 * model, or says anything but that the model passed. The signature was checked before.
 */
export function readAttestation(payload: Buffer, rootDigest: string, demanded: readonly string[]): Attestation {
  const at: Reader = { kind: 'attestation', where: 'the attestation' };
  const statement = object(parseJson(payload, at), at, ['_type', 'subject', 'predicateType', 'predicate'], ['*']);
  const type = string(statement['_type'], { ...at, where: '_type' });
  if (type !== statementType) throw new Fault('attestation', `_type is ${printable(type)}; allowed is ${statementType}`);
  const subjects = array(statement['subject'], { ...at, where: 'subject' });
  if (subjects.length !== 1) throw new Fault('attestation', `the attestation has ${subjects.length} subjects; allowed is 1`);
  const subject = object(subjects[0], { ...at, where: 'subject' }, ['digest'], ['*']);
  const digest = string(object(subject['digest'], { ...at, where: 'subject.digest' }, ['sha256'], ['*'])['sha256'], { ...at, where: 'subject.digest.sha256' });
  if (digest !== rootDigest) throw new Fault('attestation', `the attestation is of sha256:${printable(digest)}, the signature of sha256:${rootDigest}`);
  const predicateType = string(statement['predicateType'], { ...at, where: 'predicateType' });
  const found = attestationTypes.find((one) => predicates[one].read.test(predicateType));
  if (found === undefined) throw new Fault('attestation', `predicateType is ${printable(predicateType)}; known are ${attestationTypes.map((one) => predicates[one].written).join(', ')}`);
  const predicate = object(statement['predicate'], { ...at, where: 'predicate' }, [], ['*']);
  if (found === 'svr') return { type: found, predicate, time: checkSvr(predicate, at, demanded) };
  if (found === 'vsa') return { type: found, predicate, time: checkVsa(predicate, at, demanded) };
  const isBom = found === 'cyclonedx' ? predicate['bomFormat'] === 'CycloneDX' : Object.hasOwn(predicate, 'spdxVersion') || Array.isArray(predicate['@graph']);
  if (!isBom) throw new Fault('attestation', `the attestation calls itself ${found}, but its predicate is no such document`);
  return { type: found, predicate };
}

function checkSvr(predicate: JsonObject, at: Reader, demanded: readonly string[]): string {
  const found = object(predicate, { ...at, where: 'predicate' }, ['verifier', 'timeCreated', 'properties'], ['*']);
  object(found['verifier'], { ...at, where: 'verifier' }, ['id'], ['*']);
  demand(array(found['properties'], { ...at, where: 'properties' }), demanded);
  return string(found['timeCreated'], { ...at, where: 'timeCreated' });
}

function checkVsa(predicate: JsonObject, at: Reader, demanded: readonly string[]): string {
  const found = object(predicate, { ...at, where: 'predicate' }, ['verifier', 'timeVerified', 'resourceUri', 'policy', 'verificationResult', 'verifiedLevels'], ['*']);
  object(found['verifier'], { ...at, where: 'verifier' }, ['id'], ['*']);
  const result = string(found['verificationResult'], { ...at, where: 'verificationResult' });
  if (result !== 'PASSED') throw new Fault('attestation', `verificationResult is ${printable(result)}; allowed is PASSED`);
  const levels = array(found['verifiedLevels'], { ...at, where: 'verifiedLevels' });
  if (levels.includes('FAILED')) throw new Fault('attestation', 'verifiedLevels holds FAILED');
  demand(levels, demanded);
  return string(found['timeVerified'], { ...at, where: 'timeVerified' });
}

function demand(found: readonly unknown[], demanded: readonly string[]): void {
  for (const one of demanded) {
    if (!found.includes(one)) throw new Fault('attestation', `the attestation does not say ${printable(one)}; it says ${found.length === 0 ? 'nothing' : printable(found.map(String).join(', '))}`);
  }
}
