// SPDX-License-Identifier: Apache-2.0
import { verify as verifyBytes, X509Certificate, type KeyObject } from 'node:crypto';
import type { SignedEntity, TrustMaterial } from '@sigstore/verify';
import { Fault, type FaultKind, type JsonObject } from '../json.ts';
import { printable } from '../names.ts';
import { checkSigner } from './entry.ts';
import { sha256, witnessesOf, type Witnesses } from './form.ts';
import { identityIn, type Identity } from './identity.ts';
import { verifyTimestamp } from './timestamp.ts';
import { whereToGetOne, type TrustedRoot } from './trust.ts';

/** What was signed, and how to hold it against a log entry or a key. */
export interface Signed {
  readonly signature: Buffer;
  /** SHA-256 of a DSSE payload, or the digest of a plain message: what most kinds of log entry record. */
  readonly contentDigest: () => Buffer;
  /** SHA-256 of the bytes under the signature. */
  readonly signedDigest: () => Buffer;
  readonly verify: (key: KeyObject) => boolean;
}

/** The moments that were established, and by whom. */
export interface Time {
  readonly source: 'transparency log' | 'timestamp authority';
  /** ISO 8601, to the second or finer. */
  readonly time: string;
}

/** The log entries that were proven. */
export interface LogEntry {
  /** Address of the log, from the trusted root. */
  readonly log: string;
  /** Base64 of the log's id. */
  readonly logId: string;
  readonly index: string;
  readonly kind: string;
  /** By a proof of inclusion under a signed checkpoint, by the log's promise, or both. */
  readonly by: 'proof' | 'promise' | 'proof and promise';
}

/** What a signature's witnesses established. */
export interface Established {
  readonly times: readonly Time[];
  readonly entries: readonly LogEntry[];
  /** Absent for a signature by a bare key. */
  readonly signer?: Identity;
}

/** How many witnesses are demanded. Those that are there must all hold, whatever is demanded. */
export interface Thresholds {
  readonly entries: number;
  readonly times: number;
}

const kinds: Readonly<Record<string, FaultKind>> = { CERTIFICATE_ERROR: 'certificate', PUBLIC_KEY_ERROR: 'key', SIGNATURE_ERROR: 'signature', TIMESTAMP_ERROR: 'timestamp' };

/**
 * Checks a signature with all its witnesses: certificate path and validity at every established time, certificate
 * transparency, log entries, timestamps, and at last the signature itself. `material` is the bundle's
 * `verificationMaterial`. `key` is given when the caller knows whose key it is; without it, the key is that of the
 * certificate in the bundle, under the certificate authorities of the trusted root. Throws `Fault`.
 */
export async function establish(
  mediaType: string, material: JsonObject, signed: Signed, root: TrustedRoot, needed: Thresholds, key?: KeyObject,
): Promise<Established> {
  const witnesses = witnessesOf(material);
  const certificate = key !== undefined && Object.hasOwn(material, 'publicKey') ? undefined : leafOf(material);
  for (const entry of witnesses.entries) checkSigner(entry, certificate ?? key!);
  const signer = certificate === undefined || key !== undefined ? undefined : identityIn(certificate);
  if (witnesses.entries.length < needed.entries) {
    throw new Fault('log', `the signature comes with ${witnesses.entries.length} log entries; ${needed.entries} are demanded`);
  }
  const times = timesOf(witnesses, signed.signature, root);
  if (times.length < needed.times) {
    throw new Fault('timestamp', `nothing proves when the signature was made: it comes with ${times.length} times of a log or timestamp authority, ${needed.times} are demanded`);
  }
  for (const entry of witnesses.entries) checkLogKey(entry, root);
  const entity = await entityOf(mediaType, key === undefined ? material : withoutSigner(material), signed, times);
  await run(entity, await materialOf(root, key), key === undefined ? 1 : 0);
  const entries = witnesses.entries.map((entry) => logged(entry, root, times));
  return { times, entries, ...(signer === undefined ? {} : { signer }) };
}

/**
 * Gives the library the last word. It throws errors of its own for what it refuses, and whatever JavaScript throws for
 * hostile DER; neither may pass as anything but a refusal.
 */
async function run(entity: SignedEntity, trust: TrustMaterial, ctlogThreshold: number): Promise<void> {
  const { Verifier, VerificationError } = await import('@sigstore/verify');
  try {
    new Verifier(trust, { tlogThreshold: 0, timestampThreshold: 0, ctlogThreshold }).verify(entity);
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (!(error instanceof VerificationError)) throw new Fault('bundle', `the witnesses of the signature cannot be read (${printable((error as Error).message)})`);
    const { code } = error as { code: string };
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    throw new Fault(kinds[code] ?? (code.startsWith('TLOG') ? 'log' : 'bundle'), sentence(code, `${error.message}${cause}`));
  }
}

const sentences: Readonly<Record<string, string>> = {
  CERTIFICATE_ERROR: 'the signer\'s certificate does not hold under the trusted root at the time of signing',
  SIGNATURE_ERROR: 'the signature does not match: the signed text was changed, or signed with another key',
  TLOG_INCLUSION_PROMISE_ERROR: 'the promise of a log entry is not signed by a log of the trusted root',
  TLOG_INCLUSION_PROOF_ERROR: 'the proof that a log holds the entry does not hold under the trusted root',
  TLOG_MISSING_INCLUSION_ERROR: 'a log entry comes with neither proof nor promise',
  TLOG_BODY_ERROR: 'a log entry is about another signature',
};

function sentence(code: string, message: string): string {
  const known = sentences[code];
  return known === undefined ? printable(message) : `${known} (${printable(message)})`;
}

/** The signer's certificate: the first of the chain in old bundles. Others that come along are not used; a root may not. */
export function leafOf(material: JsonObject): X509Certificate {
  const one = material['certificate'] as { rawBytes?: unknown } | undefined;
  const chain = (material['x509CertificateChain'] as { certificates?: readonly { rawBytes?: unknown }[] } | undefined)?.certificates;
  if (one === undefined) for (const more of chain?.slice(1, 16) ?? []) refuseRoot(more.rawBytes);
  const text = (one ?? chain?.[0])?.rawBytes;
  if (typeof text !== 'string') throw new Fault('material', 'the signature does not come with a certificate, so no identity stands behind it');
  const raw = Buffer.from(text, 'base64');
  try {
    const read = new X509Certificate(raw);
    if (read.raw.equals(raw) && raw.toString('base64') === text) return read;
  } catch {
    // said below
  }
  throw new Fault('certificate', 'the signer\'s certificate is not one whole DER certificate');
}

/** Sigstore bundle specification: trust anchors come from the verifier, never along with the signature. */
function refuseRoot(text: unknown): void {
  let read: X509Certificate;
  try {
    read = new X509Certificate(Buffer.from(String(text), 'base64'));
  } catch {
    throw new Fault('certificate', 'a certificate in the signature cannot be read');
  }
  if (read.subject === read.issuer) throw new Fault('certificate', 'the signature brings a root certificate along; roots come from the trusted root alone');
}

/** The library's view of the bundle, with our own view of what was signed: its own takes SHA-256 on every curve. */
async function entityOf(mediaType: string, material: JsonObject, signed: Signed, times: readonly Time[]): Promise<SignedEntity> {
  const [{ bundleFromJSON }, { toSignedEntity }] = await Promise.all([import('@sigstore/bundle'), import('@sigstore/verify')]);
  let entity: SignedEntity;
  try {
    // The content is put in below: nothing is gained by copying a payload of many megabytes through here.
    const content = { payload: 'AA==', payloadType: '-', signatures: [{ sig: 'AA==', keyid: '' }] };
    entity = toSignedEntity(bundleFromJSON({ mediaType, verificationMaterial: forLibrary(material), dsseEnvelope: content }));
  } catch (error) {
    const fields = (error as { fields?: readonly string[] }).fields;
    throw new Fault('bundle', fields === undefined
      ? `the verification material cannot be read (${printable((error as Error).message)})`
      : `the bundle lacks or may not have ${printable(fields.join(', '))}`);
  }
  return {
    ...entity,
    // Established already, or by the promises that are checked with the log entries; the certificate has to be valid at each.
    timestamps: times.map(({ time }, index) => asTimestamp(time, index)),
    signature: {
      signature: signed.signature,
      compareSignature: (other) => other.equals(signed.signature),
      compareDigest: (other) => other.equals(signed.contentDigest()),
      compareSignedDigest: (other) => other.equals(signed.signedDigest()),
      verifySignature: (key) => signed.verify(key),
    },
  };
}

/** For keys that the caller has found good: the library knows Sigstore's certificates only, and none of other authorities. */
function withoutSigner({ tlogEntries }: JsonObject): JsonObject {
  return { publicKey: { hint: 'given' }, tlogEntries: tlogEntries ?? [] };
}

/** The one form in which the library takes a time as it is. It only looks at these fields, and counts equal ones once. */
function asTimestamp(time: string, index: number): SignedEntity['timestamps'][number] {
  const tlogEntry = { inclusionPromise: {}, integratedTime: String(new Date(time).getTime() / 1000), logId: { keyId: Buffer.from([index]) } };
  return { $case: 'transparency-log', tlogEntry: tlogEntry as unknown as Extract<SignedEntity['timestamps'][number], { $case: 'transparency-log' }>['tlogEntry'] };
}

/** Version 0.1 bundles may have proofs without a checkpoint, which prove nothing; the promise has to do. */
function forLibrary(material: JsonObject): JsonObject {
  const entries = (material['tlogEntries'] ?? []) as readonly JsonObject[];
  return {
    ...material,
    timestampVerificationData: {}, // verified here
    tlogEntries: entries.map((entry) => {
      const { inclusionProof, ...rest } = entry;
      const checkpoint = (inclusionProof as JsonObject | null | undefined)?.['checkpoint'] ?? null;
      return checkpoint === null && (rest['inclusionPromise'] ?? null) !== null ? rest : entry;
    }),
  };
}

async function materialOf({ json }: TrustedRoot, key: KeyObject | undefined): Promise<TrustMaterial> {
  const [{ TrustedRoot: Root }, { toTrustMaterial }] = await Promise.all([import('@sigstore/protobuf-specs'), import('@sigstore/verify')]);
  return toTrustMaterial(Root.fromJSON(json), () => {
    if (key === undefined) throw new Fault('material', 'the signature was made with a bare key; give it with --key PEM');
    return { publicKey: key, validFor: () => true };
  });
}

/** A log's own time counts only with its signed promise, which covers it. */
function timesOf({ entries, timestamps }: Witnesses, signature: Buffer, root: TrustedRoot): Time[] {
  return [
    ...entries.filter((entry) => entry.promise && entry.integratedTime > 0)
      .map(({ integratedTime }): Time => ({ source: 'transparency log', time: iso(integratedTime * 1000) })),
    ...timestamps.map((stamp): Time => ({ source: 'timestamp authority', time: verifyTimestamp(stamp, signature, root.timestampAuthorities).toISOString() })),
  ];
}

function iso(time: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw new Fault('timestamp', 'a time that comes with the signature is none');
  return date.toISOString();
}

/** The library checks what logs sign with SHA-256 alone, which is not what logs on other curves than P-256 use. */
function checkLogKey(entry: Witnesses['entries'][number], root: TrustedRoot): void {
  const curve = root.logs.get(entry.logId.toString('base64'))?.curve;
  if (curve !== undefined && curve !== 'prime256v1') throw new Fault('unsupported', `the key of the log is on the curve ${curve}, which cannot be checked; P-256, Ed25519 and RSA can`);
}

/** Logs without times of their own are held to the established times: a retired log's key proves nothing later. */
function logged(entry: Witnesses['entries'][number], root: TrustedRoot, times: readonly Time[]): LogEntry {
  const logId = entry.logId.toString('base64');
  const log = root.logs.get(logId);
  if (log === undefined) throw new Fault('log', `the log ${logId} is not in the trusted root; ${whereToGetOne}`);
  for (const { time } of times) {
    const at = new Date(time);
    if (at < log.start || (log.end !== undefined && at > log.end)) {
      throw new Fault('log', `the log ${printable(log.url)} counts from ${log.start.toISOString()} to ${log.end?.toISOString() ?? 'now'}, the signature was made at ${time}`);
    }
  }
  const by = entry.proof ? (entry.promise ? 'proof and promise' : 'proof') : 'promise';
  return { log: log.url, logId, index: entry.index, kind: `${entry.kind}/${entry.version}`, by };
}

/** A DSSE envelope or any other bytes, verified as the key's kind demands; SHA-256 too, which older clients use on every curve. */
export function holds(data: Buffer, key: KeyObject, signature: Buffer): boolean {
  return hashesFor(key).some((hash) => verifyBytes(hash, data, key, signature));
}

/** The hashes a signature by this key may be made with; null where the algorithm brings its own. Throws `Fault` for other keys. */
export function hashesFor(key: KeyObject): readonly (string | null)[] {
  const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details } = key;
  if (type === 'ed25519') return [null];
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048) return ['sha256'];
  const hashes = type === 'ec' ? curveHashes[details?.namedCurve ?? ''] : undefined;
  if (hashes === undefined) throw new Fault('key', `the signer's key is of the kind ${type} ${details?.namedCurve ?? ''}; allowed are P-256, P-384, P-521, Ed25519, and RSA from 2048 bits up`);
  return hashes;
}

const curveHashes: Readonly<Record<string, readonly string[]>> = { prime256v1: ['sha256'], secp384r1: ['sha384', 'sha256'], secp521r1: ['sha512', 'sha256'] };

/** What is signed in a DSSE envelope. `encoded` is its pre-authentication encoding. */
export function signedEnvelope(payload: Buffer, encoded: Buffer, signature: Buffer): Signed {
  return {
    signature,
    contentDigest: () => sha256(payload),
    signedDigest: () => sha256(encoded),
    verify: (key) => holds(encoded, key, signature),
  };
}
