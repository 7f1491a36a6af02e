// SPDX-License-Identifier: Apache-2.0
// Timestamps of an authority that OpenSSL plays, by RSA and by ECDSA; and what they do for certificates that expired.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign as signBytes, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { register as sign } from '../../../src/commands/sign.ts';
import { register as verify } from '../../../src/commands/verify.ts';
import { verifyDigest } from '../../../src/provenance/keyless/ecdsa.ts';
import { verifyTimestamp } from '../../../src/provenance/keyless/timestamp.ts';
import { keyFiles, ran } from '../../commands/support.ts';
import { model, temporary } from '../support.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('openssl is not here: tests with its timestamp authority are skipped');

interface Authority {
  readonly folder: string;
  readonly chain: string;
  /** Answers a query; `digest` is the hash under the signature. */
  readonly reply: (query: Buffer) => Buffer;
}

const openssl = (folder: string, ...argv: string[]): Buffer => execFileSync('openssl', argv, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });

/** A root, and an authority below it whose certificate comes along with its timestamps. */
function authority(kind: 'rsa' | 'ec', digest = 'sha512', usage = 'critical,timeStamping'): Authority {
  const folder = temporary();
  const key = (name: string): string[] => (kind === 'rsa' ? ['genrsa', '-out', name, '2048'] : ['ecparam', '-genkey', '-name', 'secp384r1', '-noout', '-out', name]);
  for (const name of ['ca.key', 'tsa.key']) openssl(folder, ...key(name));
  writeFileSync(join(folder, 'tsa.cnf'), [
    '[tsa]', 'default_tsa = it', '[it]', 'serial = serial', 'crypto_device = builtin', 'signer_cert = tsa.pem', 'certs = ca.pem', 'signer_key = tsa.key', `signer_digest = ${digest}`,
    'default_policy = 1.2.3.4', 'digests = sha256, sha384, sha512', 'accuracy = secs:1', 'ordering = no', 'tsa_name = no', 'ess_cert_id_chain = no', 'ess_cert_id_alg = sha256', '',
  ].join('\n'));
  writeFileSync(join(folder, 'ext'), `basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=${usage}\n`);
  writeFileSync(join(folder, 'serial'), '01\n');
  openssl(folder, 'req', '-x509', '-new', '-key', 'ca.key', '-subj', '/CN=ca', '-days', '30', '-out', 'ca.pem', '-addext', 'basicConstraints=critical,CA:TRUE');
  openssl(folder, 'req', '-new', '-key', 'tsa.key', '-subj', '/CN=tsa', '-out', 'tsa.csr');
  openssl(folder, 'x509', '-req', '-in', 'tsa.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30', '-extfile', 'ext', '-out', 'tsa.pem');
  return {
    folder, chain: join(folder, 'ca.pem'),
    reply: (query) => {
      writeFileSync(join(folder, 'query'), query);
      openssl(folder, 'ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query', '-out', 'reply');
      return readFileSync(join(folder, 'reply'));
    },
  };
}

async function served({ reply }: Authority): Promise<string> {
  const server: Server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const standard = request.headers['content-type'] === 'application/timestamp-query';
      response.writeHead(standard ? 200 : 415, { 'content-type': 'application/timestamp-reply' }).end(standard ? reply(Buffer.concat(chunks)) : '');
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsr`;
}

function stampOver(data: Buffer, by: Authority, ...more: string[]): Buffer {
  writeFileSync(join(by.folder, 'data'), data);
  openssl(by.folder, 'ts', '-query', '-data', 'data', '-sha384', '-out', 'q', ...more);
  return by.reply(readFileSync(join(by.folder, 'q')));
}

const pem = (path: string): X509Certificate => new X509Certificate(readFileSync(path));

describe.skipIf(!hasOpenssl)('a timestamp', { timeout: 30_000 }, () => {
  test.for(['rsa', 'ec'] as const)('of an authority with a key of the kind %s says when', async (kind) => {
    const by = authority(kind);
    const { secret, open } = keyFiles();
    const root = model({ a: 'x' });
    expect(await ran(sign, 'sign', root, '--key', secret, '--tsa-url', await served(by))).toMatchObject({ code: 0 });
    expect(await ran(verify, 'verify', root, '--key', open, '--timestamp-chain', by.chain)).toMatchObject({ code: 0, out: expect.stringContaining('by a timestamp authority') });
    expect(await ran(verify, 'verify', root, '--key', open, '--timestamp-chain', authority(kind).chain)).toMatchObject({ code: 1, out: expect.stringContaining('timestamp: the timestamp is not one of a trusted authority') });
  });

  test('holds for its own data, and not when a byte of what is signed differs', () => {
    const by = authority('ec', 'sha256');
    const data = Buffer.from('signature');
    const stamp = stampOver(data, by, '-cert');
    const trusted = [{ chain: [pem(by.chain)] }];
    expect(Math.abs(verifyTimestamp(stamp, data, trusted).getTime() - Date.now())).toBeLessThan(60_000);
    expect(() => verifyTimestamp(stamp, Buffer.from('another'), trusted)).toThrow('is over something else than this signature');
    expect(() => verifyTimestamp(stamp, data, [{ ...trusted[0]!, end: new Date(0) }])).toThrow('an authority counts from');
    expect(() => verifyTimestamp(stampOver(data, by, '-no_nonce'), data, trusted)).toThrow('not one of a trusted authority'); // its certificate does not come along
    expect(verifyTimestamp(stampOver(data, by, '-no_nonce'), data, [{ chain: [pem(join(by.folder, 'tsa.pem')), pem(by.chain)] }])).toBeInstanceOf(Date);
    let held = 0;
    // The last 40 bytes before the end are within the signature; the info lies in the first 200.
    for (const at of [...Array.from({ length: 200 }, (_, index) => index), ...Array.from({ length: 40 }, (_, index) => stamp.length - 41 + index)]) {
      const bent = Buffer.from(stamp);
      bent[at]! ^= 0x01;
      try {
        verifyTimestamp(bent, data, trusted);
        held++;
      } catch (error) {
        expect((error as Error).name, String(at)).toBe('Fault');
      }
    }
    expect(held).toBeLessThan(6); // what nobody signs: whether granted with changes, the version, parameters of the listed digest
  });

  test('is refused from a certificate that may not timestamp', () => {
    const by = authority('ec', 'sha256');
    const other = authority('ec', 'sha256');
    openssl(other.folder, 'x509', '-req', '-in', 'tsa.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-days', '30', '-out', 'plain.pem');
    const data = Buffer.from('x');
    expect(() => verifyTimestamp(stampOver(data, by, '-cert'), data, [{ chain: [pem(join(other.folder, 'plain.pem')), pem(other.chain)] }])).toThrow('not one of a trusted authority');
  });

  test('that is garbage is refused, whatever it is', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(3000, 0x30), Buffer.from('3003020100', 'hex'), Buffer.from('30053003020102', 'hex'), Buffer.from('308400000000', 'hex'), Buffer.from('30843fffffff', 'hex')]) {
      expect(() => verifyTimestamp(bytes, Buffer.from('x'), [])).toThrow(/timestamp/);
    }
  });

  test('lets a signature by a certificate verify that has expired since', async () => {
    const folder = temporary();
    openssl(folder, 'ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', 'ca.key');
    openssl(folder, 'req', '-x509', '-new', '-key', 'ca.key', '-subj', '/CN=ca', '-days', '30', '-out', 'ca.pem', '-addext', 'basicConstraints=critical,CA:TRUE');
    openssl(folder, 'ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', 'k.key');
    openssl(folder, 'req', '-new', '-key', 'k.key', '-subj', '/CN=signer', '-out', 'k.csr');
    writeFileSync(join(folder, 'ext'), 'keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n');
    const until = new Date(Date.now() + 6000);
    const shown = (time: Date): string => `${time.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;
    writeFileSync(join(folder, 'ca.cnf'), '[ca]\ndefault_ca=it\n[it]\ndatabase=db\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n');
    writeFileSync(join(folder, 'db'), '');
    writeFileSync(join(folder, 'serial'), '10\n');
    openssl(folder, 'ca', '-batch', '-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-in', 'k.csr', '-out', 'k.pem', '-extfile', 'ext', '-notext',
      '-startdate', shown(new Date(Date.now() - 60_000)), '-enddate', shown(until));
    const by = authority('ec', 'sha256');
    const [stamped, bare] = [model({ a: 'x' }), model({ a: 'x' })];
    const certified = ['--key', join(folder, 'k.key'), '--certificate', join(folder, 'k.pem')];
    expect((await ran(sign, 'sign', stamped, ...certified, '--tsa-url', await served(by))).code).toBe(0);
    expect((await ran(sign, 'sign', bare, ...certified)).code).toBe(0);
    const chain = ['--certificate-chain', join(folder, 'ca.pem')];
    expect((await ran(verify, 'verify', stamped, ...chain)).code).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, until.getTime() + 1100 - Date.now())));
    expect(await ran(verify, 'verify', stamped, ...chain)).toMatchObject({ code: 1, out: expect.stringContaining("certificate: the signer's certificate expired") });
    expect(await ran(verify, 'verify', stamped, ...chain, '--timestamp-chain', by.chain)).toMatchObject({ code: 0, out: expect.stringMatching(/by a timestamp authority\n {2}out-of-date: the certificates hold at \S+Z/) });
    expect(await ran(verify, 'verify', bare, ...chain, '--timestamp-chain', by.chain)).toMatchObject({ code: 1, out: expect.stringContaining('timestamp: a timestamp authority is given, but the signature comes with no timestamp') });
    const other = authority('ec', 'sha256');
    expect(await ran(verify, 'verify', stamped, ...chain, '--timestamp-chain', other.chain)).toMatchObject({ code: 1, out: expect.stringContaining('timestamp: ') });
  });
});

describe('ECDSA over a digest', () => {
  test.for([['P-256', 'sha256'], ['P-256', 'sha512'], ['P-384', 'sha384'], ['P-384', 'sha256']] as const)('agrees with OpenSSL: %s, %s', ([namedCurve, hash]) => {
    for (let round = 0; round < 8; round++) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
      const data = Buffer.from(`message ${round}`);
      const [digest, signature] = [createHash(hash).update(data).digest(), signBytes(hash, data, privateKey)];
      expect(verifyDigest(digest, publicKey, signature)).toBe(true);
      const other = Buffer.from(digest);
      other[0]! ^= 0x80;
      expect(verifyDigest(other, publicKey, signature)).toBe(false);
      expect(verifyDigest(digest, generateKeyPairSync('ec', { namedCurve }).publicKey, signature)).toBe(false);
      for (const bad of [Buffer.alloc(0), Buffer.from('3006020100020100', 'hex'), Buffer.concat([signature, Buffer.from([0])]), signature.subarray(1)]) expect(verifyDigest(digest, publicKey, bad)).toBe(false);
    }
  });
});
