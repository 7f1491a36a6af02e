// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { UsageError } from '../model/usage-error.ts';
import { array, base64, Fault, object, parseJson, string, type Json, type JsonObject, type Reader } from './json.ts';
import { printable } from './names.ts';

/** Sigstore bundle v0.3: the only media type of OMS v1.0. */
export const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
/** DSSE payload type of in-toto statements. */
export const payloadType = 'application/vnd.in-toto+json';

/** Bytes. A manifest of a million files takes about 250 MB; V8 holds no text beyond 512 MiB. */
const largestBundle = 400 * 1024 * 1024;

/** Bytes of a payload whose base64 still fits. */
export const largestPayload = 290 * 1024 * 1024;

/** What a bundle offers for checking its signature. Nothing in it is trusted. */
export type Material =
  | { readonly method: 'key'; readonly hint?: string; readonly legacy: boolean }
  | { readonly method: 'certificate'; readonly chain: readonly Buffer[] }
  | { readonly method: 'keyless' };

/** A signature file taken apart, checked for form only. */
export interface Bundle {
  readonly material: Material;
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** Entries of a transparency log and timestamps that come with it. */
  readonly witnesses: number;
  /** The material as it was read, for those who check the witnesses. */
  readonly verificationMaterial: JsonObject;
}

/** Reads a signature file. Throws `UsageError` when there is none to read, `Fault` when it is not a bundle. */
export function readBundle(path: string): Bundle {
  return parseBundle(bundleBytes(path));
}

/** The bytes of a signature file. Throws `UsageError` when there is none to read, `Fault` when it is too large. */
export function bundleBytes(path: string): Buffer {
  let bytes: Buffer;
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)); // a pipe in its place is not waited for
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new UsageError(`the signature ${path} is not a file`);
    if (stat.size > largestBundle) throw new Fault('bundle', `the bundle is too large (${stat.size} bytes of ${largestBundle} allowed)`);
    bytes = readFileSync(fd);
  } catch (error) {
    if (error instanceof UsageError || error instanceof Fault) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is none; name it with --signature FILE' : `it cannot be read (${code})`;
    throw new UsageError(`no signature at ${path}: ${why}`, { cause: error });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  return bytes;
}

/** Takes a bundle apart by the OMS v1.0 schema, no looser. */
export function parseBundle(bytes: Buffer): Bundle {
  const at: Reader = { kind: 'bundle', where: 'the bundle' };
  const bundle = object(parseJson(bytes, at), at, ['mediaType', 'verificationMaterial', 'dsseEnvelope']);
  const mediaType = string(bundle['mediaType'], { ...at, where: 'mediaType' });
  if (mediaType !== bundleType) throw new Fault('bundle', `mediaType is ${printable(mediaType)}; allowed is ${bundleType}`);
  const envelope = object(bundle['dsseEnvelope'], { ...at, where: 'dsseEnvelope' }, ['payload', 'payloadType', 'signatures']);
  const type = string(envelope['payloadType'], { ...at, where: 'payloadType' });
  if (type !== payloadType) throw new Fault('bundle', `payloadType is ${printable(type)}; allowed is ${payloadType}`);
  const signatures = array(envelope['signatures'], { ...at, where: 'signatures' });
  if (signatures.length !== 1) throw new Fault('bundle', `the envelope has ${signatures.length} signatures; allowed is 1`);
  const signature = object(signatures[0], { ...at, where: 'the signature' }, ['sig'], ['keyid']);
  const keyid = signature['keyid'] ?? null;
  if (keyid !== null && typeof keyid !== 'string') throw new Fault('bundle', 'keyid is not text');
  return {
    ...materialOf(bundle['verificationMaterial']),
    verificationMaterial: bundle['verificationMaterial'] as JsonObject,
    payload: base64(envelope['payload'], { ...at, where: 'payload' }),
    signature: base64(signature['sig'], { ...at, where: 'sig' }),
  };
}

const methods = { publicKey: 'key', x509CertificateChain: 'certificate', certificate: 'keyless' } as const;

function materialOf(value: Json | undefined): { material: Material; witnesses: number } {
  const at: Reader = { kind: 'bundle', where: 'verificationMaterial' };
  const found = object(value, at, [], [...Object.keys(methods), 'tlogEntries', 'timestampVerificationData']);
  const present = (Object.keys(methods) as (keyof typeof methods)[]).filter((key) => Object.hasOwn(found, key));
  const [field] = present;
  if (field === undefined || present.length > 1) {
    throw new Fault('bundle', `verificationMaterial holds ${present.length === 0 ? 'no key and no certificate' : present.join(' and ')}; allowed is one`);
  }
  const log = Object.hasOwn(found, 'tlogEntries') ? array(found['tlogEntries'], { ...at, where: 'tlogEntries' }) : [];
  const stamps = Object.hasOwn(found, 'timestampVerificationData')
    ? object(found['timestampVerificationData'], { ...at, where: 'timestampVerificationData' }, [], ['rfc3161Timestamps'])['rfc3161Timestamps'] ?? []
    : [];
  const witnesses = log.length + array(stamps, { ...at, where: 'rfc3161Timestamps' }).length;
  const method = methods[field];
  if (method === 'keyless') return { material: { method }, witnesses };
  if (method === 'certificate') {
    const where = 'x509CertificateChain.certificates';
    const certificates = array(object(found[field], { ...at, where: field }, ['certificates'])['certificates'], { ...at, where });
    const chain = certificates.map((one) => base64(object(one, { ...at, where }, ['rawBytes'])['rawBytes'], { ...at, where }));
    return { material: { method, chain }, witnesses };
  }
  const key = object(found['publicKey'], { ...at, where: 'publicKey' }, [], ['*']);
  if (!Object.hasOwn(key, 'hint')) {
    // Releases before 1.1.0 put the key itself here. It is not used: a key that comes with the signature proves nothing.
    base64(key['rawBytes'], { ...at, where: 'publicKey.rawBytes' });
    return { material: { method, legacy: true }, witnesses };
  }
  return { material: { method, hint: string(key['hint'], { ...at, where: 'publicKey.hint' }), legacy: false }, witnesses };
}

/** DSSE v1 pre-authentication encoding: the bytes that are signed. */
export function preAuthEncoding(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `, 'latin1'), payload]);
}

/**
 * What model-signing 0.2.0 signed in its place: another prefix, and the payload as Python prints bytes. For reading
 * those old signatures only.
 */
export function preAuthEncodingV02(payload: Buffer): Buffer {
  const quote = payload.includes(0x27) && !payload.includes(0x22) ? '"' : "'";
  const parts: string[] = [];
  for (const byte of payload) parts.push(pythonByte(byte, quote));
  return Buffer.from(`DSSEV1 ${payloadType.length} ${payloadType} ${payload.length} b${quote}${parts.join('')}${quote}`, 'latin1');
}

function pythonByte(byte: number, quote: string): string {
  const character = String.fromCharCode(byte);
  if (character === '\\' || character === quote) return `\\${character}`;
  if (byte === 0x0a) return '\\n';
  if (byte === 0x0d) return '\\r';
  if (byte === 0x09) return '\\t';
  return byte < 0x20 || byte > 0x7e ? `\\x${byte.toString(16).padStart(2, '0')}` : character;
}
