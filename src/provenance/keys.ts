// SPDX-License-Identifier: Apache-2.0
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { UsageError } from '../model/usage-error.ts';

/** The curves of OMS v1.0 by OpenSSL's name, with the hash that belongs to each. */
const curves: Readonly<Record<string, { readonly name: string; readonly hash: 'sha256' | 'sha384' | 'sha512' }>> = {
  prime256v1: { name: 'P-256', hash: 'sha256' },
  secp384r1: { name: 'P-384', hash: 'sha384' },
  secp521r1: { name: 'P-521', hash: 'sha512' },
};

/** The hash for signatures by a key on one of the three curves. */
export function hashFor(key: KeyObject): 'sha256' | 'sha384' | 'sha512' {
  return curveOf(key, 'the key').hash;
}

/** 'P-256', 'P-384' or 'P-521'. */
export function curveName(key: KeyObject): string {
  return curveOf(key, 'the key').name;
}

/** The public key as PEM text: SPKI, 64 columns, newline at the end. */
export function publicPem(key: KeyObject): string {
  const open = key.type === 'private' ? createPublicKey(key) : key;
  return open.export({ type: 'spki', format: 'pem' }) as string;
}

/** How a bundle names its key: SHA-256 of the normalised PEM text, not of the key file, which may hold more. */
export function hintOf(key: KeyObject): string {
  return createHash('sha256').update(publicPem(key)).digest('hex');
}

/** True when a private key in this PEM text cannot be read without a passphrase. */
export function isEncrypted(pem: string, from: string): boolean {
  const block = blockOf(pem, from, isPrivateLabel);
  return block.label === 'ENCRYPTED PRIVATE KEY' || block.text.includes('Proc-Type: 4,ENCRYPTED');
}

/** Reads a private key: PKCS#8, SEC1, or encrypted PKCS#8. `from` names the file in messages. */
export function privateKeyFrom(pem: string, from: string, passphrase?: string): KeyObject {
  const { label, text } = blockOf(pem, from, isPrivateLabel);
  if (label === 'ENCRYPTED SIGSTORE PRIVATE KEY' || label === 'ENCRYPTED COSIGN PRIVATE KEY') {
    throw new UsageError(`${from} is a cosign key, which this version cannot read; give an EC key as PKCS#8 PEM`);
  }
  const encrypted = isEncrypted(pem, from);
  if (encrypted && passphrase === undefined) {
    throw new UsageError(`${from} is encrypted; give its passphrase with --password-file or in $ASSAY_PASSWORD`);
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(passphrase === undefined ? text : { key: text, passphrase });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (encrypted) throw new UsageError(`${from} cannot be decrypted: wrong passphrase, or a damaged file (${code})`, { cause: error });
    throw new UsageError(`${from} holds no readable private key (${code})`, { cause: error });
  }
  curveOf(key, from);
  return key;
}

/** Reads a public key: SPKI PEM, with any text around it. `from` names the file in messages. */
export function publicKeyFrom(pem: string, from: string): KeyObject {
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
  curveOf(key, from);
  return key;
}

function curveOf(key: KeyObject, from: string): { readonly name: string; readonly hash: 'sha256' | 'sha384' | 'sha512' } {
  const type = key.asymmetricKeyType ?? key.type;
  const named = key.asymmetricKeyDetails?.namedCurve;
  const curve = type === 'ec' && named !== undefined && Object.hasOwn(curves, named) ? curves[named] : undefined;
  if (curve === undefined) {
    const found = type === 'ec' ? `an EC key on the curve ${named ?? '(parameters spelt out)'}` : `of the type ${type}`;
    throw new UsageError(`${from} is ${found}; OMS allows EC keys on P-256, P-384 and P-521`);
  }
  return curve;
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
