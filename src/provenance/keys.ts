// SPDX-License-Identifier: Apache-2.0
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { UsageError } from '../model/usage-error.ts';

/** How a kind of key is called, and the hash that belongs to it; null where the algorithm brings its own. */
interface KeyKind {
  readonly name: string;
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
}

/** The curves of OMS v1.0 by OpenSSL's name. */
const curves: Readonly<Record<string, KeyKind>> = {
  prime256v1: { name: 'P-256', hash: 'sha256' },
  secp384r1: { name: 'P-384', hash: 'sha384' },
  secp521r1: { name: 'P-521', hash: 'sha512' },
};

/**
 * The keys that may sign: `oms` are the three curves of OMS v1.0, which every reader knows. `extended` adds Ed25519 and
 * RSA of at least 2048 bits (PKCS#1 v1.5 with SHA-256), as Sigstore's algorithm registry names them.
 */
export type KeySet = 'oms' | 'extended';

const smallestRsa = 2048;
/** Bits. Verifying takes time with the square of it, and no key in use is larger. */
const largestRsa = 16_384;

/** The hash for signatures by a key; null for Ed25519, which hashes by itself. */
export function hashFor(key: KeyObject): KeyKind['hash'] {
  return kindOf(key, 'the key', 'extended').hash;
}

/** 'P-256', 'P-384', 'P-521', 'Ed25519' or 'RSA-3072'. */
export function keyName(key: KeyObject): string {
  return kindOf(key, 'the key', 'extended').name;
}

/** Throws `UsageError` unless a key is one of the set. `from` names its file in messages. */
export function checkKey(key: KeyObject, from: string, set: KeySet = 'oms'): void {
  kindOf(key, from, set);
}

/** The public key of a pair. */
export function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}

/** The public key as PEM text: SPKI, 64 columns, newline at the end. */
export function publicPem(key: KeyObject): string {
  return publicHalf(key).export({ type: 'spki', format: 'pem' }) as string;
}

/** How a bundle names its key: SHA-256 of the normalised PEM text, not of the key file, which may hold more. */
export function hintOf(key: KeyObject): string {
  return createHash('sha256').update(publicPem(key)).digest('hex');
}

/** True when a private key in this PEM text cannot be read without a passphrase. */
export function isEncrypted(pem: string, from: string): boolean {
  const block = blockOf(pem, from, isPrivateLabel);
  return block.label.startsWith('ENCRYPTED ') || block.text.includes('Proc-Type: 4,ENCRYPTED');
}

/** Labels of cosign's own format: the old one and the one since 2.0. */
const cosignLabels: readonly string[] = ['ENCRYPTED COSIGN PRIVATE KEY', 'ENCRYPTED SIGSTORE PRIVATE KEY'];

/** True when the private key in this PEM text is in cosign's own format. */
export function isCosign(pem: string, from: string): boolean {
  return cosignLabels.includes(blockOf(pem, from, isPrivateLabel).label);
}

/** Reads a private key in any format that is known: what `privateKeyFrom` reads, and cosign's. */
export async function openPrivateKey(pem: string, from: string, passphrase?: string, set: KeySet = 'oms'): Promise<KeyObject> {
  if (!isCosign(pem, from)) return privateKeyFrom(pem, from, passphrase, set);
  if (passphrase === undefined) throw noPassphrase(from);
  const { openCosignKey } = await import('./cosign-key.ts'); // loads a cipher that no other key needs
  const key = openCosignKey(blockOf(pem, from, isPrivateLabel).text, from, passphrase);
  checkKey(key, from, set);
  return key;
}

/** Reads a private key: PKCS#8, SEC1, PKCS#1, or encrypted PKCS#8. `from` names the file in messages. */
export function privateKeyFrom(pem: string, from: string, passphrase?: string, set: KeySet = 'oms'): KeyObject {
  const { text } = blockOf(pem, from, isPrivateLabel);
  const encrypted = isEncrypted(pem, from);
  if (encrypted && passphrase === undefined) throw noPassphrase(from);
  let key: KeyObject;
  try {
    key = createPrivateKey(passphrase === undefined ? text : { key: text, passphrase });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (encrypted) throw new UsageError(`${from} cannot be decrypted: wrong passphrase, or a damaged file (${code})`, { cause: error });
    throw new UsageError(`${from} holds no readable private key (${code})`, { cause: error });
  }
  checkKey(key, from, set);
  return key;
}

function noPassphrase(from: string): UsageError {
  return new UsageError(`${from} is encrypted; give its passphrase with --password-file or in $ASSAY_PASSWORD`);
}

/** Reads a public key: SPKI PEM, with any text around it. `from` names the file in messages. */
export function publicKeyFrom(pem: string, from: string, set: KeySet = 'oms'): KeyObject {
  const { label, text } = blockOf(pem, from, (found) => found === 'PUBLIC KEY' || isPrivateLabel(found) || found === 'CERTIFICATE');
  if (label === 'CERTIFICATE') throw new UsageError(`${from} is a certificate; --key takes a public key`);
  if (label !== 'PUBLIC KEY') {
    throw new UsageError(`${from} is a private key; verifying takes the public one (openssl pkey -in KEY -pubout)`);
  }
  let key: KeyObject;
  try {
    key = createPublicKey(text);
  } catch (error) {
    throw new UsageError(`${from} holds no readable public key (${(error as NodeJS.ErrnoException).code})`, { cause: error });
  }
  checkKey(key, from, set);
  return key;
}

function kindOf(key: KeyObject, from: string, set: KeySet): KeyKind {
  const type = key.asymmetricKeyType ?? key.type;
  const { namedCurve: named, modulusLength: bits = 0 } = key.asymmetricKeyDetails ?? {};
  const curve = type === 'ec' && named !== undefined && Object.hasOwn(curves, named) ? curves[named] : undefined;
  if (curve !== undefined) return curve;
  const further = type === 'ed25519' ? { name: 'Ed25519', hash: null } as const
    : type === 'rsa' && bits >= smallestRsa && bits <= largestRsa ? { name: `RSA-${bits}`, hash: 'sha256' } as const : undefined;
  if (further !== undefined && set === 'extended') return further;
  const found = type === 'ec' ? `an EC key on the curve ${named ?? '(parameters spelt out)'}` : `of the type ${type}${type === 'rsa' ? ` with ${bits} bits` : ''}`;
  const allowed = set === 'oms' ? 'OMS allows EC keys on P-256, P-384 and P-521' : `allowed are EC keys on P-256, P-384 and P-521, Ed25519, and RSA of ${smallestRsa} to ${largestRsa} bits`;
  throw new UsageError(`${from} is ${found}; ${allowed}${further === undefined || set === 'extended' ? '' : '; --oms-profile extended allows it too'}`);
}

function isPrivateLabel(label: string): boolean {
  return label.endsWith('PRIVATE KEY');
}

/** The one PEM block whose label is wanted. Others, such as EC PARAMETERS before a SEC1 key, are passed over. */
function blockOf(pem: string, from: string, wanted: (label: string) => boolean): { label: string; text: string } {
  const blocks: { label: string; text: string }[] = [];
  const others: string[] = [];
  for (let begin = pem.indexOf('-----BEGIN '); begin !== -1; begin = pem.indexOf('-----BEGIN ', begin + 1)) {
    const label = /^-----BEGIN ([A-Z0-9 ]{1,64})-----/.exec(pem.slice(begin, begin + 96))?.[1];
    const last = `-----END ${label}-----`;
    const end = label === undefined ? -1 : pem.indexOf(last, begin);
    if (label === undefined || end === -1) continue;
    if (wanted(label)) blocks.push({ label, text: `${pem.slice(begin, end + last.length)}\n` });
    else others.push(label);
  }
  const [block, second] = blocks;
  if (block === undefined) {
    throw new UsageError(`${from} ${others.length === 0 ? 'is not a key in PEM form' : `holds ${others.join(', ')}, not the key that is wanted`}`);
  }
  if (second !== undefined) throw new UsageError(`${from} holds ${blocks.length} keys; one is allowed`);
  return block;
}
