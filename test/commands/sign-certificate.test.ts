// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { register as attest } from '../../src/commands/attest.ts';
import { register as sign } from '../../src/commands/sign.ts';
import { register as verify } from '../../src/commands/verify.ts';
import { keyFiles, ran } from './support.ts';
import { model, pairs, temporary } from '../provenance/support.ts';

const ca = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign';
const signer = 'keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning';

interface Issued {
  readonly key: string;
  readonly pem: string;
}

/** Certificates by OpenSSL, root first, each signed by the one before it and good for 30 days. */
function made(...extensions: string[]): Issued[] {
  const folder = temporary();
  return extensions.map((text, index) => {
    const [key, request, pem, settings] = ['key', 'csr', 'pem', 'cnf'].map((end) => join(folder, `${index}.${end}`)) as [string, string, string, string];
    execFileSync('openssl', ['req', '-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:P-${index % 2 === 0 ? 384 : 256}`, '-nodes', '-keyout', key, '-out', request, '-subj', `/CN=c${index}`], { stdio: 'ignore' });
    writeFileSync(settings, text);
    const issuer = index === 0 ? ['-signkey', key] : ['-CA', join(folder, `${index - 1}.pem`), '-CAkey', join(folder, `${index - 1}.key`), '-CAcreateserial'];
    execFileSync('openssl', ['x509', '-req', '-in', request, '-out', pem, '-days', '30', '-extfile', settings, ...issuer], { stdio: 'ignore' });
    return { key, pem };
  });
}

const day = 86_400_000;
/** Lets days pass, for the clock that certificates are held against. */
function later(days: number): void {
  vi.setSystemTime(Date.now() + days * day);
}

describe.skipIf(spawnSync('openssl', ['version']).error !== undefined)('a signature with a certificate (made by openssl)', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 }));
  afterEach(() => void vi.useRealTimers());

  test('is made and holds under its root, with those between in it and the root left out', async () => {
    const [root, between, leaf] = made(ca, ca, signer) as [Issued, Issued, Issued];
    const path = model({ a: 'x' });
    const { code, out } = await ran(sign, 'sign', path, '--key', leaf.key, '--certificate', leaf.pem, '--certificate-chain', between.pem);
    expect(code).toBe(0);
    expect(out).toContain('with P-384, certificate of CN=c2\n');
    const bundle = JSON.parse(readFileSync(join(path, 'model.sig'), 'utf8')) as { mediaType: string; verificationMaterial: { x509CertificateChain: { certificates: { rawBytes: string }[] }; tlogEntries: [] } };
    expect(bundle.mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json');
    expect(bundle.verificationMaterial).toEqual({
      x509CertificateChain: { certificates: [leaf, between].map(({ pem }) => ({ rawBytes: new X509Certificate(readFileSync(pem)).raw.toString('base64') })) },
      tlogEntries: [],
    });
    const check = (...options: string[]) => ran(verify, 'verify', path, ...options);
    expect((await check('--certificate-chain', root.pem)).code).toBe(0);
    expect((await check('--certificate-chain', made(ca)[0]!.pem)).out).toContain('certificate: no valid path leads');
    expect((await check('--key', keyFiles().open)).out).toContain('material: the signature was made with a certificate, which a key cannot verify');
    writeFileSync(join(path, 'a'), 'y');
    expect((await check('--certificate-chain', root.pem)).out).toContain('changed: a differs');
  });

  test('is made with a file that holds the chain, and one that signs itself, given twice', async () => {
    const [root, between, leaf] = made(ca, ca, signer) as [Issued, Issued, Issued];
    const chain = join(temporary(), 'chain.pem');
    writeFileSync(chain, [leaf, between, root].map(({ pem }) => readFileSync(pem, 'utf8')).join(''));
    const path = model({ a: 'x' });
    expect((await ran(sign, 'sign', path, '--key', leaf.key, '--certificate', chain)).code).toBe(0);
    expect((await ran(verify, 'verify', path, '--certificate-chain', root.pem)).code).toBe(0);
    const [own] = made(`${ca},digitalSignature`) as [Issued];
    expect((await ran(sign, 'sign', path, '--key', own.key, '--certificate', own.pem, '--certificate-chain', own.pem)).code).toBe(0);
    expect((await ran(verify, 'verify', path, '--certificate-chain', own.pem)).code).toBe(0);
  });

  test('is not made with what a verifier would refuse', async () => {
    const [root, between, leaf] = made(ca, ca, signer) as [Issued, Issued, Issued];
    const path = model({ a: 'x' });
    const attempt = (key: string, certificate: string, ...chain: string[]) => ran(sign, 'sign', path, '--key', key, '--certificate', certificate, ...chain.flatMap((one) => ['--certificate-chain', one]));
    await expect(attempt(keyFiles(pairs['P-384']).secret, leaf.pem)).rejects.toThrow('the certificate is of another key than the one that signs');
    await expect(attempt(leaf.key, leaf.pem, root.pem)).rejects.toThrow('certificate 2 of the chain (CN=c0) did not issue the one before it (CN=c2)');
    await expect(attempt(leaf.key, leaf.pem, root.pem, between.pem)).rejects.toThrow('give them from the signer\'s up');
    const [, useless] = made(ca, 'keyUsage=keyAgreement') as [Issued, Issued];
    await expect(attempt(useless.key, useless.pem)).rejects.toThrow('key usage of the signer');
    const [, server] = made(ca, 'keyUsage=digitalSignature\nextendedKeyUsage=serverAuth') as [Issued, Issued];
    await expect(attempt(server.key, server.pem)).rejects.toThrow('does not allow code signing');
    later(-2);
    await expect(attempt(leaf.key, leaf.pem)).rejects.toThrow("the signer's certificate is valid from");
    later(40);
    await expect(attempt(leaf.key, leaf.pem)).rejects.toThrow("the signer's certificate expired at");
    expect(readdirSync(path)).toEqual(['a']);
  });

  test('is refused when the certificate has expired, unless the person says when it was made', async () => {
    const [root, leaf] = made(ca, signer) as [Issued, Issued];
    const path = model({ a: 'x' });
    const then = new Date().toISOString();
    await ran(sign, 'sign', path, '--key', leaf.key, '--certificate', leaf.pem);
    const check = (...options: string[]) => ran(verify, 'verify', path, '--certificate-chain', root.pem, ...options);
    expect(await check('--at', then)).toMatchObject({ code: 0, out: expect.not.stringContaining('out-of-date') });
    later(31);
    expect(await check()).toMatchObject({ code: 1, out: expect.stringMatching(/certificate: the signer's certificate expired at/) });
    expect(await check('--at', then)).toMatchObject({ code: 0, out: expect.stringContaining('\n  out-of-date: the certificates hold at ') });
    expect((await check('--at', new Date(Date.now() + day).toISOString())).code).toBe(1);
    for (const at of ['yesterday', '2026-13-01', '1700000000', '2026-01-01 10:00']) await expect(check('--at', at)).rejects.toThrow(`--at is ${at}; allowed is`);
    await expect(ran(verify, 'verify', path, '--key', keyFiles().open, '--at', then)).rejects.toThrow('--at is given without --certificate-chain');
  });

  test('may be demanded of attestations too', async () => {
    const [root, leaf] = made(ca, signer) as [Issued, Issued];
    const path = model({ 'a.txt': 'x' });
    const by = ['--key', leaf.key, '--certificate', leaf.pem];
    await ran(sign, 'sign', path, ...by);
    expect((await ran(attest, 'attest', path, ...by)).code).toBe(0);
    expect((await ran(verify, 'verify', path, '--certificate-chain', root.pem, '--require-attestation', 'svr')).code).toBe(0);
    await ran(attest, 'attest', path, '--key', keyFiles().secret);
    expect(await ran(verify, 'verify', path, '--certificate-chain', root.pem, '--require-attestation', 'svr')).toMatchObject({ code: 1, out: expect.stringContaining('made with a bare key') });
  });
});
