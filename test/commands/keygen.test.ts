// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { register as keygen } from '../../src/commands/keygen.ts';
import { register as sign } from '../../src/commands/sign.ts';
import { register as verify } from '../../src/commands/verify.ts';
import { model, temporary } from '../provenance/support.ts';
import { environment, ran } from './support.ts';

describe('assay keygen', () => {
  test('makes an encrypted pair that signs and verifies, in each format and kind', async () => {
    const folder = temporary();
    const pass = join(folder, 'pass');
    writeFileSync(pass, 'open sesame\n');
    for (const [type, format, ...profile] of [['p256', 'pkcs8'], ['p384', 'cosign'], ['p521', 'pkcs8'], ['ed25519', 'pkcs8', '--oms-profile', 'extended'], ['ed25519', 'cosign', '--oms-profile', 'extended']]) {
      const name = join(folder, `${type}-${format}`);
      const made = await ran(keygen, 'keygen', '-o', name, '--type', type!, '--format', format!, '--password-file', pass);
      expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/ key, sha256:[0-9a-f]{64}\n.*\.pem\n.*\.pub\n$/) });
      expect(readFileSync(`${name}.pem`, 'utf8')).toMatch(format === 'cosign' ? /^-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----/ : /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
      if (process.platform !== 'win32') expect(statSync(`${name}.pem`).mode & 0o777).toBe(0o600);
      const root = model({ a: '' });
      expect((await ran(sign, 'sign', root, '--key', `${name}.pem`, '--password-file', pass, ...profile)).code).toBe(0);
      expect((await ran(verify, 'verify', root, '--key', `${name}.pub`, ...profile)).code).toBe(0);
      if (profile.length > 0) await expect(ran(verify, 'verify', root, '--key', `${name}.pub`)).rejects.toThrow('--oms-profile extended allows it too');
    }
  });

  test('takes the passphrase of a cosign key where cosign does', async () => {
    const name = join(temporary(), 'k');
    environment('ASSAY_PASSWORD', 'open');
    await ran(keygen, 'keygen', '-o', name, '--format', 'cosign');
    Reflect.deleteProperty(process.env, 'ASSAY_PASSWORD');
    environment('COSIGN_PASSWORD', 'open');
    expect((await ran(sign, 'sign', model({ a: '' }), '--key', `${name}.pem`)).code).toBe(0);
    await ran(keygen, 'keygen', '-o', `${name}2`, '--no-password');
    expect(readFileSync(`${name}2.pem`, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  test('never writes over a key, nor makes one that is open by accident', async () => {
    const folder = temporary();
    const name = join(folder, 'k');
    const attempt = (...options: string[]) => ran(keygen, 'keygen', '-o', name, ...options);
    await expect(attempt()).rejects.toThrow('the new key has no passphrase; give --password-file');
    environment('ASSAY_PASSWORD', '');
    await expect(attempt()).rejects.toThrow('the new key has no passphrase');
    expect(existsSync(`${name}.pem`)).toBe(false);
    writeFileSync(`${name}.pub`, 'mine');
    await expect(attempt('--no-password')).rejects.toThrow('k.pub is there already; a key is never written over');
    expect(existsSync(`${name}.pem`)).toBe(false);
    await expect(attempt('--type', 'rsa1024')).rejects.toThrow('--type is rsa1024; allowed are');
    await expect(attempt('--format', 'jwk')).rejects.toThrow('--format is jwk');
    await expect(attempt('--format', 'cosign', '--no-password')).rejects.toThrow('for a cosign key, which is always encrypted');
    await expect(ran(keygen, 'keygen', '-o', join(folder, 'no/k'), '--no-password')).rejects.toThrow('cannot be written: ENOENT');
  });
});
