// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sealCosignKey } from '../../src/provenance/cosign-key.ts';
import { encryptedPem, keyTypes, makePair } from '../../src/provenance/keygen.ts';
import { keyName, hashFor, hintOf, isEncrypted, openPrivateKey, privateKeyFrom, publicKeyFrom, publicPem } from '../../src/provenance/keys.ts';
import { conformance, hasConformance, model, pair, pairs, signed, verified, words } from './support.ts';

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
    expect(() => privateKeyFrom(pem(rsa.privateKey, 'pkcs8'), 'k.pem')).toThrow('k.pem is of the type rsa with 2048 bits; OMS allows EC keys on P-256, P-384 and P-521; --oms-profile extended allows it too');
    expect(() => privateKeyFrom(pem(ed.privateKey, 'pkcs8'), 'k.pem')).toThrow('k.pem is of the type ed25519');
    expect(() => publicKeyFrom(pem(ed.publicKey, 'spki'), 'k.pub')).toThrow('k.pub is of the type ed25519');
    expect(() => publicKeyFrom(pem(koblitz.publicKey, 'spki'), 'k.pub')).toThrow('an EC key on the curve secp256k1');
  });
  test('but not Ed25519, nor RSA of a sound size, where they are allowed', async () => {
    for (const { privateKey, publicKey } of [ed, rsa]) {
      expect((await openPrivateKey(pem(privateKey, 'pkcs8'), 'k.pem', undefined, 'extended')).equals(privateKey)).toBe(true);
      expect(publicKeyFrom(pem(publicKey, 'spki'), 'k.pub', 'extended').equals(publicKey)).toBe(true);
      const root = model({ a: 'x' });
      const signature = await signed(root, undefined, {}, privateKey);
      expect(words(await verified(root, signature, { key: publicKey }))).toBe('');
      writeFileSync(join(root, 'a'), 'y');
      expect(words(await verified(root, signature, { key: publicKey }))).toContain('changed: a differs');
    }
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
    expect(() => publicKeyFrom(pem(small.publicKey, 'spki'), 'k.pub', 'extended')).toThrow('of the type rsa with 1024 bits; allowed are');
    expect(() => publicKeyFrom(pem(koblitz.publicKey, 'spki'), 'k.pub', 'extended')).toThrow('secp256k1');
  });
  test('when there is none, a broken one, two, the wrong half, or a certificate', () => {
    const [open, secret] = [pem(pair.publicKey, 'spki'), pem(pair.privateKey, 'pkcs8')];
    expect(() => privateKeyFrom('hello', 'k.pem')).toThrow('k.pem is not a key in PEM form');
    expect(() => privateKeyFrom(secret.replace(/M[A-Z]/, '!!'), 'k.pem')).toThrow('k.pem holds no readable private key');
    expect(() => publicKeyFrom(open.replace(/M[A-Z]/, '!!'), 'k.pub')).toThrow('k.pub holds no readable public key');
    expect(() => publicKeyFrom(open + open, 'k.pub')).toThrow('k.pub holds 2 keys; one is allowed');
    expect(() => privateKeyFrom(open, 'k.pem')).toThrow('k.pem holds PUBLIC KEY, not the key that is wanted');
    expect(() => publicKeyFrom(secret, 'k.pub')).toThrow('k.pub is a private key; verifying takes the public one');
    expect(() => publicKeyFrom('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'c.pem')).toThrow('c.pem is a certificate');
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

describe('a key in the format of cosign', () => {
  const sealed = sealCosignKey(pair.privateKey, 'open');
  const bent = (change: (content: { kdf: { name: string; params: Record<string, unknown>; salt: string }; cipher: Record<string, string>; ciphertext: string }) => void, label = 'SIGSTORE'): string => {
    const content = JSON.parse(Buffer.from(sealed.split('\n').slice(1, -2).join(''), 'base64').toString()) as Parameters<typeof change>[0];
    change(content);
    return `-----BEGIN ENCRYPTED ${label} PRIVATE KEY-----\n${Buffer.from(JSON.stringify(content)).toString('base64')}\n-----END ENCRYPTED ${label} PRIVATE KEY-----\n`;
  };
  test('is opened with the right passphrase only, under its new label and its old one', async () => {
    expect(isEncrypted(sealed, 'c.key')).toBe(true);
    expect((await openPrivateKey(sealed, 'c.key', 'open')).equals(pair.privateKey)).toBe(true);
    expect((await openPrivateKey(bent(() => undefined, 'COSIGN'), 'c.key', 'open')).equals(pair.privateKey)).toBe(true);
    await expect(openPrivateKey(sealed, 'c.key', 'shut')).rejects.toThrow('c.key cannot be decrypted: wrong passphrase');
    await expect(openPrivateKey(sealed, 'c.key')).rejects.toThrow('c.key is encrypted; give its passphrase');
  });

  test('is refused when it asks for too much, before anything is computed', async () => {
    const costs: Record<string, unknown>[] = [{ N: 2 ** 30 }, { r: 2 ** 20 }, { p: 2 ** 20 }, { N: 65_535 }, { N: 0 }, { N: -2 }, { r: 0 }, { p: 1.5 }, { N: '1e99' }, { N: null }, { N: 2 ** 15, r: 8, p: 17 }];
    for (const cost of costs) {
      const begun = performance.now();
      await expect(openPrivateKey(bent(({ kdf }) => Object.assign(kdf.params, cost)), 'c.key', 'open'), JSON.stringify(cost)).rejects.toThrow('c.key asks for scrypt with');
      expect(performance.now() - begun).toBeLessThan(200);
    }
  });

  test('is refused for another cipher, a short nonce, a changed byte, and text that is no JSON', async () => {
    const refused = (pemText: string) => expect(openPrivateKey(pemText, 'c.key', 'open')).rejects;
    await refused(bent(({ kdf }) => void (kdf.name = 'argon2'))).toThrow('c.key is encrypted with argon2 and nacl/secretbox; known are');
    await refused(bent(({ cipher }) => void (cipher['nonce'] = 'AAAA'))).toThrow('has a nonce of 3 bytes, 24 are needed');
    await refused(bent((content) => void (content.ciphertext = `A${content.ciphertext.slice(1)}`.replace(/^AA/, 'AB')))).toThrow('cannot be decrypted');
    await refused('-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----').toThrow('c.key is not');
  });
});

describe('a key that is made', () => {
  for (const type of keyTypes.filter((one) => !one.startsWith('rsa4'))) {
    test(`is of its kind, and encrypted so that OpenSSL reads it: ${type}`, () => {
      const { privateKey, publicPem: open } = makePair(type);
      const sealed = encryptedPem(privateKey, 'pass word\u00e9');
      expect(sealed).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
      expect(privateKeyFrom(sealed, 'k.pem', 'pass word\u00e9', 'extended').equals(privateKey)).toBe(true);
      expect(() => privateKeyFrom(sealed, 'k.pem', 'pass word', 'extended')).toThrow('wrong passphrase');
      expect(publicKeyFrom(open, 'k.pub', 'extended').equals(createPublicKey(privateKey))).toBe(true);
      expect(keyName(privateKey).toLowerCase().replace('-', '')).toBe(type);
      if (spawnSync('openssl', ['version']).error === undefined) {
        expect(execFileSync('openssl', ['pkey', '-pubout', '-passin', 'pass:pass word\u00e9'], { input: sealed, encoding: 'utf8' })).toBe(open);
        expect(execFileSync('openssl', ['asn1parse'], { input: sealed, encoding: 'utf8' })).toMatch(/scrypt|1\.3\.6\.1\.4\.1\.11591\.4\.11/);
      }
    });
  }
});
