// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, generateKeyPairSync, randomBytes, scryptSync, type KeyObject } from 'node:crypto';
import { publicPem } from './keys.ts';

/** Kinds of key that can be made, by the name on the command line. */
export const keyTypes = ['p256', 'p384', 'p521', 'ed25519', 'rsa3072', 'rsa4096'] as const;
export type KeyType = (typeof keyTypes)[number];

export interface Pair {
  readonly privateKey: KeyObject;
  readonly publicPem: string;
}

/** Makes a key pair. */
export function makePair(type: KeyType): Pair {
  const { privateKey } = pairOf(type);
  return { privateKey, publicPem: publicPem(privateKey) };
}

function pairOf(type: KeyType): { privateKey: KeyObject } {
  if (type === 'ed25519') return generateKeyPairSync('ed25519');
  if (type === 'rsa3072' || type === 'rsa4096') return generateKeyPairSync('rsa', { modulusLength: Number(type.slice(3)) });
  return generateKeyPairSync('ec', { namedCurve: `P-${type.slice(1)}` });
}

/** A private key as plain PKCS#8 PEM. */
export function plainPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/**
 * OWASP's advice for scrypt within the 32 MiB that OpenSSL grants a key file. Node's own export uses PBKDF2 with 2048 rounds,
 * which a graphics card goes through in no time; hence the few lines of DER.
 */
const costs = { N: 2 ** 14, r: 8, p: 5 } as const;

/** A private key as PKCS#8 PEM, encrypted with AES-256-CBC under a key made by scrypt (PBES2, RFC 8018 and RFC 7914). */
export function encryptedPem(key: KeyObject, passphrase: string): string {
  const [salt, iv] = [randomBytes(16), randomBytes(16)];
  const cipher = createCipheriv('aes-256-cbc', scryptSync(passphrase, salt, 32, { ...costs, maxmem: 64 * 2 ** 20 }), iv);
  const sealed = Buffer.concat([cipher.update(key.export({ type: 'pkcs8', format: 'der' }) as Buffer), cipher.final()]);
  const kdf = sequence(oid('2b06010401da47040b'), sequence(octets(salt), integer(costs.N), integer(costs.r), integer(costs.p)));
  const scheme = sequence(oid('60864801650304012a'), octets(iv));
  const der = sequence(sequence(oid('2a864886f70d01050d'), sequence(kdf, scheme)), octets(sealed));
  const lines = der.toString('base64').match(/.{1,64}/g)!;
  return ['-----BEGIN ENCRYPTED PRIVATE KEY-----', ...lines, '-----END ENCRYPTED PRIVATE KEY-----', ''].join('\n');
}

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

function sequence(...content: readonly Buffer[]): Buffer {
  return der(0x30, ...content);
}

function octets(bytes: Buffer): Buffer {
  return der(0x04, bytes);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function integer(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return der(0x02, bytes[0]! > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}
