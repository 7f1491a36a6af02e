// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyName, hashFor, hintOf, isEncrypted, privateKeyFrom, publicKeyFrom, publicPem } from '../../src/provenance/keys.ts';
import { conformance, hasConformance, pair, pairs } from './support.ts';

const pem = (key: KeyObject, type: 'pkcs8' | 'sec1' | 'spki'): string => key.export({ type, format: 'pem' } as never) as unknown as string;
const encrypted = (passphrase: string): string => pair.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }) as string;

describe('a private key is read', () => {
  test('as PKCS#8 and as SEC1, with parameters or text around it, on the three curves', () => {
    for (const [curve, { privateKey }] of Object.entries(pairs)) {
      for (const type of ['pkcs8', 'sec1'] as const) {
        const text = `made for tests\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pem(privateKey, type)}trailing`;
        const read = privateKeyFrom(text, 'k.pem');
        expect(read.equals(privateKey)).toBe(true);
        expect(keyName(read)).toBe(curve);
      }
    }
    expect(Object.values(pairs).map(({ privateKey }) => hashFor(privateKey))).toEqual(['sha256', 'sha384', 'sha512']);
  });

  test('from encrypted PKCS#8, with the right passphrase only', () => {
    expect(privateKeyFrom(encrypted('open'), 'k.pem', 'open').equals(pair.privateKey)).toBe(true);
    expect(isEncrypted(encrypted('open'), 'k.pem')).toBe(true);
    expect(isEncrypted(pem(pair.privateKey, 'pkcs8'), 'k.pem')).toBe(false);
    expect(() => privateKeyFrom(encrypted('open'), 'k.pem', 'shut')).toThrow('k.pem cannot be decrypted: wrong passphrase');
    expect(() => privateKeyFrom(encrypted('open'), 'k.pem')).toThrow('k.pem is encrypted; give its passphrase with --password-file or in $ASSAY_PASSWORD');
  });

  test.skipIf(spawnSync('openssl', ['version']).error !== undefined)('from a scrypt-encrypted file of OpenSSL', () => {
    const text = execFileSync('openssl', ['pkcs8', '-topk8', '-scrypt', '-passout', 'pass:open'], { input: pem(pair.privateKey, 'pkcs8'), encoding: 'utf8' });
    expect(privateKeyFrom(text, 'k.pem', 'open').equals(pair.privateKey)).toBe(true);
  });
});

describe('a key is refused with what it is', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ed = generateKeyPairSync('ed25519');
  const koblitz = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  test('of another kind or curve', () => {
    expect(() => privateKeyFrom(pem(rsa.privateKey, 'pkcs8'), 'k.pem')).toThrow('k.pem is of the type rsa; OMS allows EC keys on P-256, P-384 and P-521');
    expect(() => privateKeyFrom(pem(ed.privateKey, 'pkcs8'), 'k.pem')).toThrow('k.pem is of the type ed25519');
    expect(() => publicKeyFrom(pem(ed.publicKey, 'spki'), 'k.pub')).toThrow('k.pub is of the type ed25519');
    expect(() => publicKeyFrom(pem(koblitz.publicKey, 'spki'), 'k.pub')).toThrow('an EC key on the curve secp256k1');
  });
  test('when there is none, a broken one, two, the wrong half, a certificate, or a cosign key', () => {
    const [open, secret] = [pem(pair.publicKey, 'spki'), pem(pair.privateKey, 'pkcs8')];
    expect(() => privateKeyFrom('hello', 'k.pem')).toThrow('k.pem is not a key in PEM form');
    expect(() => privateKeyFrom(secret.replace(/M[A-Z]/, '!!'), 'k.pem')).toThrow('k.pem holds no readable private key');
    expect(() => publicKeyFrom(open.replace(/M[A-Z]/, '!!'), 'k.pub')).toThrow('k.pub holds no readable public key');
    expect(() => publicKeyFrom(open + open, 'k.pub')).toThrow('k.pub holds 2 keys; one is allowed');
    expect(() => privateKeyFrom(open, 'k.pem')).toThrow('k.pem holds PUBLIC KEY, not the key that is wanted');
    expect(() => publicKeyFrom(secret, 'k.pub')).toThrow('k.pub is a private key; verifying takes the public one');
    expect(() => publicKeyFrom('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'c.pem')).toThrow('c.pem is a certificate');
    expect(() => privateKeyFrom('-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----', 'c.key')).toThrow('c.key is a cosign key');
  });
});

test('the hint is the SHA-256 of the PEM text, the same from either half', () => {
  expect(hintOf(pair.privateKey)).toBe(createHash('sha256').update(pem(pair.publicKey, 'spki')).digest('hex'));
  expect(hintOf(pair.publicKey)).toBe(hintOf(pair.privateKey));
  expect(publicPem(pair.publicKey)).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\s\S]*-----END PUBLIC KEY-----\n$/);
});

test.skipIf(!hasConformance)('the hint of the published key, which has text before it, is the published one', () => {
  const key = publicKeyFrom(readFileSync(join(conformance, 'keys/certificate/signing-key-pub.pem'), 'utf8'), 'k.pub');
  expect(hintOf(key)).toBe('e8450dec4eb99dae995da9af1bc2cc9f76ed669ee2e744f57abba763df3e3f8e');
});
