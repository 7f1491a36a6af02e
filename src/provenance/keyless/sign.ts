// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, sign as signBytes, X509Certificate } from 'node:crypto';
import type { Signer, Witness } from '@sigstore/sign';
import { UsageError } from '../../model/usage-error.ts';
import { bundleType, largestPayload, payloadType, preAuthEncoding } from '../bundle.ts';
import { Fault, type Json, type JsonObject } from '../json.ts';
import { timestampOf } from './authority.ts';
import { checkSigner } from './entry.ts';
import { witnessesOf } from './form.ts';
import { ask, ServiceError, type Service } from './http.ts';
import { identityIn, type Identity } from './identity.ts';
import { logV1, logV2, objectIn, odd, type Envelope } from './log.ts';
import type { LogService, Services } from './services.ts';
import type { IdentityToken } from './token.ts';
import type { TrustedRoot } from './trust.ts';
import { establish, signedEnvelope } from './witness.ts';

/** How a model is signed without a key of one's own. */
export interface KeylessOptions {
  readonly services: Services;
  readonly token: () => Promise<IdentityToken>;
  /** Milliseconds until one request is given up, and how often it is made again. */
  readonly timeout: number;
  readonly retries: number;
  /** Held against what the services answer, before anything is written; absent: not checked. */
  readonly root?: TrustedRoot;
}

/** A keyless signature. */
export interface KeylessSignature {
  /** The bundle, a line of JSON. */
  readonly text: string;
  /** Whom the certificate names. */
  readonly signer: Identity;
  /** Where it is logged, for the person. */
  readonly entries: readonly { readonly log: string; readonly index: string }[];
}

/**
 * Signs a payload with a key that lives for this signature: an authority certifies whose it is, logs and timestamp
 * authorities witness it. Throws `UsageError`, `ServiceError`.
 */
export async function signKeyless(payload: Buffer, options: KeylessOptions): Promise<KeylessSignature> {
  if (payload.length > largestPayload) throw new UsageError(`the list of files takes ${payload.length} bytes, ${largestPayload} are allowed; sign parts of the model`);
  const token = await options.token();
  const to = (name: string, url: string): Service => ({ name, url, timeout: options.timeout, retries: options.retries, secrets: [token.token] });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = await certify(to('Fulcio', options.services.fulcio), token, publicKey.export({ type: 'spki', format: 'pem' }) as string, signBytes('sha256', Buffer.from(token.subject), privateKey));
  const certificate = readCertificate(to('Fulcio', options.services.fulcio), pem);
  if (!certificate.publicKey.equals(publicKey)) throw odd(to('Fulcio', options.services.fulcio), 'a certificate of another key');
  const signer: Signer = {
    sign: (data) => Promise.resolve({ signature: signBytes('sha256', data, privateKey), key: { $case: 'x509Certificate', certificate: pem } }),
  };
  const entries: { readonly log: string; readonly entry: JsonObject }[] = [];
  const stamps: Buffer[] = [];
  const witnesses = [
    ...options.services.logs.map((log) => logWitness(to('Rekor', log.url), log, certificate, entries)),
    ...options.services.authorities.map((url) => stampWitness(to('the timestamp authority', url), stamps)),
  ];
  const { DSSEBundleBuilder } = await import('@sigstore/sign');
  const built = await new DSSEBundleBuilder({ signer, witnesses }).create({ data: payload, type: payloadType });
  if (built.content.$case !== 'dsseEnvelope') throw new Error('the bundle that was built has no envelope');
  const signature = built.content.dsseEnvelope.signatures[0]!.sig;
  const material: JsonObject = {
    certificate: { rawBytes: certificate.raw.toString('base64') },
    tlogEntries: entries.map(({ entry }) => entry),
    ...(stamps.length === 0 ? {} : { timestampVerificationData: { rfc3161Timestamps: stamps.map((stamp) => ({ signedTimestamp: stamp.toString('base64') })) } }),
  };
  const identity = await checkOwn(material, payload, signature, certificate, options.root);
  const envelope: Envelope = { payload: payload.toString('base64'), payloadType, signatures: [{ sig: signature.toString('base64'), keyid: '' }] };
  return {
    text: `${JSON.stringify({ mediaType: bundleType, verificationMaterial: material, dsseEnvelope: envelope })}\n`,
    signer: identity,
    entries: entries.map(({ log, entry }) => ({ log, index: JSON.stringify(entry['logIndex']).replaceAll('"', '') })),
  };
}

/** Asks Fulcio (sigstore/fulcio, fulcio.proto: CreateSigningCertificate). Gives the signer's certificate as PEM. */
async function certify(service: Service, { token }: IdentityToken, publicKey: string, proof: Buffer): Promise<string> {
  const path = '/api/v2/signingCert';
  const body = JSON.stringify({
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: { publicKey: { algorithm: 'ECDSA', content: publicKey }, proofOfPossession: proof.toString('base64') },
  });
  const answer = objectIn(service, await ask(service, { path, headers: { 'content-type': 'application/json', accept: 'application/json' }, body }), path);
  const signed = (answer['signedCertificateEmbeddedSct'] ?? answer['signedCertificateDetachedSct'] ?? null) as { chain?: { certificates?: Json } } | null;
  const certificates = signed?.chain?.certificates;
  const [leaf] = Array.isArray(certificates) ? certificates as readonly Json[] : [];
  if (typeof leaf !== 'string') throw odd(service, 'no certificate');
  return leaf;
}

function readCertificate(service: Service, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw odd(service, 'a certificate that cannot be read');
  }
}

/** What the library logs is gathered here in a bundle's own form, too: its form drops zeros, which some readers miss. */
function logWitness(service: Service, { version }: LogService, certificate: X509Certificate, into: { log: string; entry: JsonObject }[]): Witness {
  return {
    testify: async (content) => {
      if (content.$case !== 'dsseEnvelope') throw new Error('there is no envelope to log');
      const { payload, signatures } = content.dsseEnvelope;
      const envelope: Envelope = { payload: payload.toString('base64'), payloadType, signatures: signatures.map(({ sig }) => ({ sig: sig.toString('base64'), keyid: '' })) };
      // Version 2 answers once the entry is in a checkpoint, which takes its time.
      const entry = version === 2 ? await logV2({ ...service, timeout: Math.max(service.timeout, 20_000) }, envelope, certificate.raw) : await logV1(service, envelope, certificate.toString());
      into.push({ log: service.url, entry });
      return {};
    },
  };
}

function stampWitness(service: Service, into: Buffer[]): Witness {
  return {
    testify: async (content) => {
      if (content.$case !== 'dsseEnvelope') throw new Error('there is no envelope to timestamp');
      into.push(await timestampOf(service, content.dsseEnvelope.signatures[0]!.sig));
      return {};
    },
  };
}

/** Holds the answers against what was asked, and against the trusted root if there is one: a bad signature is not worth writing. */
async function checkOwn(material: JsonObject, payload: Buffer, signature: Buffer, certificate: X509Certificate, root: TrustedRoot | undefined): Promise<Identity> {
  try {
    for (const entry of witnessesOf(material).entries) {
      checkSigner(entry, certificate);
      if (!JSON.stringify(entry.body).includes(signature.toString('base64'))) throw new Fault('log', 'the log entry is about another signature');
    }
    const signer = identityIn(certificate);
    if (root !== undefined) await establish(bundleType, material, signedEnvelope(payload, preAuthEncoding(payload), signature), root, { entries: 1, times: 1 });
    return signer;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new ServiceError(`what the services answered does not hold${root === undefined ? '' : ' under the trusted root'}: ${error.message}; nothing was written`, { cause: error });
  }
}
