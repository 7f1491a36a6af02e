// SPDX-License-Identifier: Apache-2.0
import { sign as signBytes, verify as verifyBytes, X509Certificate, type KeyObject } from 'node:crypto';
import { UsageError } from '../model/usage-error.ts';
import { hashFor, keyName, publicHalf } from './keys.ts';

/** Whatever can sign: a key in this process, a command, a key management service. */
export interface Signer {
  /** What signs, for the person: 'P-256', 'P-256 in Vault'. */
  readonly describes: string;
  readonly publicKey: KeyObject;
  /** The signer's certificate in DER and those above it, in that order; absent: a bare key. */
  readonly chain?: readonly Buffer[];
  /** Signs bytes by the hash that belongs to the key; ECDSA in ASN.1 DER. */
  sign(data: Buffer): Promise<Buffer>;
}

/** Signs with a key in this process. */
export function keySigner(key: KeyObject): Signer {
  return {
    describes: keyName(key),
    publicKey: publicHalf(key),
    sign: (data) => Promise.resolve(signBytes(hashFor(key), data, key)),
  };
}

/** The same signer, with a certificate to go by. `chain` comes from `chainFor`. */
export function withCertificate(signer: Signer, chain: readonly Buffer[]): Signer {
  const name = new X509Certificate(chain[0]!).subject.replaceAll('\n', ', ');
  return { ...signer, describes: `${signer.describes}, certificate of ${name}`, chain };
}

/** Signs and checks what came back: a command or a service may answer with anything. */
export async function signatureBy(signer: Signer, data: Buffer): Promise<Buffer> {
  const signature = await signer.sign(data);
  if (!verifies(data, signer.publicKey, signature)) {
    throw new UsageError(`the signature that ${signer.describes} made does not hold for its own public key; nothing was written`);
  }
  return signature;
}

/** Whether a key signed these bytes, by the hash that belongs to it. */
export function verifies(data: Buffer, key: KeyObject, signature: Buffer): boolean {
  return verifyBytes(hashFor(key), data, key, signature);
}
