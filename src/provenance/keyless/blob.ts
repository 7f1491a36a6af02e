// SPDX-License-Identifier: Apache-2.0
import { createHash, createVerify, verify as verifyBytes, X509Certificate, type KeyObject, type Verify } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { UsageError } from '../../model/usage-error.ts';
import { bundleBytes, bundleType, payloadType } from '../bundle.ts';
import { array, base64, Fault, object, parseJson, string, type JsonObject, type Reader } from '../json.ts';
import { printable } from '../names.ts';
import type { Note, Problem } from '../verification.ts';
import { verifyDigest } from './ecdsa.ts';
import { checkPolicy, type Policy } from './identity.ts';
import type { TrustedRoot } from './trust.ts';
import { establish, hashesFor, leafOf, signedEnvelope, type Established, type Signed } from './witness.ts';

/** Bundle types that are read, with the field that older ones may have in place of a single certificate. */
const mediaTypes = [
  'application/vnd.dev.sigstore.bundle+json;version=0.1', 'application/vnd.dev.sigstore.bundle+json;version=0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3', bundleType,
];

/** Bytes of a file whose Ed25519 signature is checked: that algorithm wants all of them at once. */
const largestAtOnce = 1 << 30;

/** What is to be verified: a file, or the SHA-256 of one in its place. */
export type Artefact = { readonly path: string } | { readonly sha256: Buffer };

/** Who must have signed it: a person or workflow under a trusted root, or a key, with or without one. */
export type Trusted =
  | { readonly policy: Policy; readonly root: TrustedRoot }
  | { readonly key: KeyObject; readonly root?: TrustedRoot };

/** The result of verifying a single artefact against a Sigstore bundle. */
export interface BlobVerification {
  readonly artefact: string;
  readonly verified: boolean;
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  /** SHA-256 of the artefact, lower-case hex; absent when it was not read. */
  readonly sha256?: string;
  /** Type of the signed statement's predicate; absent for plain signatures. */
  readonly predicateType?: string;
  readonly established?: Established;
}

/** Reads PATH of a command: a file, or `sha256:` and 64 hex digits. */
export function artefactAt(path: string): Artefact {
  const digest = /^sha256:([0-9a-f]{64})$/i.exec(path)?.[1];
  if (digest !== undefined) return { sha256: Buffer.from(digest, 'hex') };
  if (path.startsWith('sha256:')) throw new UsageError(`PATH is ${printable(path)}; allowed is sha256: and 64 hex digits`);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new UsageError(`${path} is not there`);
  if (!stat.isFile()) throw new UsageError(`${path} is not a file; --bundle verifies a single file, or sha256:… in its place`);
  return { path };
}

/** Verifies a plain signature or an in-toto statement, in any Sigstore bundle up to version 0.3, over one artefact. */
export async function verifyBlob(artefact: Artefact, bundlePath: string, trusted: Trusted): Promise<BlobVerification> {
  const name = 'path' in artefact ? basename(artefact.path) : `sha256:${artefact.sha256.toString('hex')}`;
  const notes: Note[] = [];
  try {
    const bundle = parse(bundleBytes(bundlePath));
    const key = signerOf(bundle.material, trusted);
    const read = await readArtefact(artefact, bundle, key instanceof X509Certificate ? key.publicKey : key);
    const { signed, predicateType } = bundle.envelope === undefined ? plain(bundle, read) : statement(bundle.envelope, read.sha256);
    const established = await check(bundle, signed, trusted, notes);
    return {
      artefact: name, verified: true, problems: [], notes, sha256: read.sha256.toString('hex'),
      ...(predicateType === undefined ? {} : { predicateType }), ...(established === undefined ? {} : { established }),
    };
  } catch (error) {
    if (error instanceof Changed) return { artefact: name, verified: false, problems: [{ kind: 'changed', detail: error.message }], notes };
    if (!(error instanceof Fault)) throw error;
    return { artefact: name, verified: false, problems: [{ kind: error.kind, detail: error.message }], notes };
  }
}

/** The signature is of something else. */
class Changed extends Error {}

interface Parsed {
  readonly mediaType: string;
  readonly material: JsonObject;
  readonly signature: Buffer;
  readonly envelope?: { readonly payload: Buffer; readonly type: string; readonly signature: Buffer };
  readonly digest?: { readonly algorithm: string; readonly digest: Buffer };
}

const place = (where: string): Reader => ({ kind: 'bundle', where });

function parse(bytes: Buffer): Parsed {
  const bundle = object(parseJson(bytes, place('the bundle')), place('the bundle'), ['mediaType', 'verificationMaterial'], ['messageSignature', 'dsseEnvelope']);
  const mediaType = string(bundle['mediaType'], place('mediaType'));
  if (!mediaTypes.includes(mediaType)) throw new Fault('bundle', `mediaType is ${printable(mediaType)}; allowed are ${mediaTypes[0]} to 0.3, and ${bundleType}`);
  const fields = ['publicKey', 'x509CertificateChain', 'certificate'];
  const material = object(bundle['verificationMaterial'], place('verificationMaterial'), [], [...fields, 'tlogEntries', 'timestampVerificationData']);
  const present = fields.filter((field) => Object.hasOwn(material, field));
  if (present.length !== 1) throw new Fault('bundle', `verificationMaterial holds ${present.length === 0 ? 'no key and no certificate' : present.join(' and ')}; allowed is one`);
  const [plainOne, envelope] = [bundle['messageSignature'], bundle['dsseEnvelope']];
  if ((plainOne === undefined) === (envelope === undefined)) throw new Fault('bundle', 'the bundle has to hold a messageSignature or a dsseEnvelope, and not both');
  if (plainOne !== undefined) {
    const message = object(plainOne, place('messageSignature'), ['messageDigest', 'signature']);
    const digest = object(message['messageDigest'], place('messageDigest'), ['algorithm', 'digest']);
    return {
      mediaType, material, signature: base64(message['signature'], place('signature')),
      digest: { algorithm: string(digest['algorithm'], place('algorithm')), digest: base64(digest['digest'], place('digest')) },
    };
  }
  const read = object(envelope, place('dsseEnvelope'), ['payload', 'payloadType', 'signatures']);
  const signatures = array(read['signatures'], place('signatures'));
  if (signatures.length !== 1) throw new Fault('bundle', `the envelope has ${signatures.length} signatures; allowed is 1`);
  const signature = base64(object(signatures[0], place('the signature'), ['sig'], ['keyid'])['sig'], place('sig'));
  return { mediaType, material, signature, envelope: { payload: base64(read['payload'], place('payload')), type: string(read['payloadType'], place('payloadType')), signature } };
}

/** The key that must have signed. Which one a bundle names is for the bundle to say; that it is trusted comes later. */
function signerOf(material: JsonObject, trusted: Trusted): X509Certificate | KeyObject {
  if ('policy' in trusted) return leafOf(material);
  if (!Object.hasOwn(material, 'publicKey')) throw new Fault('material', 'the signature was made with a certificate, which a key cannot verify; demand --identity and --issuer');
  return trusted.key;
}

async function check(bundle: Parsed, signed: Signed, trusted: Trusted, notes: Note[]): Promise<Established | undefined> {
  const { mediaType, material } = bundle;
  if ('policy' in trusted) {
    const established = await establish(mediaType, material, signed, trusted.root, { entries: 1, times: 1 });
    checkPolicy(established.signer!, trusted.policy);
    return established;
  }
  if (trusted.root !== undefined) {
    const established = await establish(mediaType, material, signed, trusted.root, { entries: 0, times: 0 }, trusted.key);
    if (established.entries.length + established.times.length > 0) return established;
    throw new Fault('log', 'a trusted root is given, but the signature comes with no log entry and no timestamp');
  }
  if (!signed.verify(trusted.key)) throw new Fault('signature', 'the signature does not match: the file was changed, or signed with another key');
  if (((material['tlogEntries'] ?? []) as readonly unknown[]).length > 0 || (material['timestampVerificationData'] ?? null) !== null) {
    notes.push({ kind: 'witnesses', detail: 'log entries or timestamps come with the signature; they were not checked, which takes --trusted-root' });
  }
  return undefined;
}

interface Read {
  readonly sha256: Buffer;
  /** The digest by the algorithm that the bundle names; absent when it names none. */
  readonly named?: Buffer;
  readonly holds: (key: KeyObject, signature: Buffer) => boolean;
}

const algorithms: Readonly<Record<string, string>> = { SHA2_256: 'sha256', SHA2_384: 'sha384', SHA2_512: 'sha512' };

/** Reads the artefact once, whatever its size, for every digest and signature that is wanted. */
async function readArtefact(artefact: Artefact, { digest }: Parsed, key: KeyObject): Promise<Read> {
  const algorithm = digest === undefined ? 'sha256' : algorithms[digest.algorithm];
  if (algorithm === undefined) throw new Fault('unsupported', `the digest's algorithm is ${printable(digest!.algorithm)}; allowed are ${Object.keys(algorithms).join(', ')}`);
  const candidates = hashesFor(key);
  if ('sha256' in artefact) return fromDigest(artefact.sha256, algorithm, key);
  const sha256 = createHash('sha256');
  const named = createHash(algorithm);
  const verifiers: Verify[] = candidates.flatMap((hash) => (hash === null || digest === undefined ? [] : [createVerify(hash)]));
  for await (const chunk of createReadStream(artefact.path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    sha256.update(chunk);
    named.update(chunk);
    for (const one of verifiers) one.update(chunk);
  }
  const holds = (by: KeyObject, signature: Buffer): boolean => (candidates.includes(null)
    ? verifyBytes(null, small(artefact.path), by, signature)
    : verifiers.some((one) => one.verify(by, signature)));
  return { sha256: sha256.digest(), named: named.digest(), holds };
}

function small(path: string): Buffer {
  const { size } = statSync(path);
  if (size > largestAtOnce) throw new Fault('unsupported', `${path} is too large for an Ed25519 signature over it (${size} bytes of ${largestAtOnce} allowed)`);
  return readFileSync(path);
}

function fromDigest(sha256: Buffer, algorithm: string, key: KeyObject): Read {
  if (algorithm !== 'sha256') throw new Fault('unsupported', `the signature is over a ${algorithm} digest, which sha256: cannot stand for; give the file`);
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const holds = (by: KeyObject, signature: Buffer): boolean => {
    if (curve === 'prime256v1') return verifyDigest(sha256, by, signature);
    if (curve === 'secp384r1' && verifyDigest(sha256, by, signature)) return true;
    throw new Fault('unsupported', `a signature by a key of this kind (${curve ?? key.asymmetricKeyType ?? 'unknown'}) cannot be checked against a digest alone; give the file`);
  };
  return { sha256, named: sha256, holds };
}

function plain({ digest, signature }: Parsed, read: Read): { signed: Signed; predicateType?: string } {
  const named = read.named ?? read.sha256;
  if (!named.equals(digest!.digest)) throw new Changed(`the digest is ${named.toString('hex')}, the signed one ${digest!.digest.toString('hex').slice(0, 128)}`);
  return { signed: { signature, contentDigest: () => named, signedDigest: () => named, verify: (key) => read.holds(key, signature) } };
}

const statementTypes = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1'];

/** An in-toto statement, one of whose subjects is the artefact. It is believed only once the signature holds; asked first, since it is cheap. */
function statement(envelope: NonNullable<Parsed['envelope']>, sha256: Buffer): { signed: Signed; predicateType?: string } {
  const { payload, type, signature } = envelope;
  if (type !== payloadType) throw new Fault('bundle', `payloadType is ${printable(type)}; allowed is ${payloadType}`);
  const at = (where: string): Reader => ({ kind: 'statement', where });
  const read = object(parseJson(payload, at('the statement')), at('the statement'), ['_type', 'subject', 'predicateType'], ['*']);
  const found = string(read['_type'], at('_type'));
  if (!statementTypes.includes(found)) throw new Fault('statement', `_type is ${printable(found)}; allowed is ${statementTypes[0]}`);
  const wanted = sha256.toString('hex');
  const subjects = array(read['subject'], at('subject'));
  const about = subjects.some((one) => {
    const digest = object(object(one, at('a subject'), ['digest'], ['*'])['digest'], at('the digest of a subject'), [], ['*']);
    return digest['sha256'] === wanted;
  });
  if (!about) throw new Changed(`none of the ${subjects.length} subjects of the signed statement has the digest sha256:${wanted}`);
  const encoded = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `, 'latin1'), payload]);
  return { signed: signedEnvelope(payload, encoded, signature), predicateType: string(read['predicateType'], at('predicateType')) };
}
