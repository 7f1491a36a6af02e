// SPDX-License-Identifier: Apache-2.0
import { Fault, parseJson, type Json, type JsonObject } from '../json.ts';
import { ask, refusal, ServiceError, type Answer, type Service } from './http.ts';

/** The DSSE envelope as JSON, all its bytes in base64. */
export interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly sig: string; readonly keyid: string }[];
}

const json = { 'content-type': 'application/json', accept: 'application/json' } as const;

/** Has an envelope logged by Rekor v1 (sigstore/rekor, openapi.yaml: createLogEntry). Gives the entry in a bundle's form. */
export async function logV1(service: Service, envelope: Envelope, certificate: string): Promise<JsonObject> {
  const path = '/api/v1/log/entries';
  const verifiers = [Buffer.from(certificate).toString('base64')];
  const body = JSON.stringify({ apiVersion: '0.0.1', kind: 'dsse', spec: { proposedContent: { envelope: JSON.stringify(envelope), verifiers } } });
  let answer = await ask(service, { path, headers: json, body });
  if (answer.status === 409) {
    // It is there already: the answer to an earlier attempt was lost.
    const uuid = /\/([0-9a-f]{64,80})$/.exec(answer.headers.get('location') ?? '')?.[1];
    if (uuid !== undefined) answer = await ask(service, { method: 'GET', path: `${path}/${uuid}`, headers: json });
  }
  const entries = Object.values(objectIn(service, answer, path));
  if (entries.length !== 1) throw odd(service, `${entries.length} entries`);
  const { body: logged, integratedTime, logID, logIndex, verification } = entries[0] as Readonly<Record<string, Json | undefined>>;
  const { inclusionProof: proof, signedEntryTimestamp } = (verification ?? {}) as Readonly<Record<string, Json | undefined>>;
  const { hashes, rootHash, checkpoint, treeSize, logIndex: leaf } = (proof ?? {}) as Readonly<Record<string, Json | undefined>>;
  const { kind, apiVersion } = objectFrom(service, Buffer.from(text(service, logged), 'base64'));
  return {
    logIndex: whole(service, logIndex),
    logId: { keyId: fromHex(service, logID) },
    kindVersion: { kind: text(service, kind), version: text(service, apiVersion) },
    integratedTime: whole(service, integratedTime),
    ...(signedEntryTimestamp === undefined ? {} : { inclusionPromise: { signedEntryTimestamp } }),
    inclusionProof: {
      logIndex: whole(service, leaf), rootHash: fromHex(service, rootHash), treeSize: whole(service, treeSize),
      hashes: (Array.isArray(hashes) ? hashes as readonly Json[] : []).map((one) => fromHex(service, one)),
      checkpoint: { envelope: text(service, checkpoint) },
    },
    canonicalizedBody: text(service, logged),
  };
}

/** Has an envelope logged by Rekor v2 (sigstore/rekor-tiles: CreateEntry), which answers in a bundle's form. */
export async function logV2(service: Service, envelope: Envelope, der: Buffer): Promise<JsonObject> {
  const path = '/api/v2/log/entries';
  const verifiers = [{ x509Certificate: { rawBytes: der.toString('base64') }, keyDetails: 'PKIX_ECDSA_P256_SHA_256' }];
  const answer = await ask(service, { path, headers: json, body: JSON.stringify({ dsseRequestV002: { envelope, verifiers } }) });
  const entry = objectIn(service, answer, path);
  const proof = (entry['inclusionProof'] ?? {}) as JsonObject;
  // What is zero may be left out on the way, and some readers of bundles miss it.
  return {
    logIndex: entry['logIndex'] ?? '0',
    logId: entry['logId'] ?? null,
    kindVersion: entry['kindVersion'] ?? null,
    integratedTime: entry['integratedTime'] ?? '0',
    inclusionProof: {
      logIndex: proof['logIndex'] ?? '0', rootHash: proof['rootHash'] ?? null, treeSize: proof['treeSize'] ?? '0', hashes: proof['hashes'] ?? [], checkpoint: proof['checkpoint'] ?? null,
    },
    canonicalizedBody: entry['canonicalizedBody'] ?? null,
  };
}

/** The JSON object in an answer. */
export function objectIn(service: Service, answer: Answer, path: string): JsonObject {
  if (answer.status !== 200 && answer.status !== 201) throw refusal(service, answer, path);
  return objectFrom(service, answer.body);
}

function objectFrom(service: Service, bytes: Buffer): JsonObject {
  let read: Json;
  try {
    read = parseJson(bytes, { kind: 'bundle', where: 'the answer' });
  } catch (error) {
    if (error instanceof Fault) throw odd(service, 'no JSON');
    throw error;
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw odd(service, 'no JSON object');
  return read as JsonObject;
}

function text(service: Service, value: Json | undefined): string {
  if (typeof value === 'string') return value;
  throw odd(service, 'a field of an entry missing');
}

/** A number as text, which is how a bundle has it. */
function whole(service: Service, value: Json | undefined): string {
  if (Number.isSafeInteger(value) || typeof value === 'string') return `${value as number | string}`;
  throw odd(service, 'a number of an entry missing');
}

/** Base64 of what Rekor v1 writes in hex. */
function fromHex(service: Service, value: Json | undefined): string {
  const hex = text(service, value);
  if (!/^(?:[0-9a-f]{2})+$/.test(hex)) throw odd(service, 'a digest that is not hex');
  return Buffer.from(hex, 'hex').toString('base64');
}

/** What a service sent that it should not have. */
export function odd(service: Service, what: string): ServiceError {
  return new ServiceError(`${service.name} (${service.url}) answered with ${what}; nothing was written`);
}
