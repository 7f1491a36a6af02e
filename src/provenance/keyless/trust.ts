// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, X509Certificate } from 'node:crypto';
import { UsageError } from '../../model/usage-error.ts';
import { array, base64, Fault, object, parseJson, string, type Json, type JsonObject, type Reader } from '../json.ts';
import { printable } from '../names.ts';
import type { Authority } from './timestamp.ts';

/** Where a trusted root can be had; none is ever fetched. */
export const whereToGetOne = 'the one of the public Sigstore is targets/trusted_root.json of github.com/sigstore/root-signing; a private instance gives out its own';

const mediaTypes = ['application/vnd.dev.sigstore.trustedroot+json;version=0.1', 'application/vnd.dev.sigstore.trustedroot.v0.1+json', 'application/vnd.dev.sigstore.trustedroot.v0.2+json'];
/** One file with a trusted root and a signing configuration, as private instances hand it out. */
const clientConfig = 'application/vnd.dev.sigstore.clienttrustconfig.v0.1+json';

/** Key details whose bytes are PKCS#1, as the library takes them. */
const pkcs1 = /^(?:PKCS1_RSA_PKCS1V5|PKIX_RSA_PKCS1V5|PKIX_RSA_PKCS1V15_(?:2048|3072|4096)_SHA256)$/;

/** A trusted root in its JSON form, checked: every key and certificate can be read, and each says from when it counts. */
export interface TrustedRoot {
  readonly json: JsonObject;
  /** Logs by the base64 of their id. */
  readonly logs: ReadonlyMap<string, Log>;
  readonly timestampAuthorities: readonly Authority[];
}

/** A transparency log that is trusted. */
export interface Log {
  readonly url: string;
  /** OpenSSL's name of its key's curve; absent for keys of other kinds. */
  readonly curve?: string;
  readonly start: Date;
  /** Absent: still in use. */
  readonly end?: Date;
}

/** Reads a trusted root. `from` names the file in messages; a file that is not one is a mistake of whoever gave it. */
export function trustedRootFrom(text: string, from: string): TrustedRoot {
  try {
    const at: Reader = { kind: 'bundle', where: from };
    let root = object(parseJson(Buffer.from(text), at), at, [], ['*']);
    if (root['mediaType'] === clientConfig) root = object(root['trustedRoot'], { ...at, where: `${from}: trustedRoot` }, [], ['*']);
    const mediaType = string(root['mediaType'], { ...at, where: `${from}: mediaType` });
    if (!mediaTypes.includes(mediaType)) throw new Fault('bundle', `${from} has the mediaType ${printable(mediaType)}; allowed is ${mediaTypes[0]}`);
    const logs = new Map<string, Log>();
    for (const [index, one] of list(root, 'tlogs', from).entries()) {
      for (const [id, log] of logOf(one, `${from}: tlogs[${index}]`)) logs.set(id, log);
    }
    for (const [index, one] of list(root, 'ctlogs', from).entries()) logOf(one, `${from}: ctlogs[${index}]`);
    for (const [index, one] of list(root, 'certificateAuthorities', from).entries()) authorityOf(one, `${from}: certificateAuthorities[${index}]`);
    const timestampAuthorities = list(root, 'timestampAuthorities', from).map((one, index) => authorityOf(one, `${from}: timestampAuthorities[${index}]`));
    return { json: root, logs, timestampAuthorities };
  } catch (error) {
    if (error instanceof Fault) throw new UsageError(`--trusted-root: ${error.message}`, { cause: error });
    throw error;
  }
}

function list(root: JsonObject, field: string, from: string): readonly Json[] {
  return array(root[field] ?? [], { kind: 'bundle', where: `${from}: ${field}` });
}

function logOf(value: Json, where: string): [string, Log][] {
  const place = (field: string): Reader => ({ kind: 'bundle', where: `${where}.${field}` });
  const log = object(value, { kind: 'bundle', where }, ['publicKey'], ['*']);
  const key = object(log['publicKey'], place('publicKey'), ['rawBytes', 'keyDetails'], ['*']);
  const raw = base64(key['rawBytes'], place('publicKey.rawBytes'));
  const details = string(key['keyDetails'], place('publicKey.keyDetails'));
  let curve: string | undefined;
  try {
    curve = createPublicKey({ key: raw, format: 'der', type: pkcs1.test(details) ? 'pkcs1' : 'spki' }).asymmetricKeyDetails?.namedCurve;
  } catch {
    throw new Fault('bundle', `${where} has a public key that cannot be read (${printable(details)})`);
  }
  const span = spanOf(key['validFor'], `${where}.publicKey`);
  const url = typeof log['baseUrl'] === 'string' ? log['baseUrl'] : '';
  const ids = ['logId', 'checkpointKeyId'].filter((field) => (log[field] ?? null) !== null)
    .map((field) => base64(object(log[field], place(field), ['keyId'])['keyId'], place(`${field}.keyId`)).toString('base64'));
  if (ids.length === 0) throw new Fault('bundle', `${where} has no logId`);
  return ids.map((id) => [id, { url, ...span, ...(curve === undefined ? {} : { curve }) }]);
}

function authorityOf(value: Json, where: string): Authority {
  const at: Reader = { kind: 'bundle', where };
  const authority = object(value, at, ['certChain'], ['*']);
  const span = spanOf(authority['validFor'], where);
  const chain = array(object(authority['certChain'], { ...at, where: `${where}.certChain` }, ['certificates'], ['*'])['certificates'], { ...at, where: `${where}.certChain` });
  if (chain.length === 0) throw new Fault('bundle', `${where} has no certificates`);
  const certificates = chain.map((one) => {
    const raw = base64(object(one, { ...at, where: `${where}.certChain` }, ['rawBytes'], ['*'])['rawBytes'], { ...at, where: `${where}.certChain` });
    try {
      const read = new X509Certificate(raw);
      if (read.raw.equals(raw)) return read;
    } catch {
      // said below
    }
    throw new Fault('bundle', `${where} has a certificate that cannot be read`);
  });
  return { chain: certificates, ...span };
}

/** From when and until when. Without a start, nothing would say that it did not count before it existed. */
function spanOf(value: Json | undefined, where: string): { readonly start: Date; readonly end?: Date } {
  const span = object(value ?? {}, { kind: 'bundle', where: `${where}.validFor` }, [], ['*']);
  const start = dateOf(span['start'] ?? null, `${where}.validFor.start`);
  if (start === undefined) throw new Fault('bundle', `${where} has no validFor.start; a trusted root must say from when each of its members counts`);
  const end = dateOf(span['end'] ?? null, `${where}.validFor.end`);
  if (end !== undefined && end < start) throw new Fault('bundle', `${where} ends (${end.toISOString()}) before it starts (${start.toISOString()})`);
  return { start, ...(end === undefined ? {} : { end }) };
}

function dateOf(value: Json, where: string): Date | undefined {
  if (value === null) return undefined;
  const date = new Date(typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(value) ? value : Number.NaN);
  if (Number.isNaN(date.getTime())) throw new Fault('bundle', `${where} is ${printable(JSON.stringify(value))}; allowed is a time such as 2025-01-01T00:00:00Z`);
  return date;
}
