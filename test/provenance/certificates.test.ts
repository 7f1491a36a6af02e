// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyOfChain, rootsFrom } from '../../src/provenance/certificates.ts';
import { temporary } from './support.ts';

const ca = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign';
const signer = 'keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning';

/** Certificates by OpenSSL, root first, each signed by the one before it. */
function made(...extensions: string[]): X509Certificate[] {
  const folder = temporary();
  return extensions.map((text, index) => {
    const [key, request, out, settings] = ['key', 'csr', 'pem', 'cnf'].map((end) => join(folder, `${index}.${end}`)) as [string, string, string, string];
    execFileSync('openssl', ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', request, '-subj', `/CN=c${index}`], { stdio: 'ignore' });
    writeFileSync(settings, text);
    const issuer = index === 0 ? ['-signkey', key] : ['-CA', join(folder, `${index - 1}.pem`), '-CAkey', join(folder, `${index - 1}.key`), '-CAcreateserial'];
    execFileSync('openssl', ['x509', '-req', '-in', request, '-out', out, '-days', '30', '-extfile', settings, ...issuer], { stdio: 'ignore' });
    return new X509Certificate(readFileSync(out));
  });
}

/** An hour on: certificates begin with the second they are made in. */
const now = new Date(Date.now() + 3_600_000);
/** Checks the last one under the first, with those between in the signature. */
const check = (all: X509Certificate[], at = now) => keyOfChain(all.slice(1).toReversed().map(({ raw }) => raw), all.slice(0, 1), at);

describe.skipIf(spawnSync('openssl', ['version']).error !== undefined)('a chain of certificates (made by openssl)', () => {
  test('gives the key of the first, through any number of CAs', () => {
    for (const all of [made(ca, signer), made(ca, ca, ca, signer), made('basicConstraints=critical,CA:TRUE,pathlen:1', ca, signer)]) expect(check(all).equals(all.at(-1)!.publicKey)).toBe(true);
  });

  test('is refused out of time, at either end', () => {
    const all = made(ca, signer);
    expect(() => check(all, new Date(now.getTime() + 31 * 86_400_000))).toThrow('expired at');
    expect(() => check(all, new Date(now.getTime() - 86_400_000))).toThrow('not yet at');
  });

  test('is refused for what its certificates may not do', () => {
    expect(() => check(made(ca, 'keyUsage=keyAgreement\nextendedKeyUsage=codeSigning'))).toThrow('key usage of the signer');
    expect(() => check(made(ca, 'keyUsage=digitalSignature\nextendedKeyUsage=serverAuth'))).toThrow('does not allow code signing');
    expect(() => check(made(ca, 'subjectAltName=DNS:a'))).toThrow('key usage of the signer');
    expect(() => check(made(ca, `${signer}\n1.2.3.4=critical,DER:0500`))).toThrow('critical extension');
    expect(() => check(made(ca, signer, signer))).toThrow('no valid path');
    expect(() => check(made('basicConstraints=critical,CA:TRUE,pathlen:0', ca, signer))).toThrow('no valid path');
    expect(() => check(made(`${ca}\nnameConstraints=permitted;DNS:a`, signer))).toThrow('no valid path');
  });

  test('is refused under another root with the same name', () => {
    const [mine, other] = [made(ca, signer), made(ca, signer)];
    expect(() => check([other[0]!, mine[1]!])).toThrow('no valid path');
  });
});

test('trusted certificates are read from PEM, or refused by the name of the file', () => {
  expect(() => rootsFrom('hello', 'ca.pem')).toThrow('ca.pem holds no certificate in PEM form');
  expect(() => rootsFrom('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'ca.pem')).toThrow('ca.pem holds a certificate that cannot be read');
});
