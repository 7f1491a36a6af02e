// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey, generateKeyPairSync, sign as signBytes, verify as verifyBytes, type KeyObject } from 'node:crypto';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { register as sign } from '../../src/commands/sign.ts';
import { register as verify } from '../../src/commands/verify.ts';
import { execSigner, wordsOf } from '../../src/provenance/exec-signer.ts';
import { signatureBy } from '../../src/provenance/signer.ts';
import { vaultFrom, vaultSigner } from '../../src/provenance/vault-signer.ts';
import { environment, keyFiles, ran } from '../commands/support.ts';
import { model, pair, pairs, temporary } from './support.ts';

/** A command that signs with a key file, written for this test: it reads one request and answers it. */
function command(key: KeyObject, answer = '{ signature: sign(null, Buffer.from(request.data, "base64"), key).toString("base64") }'): string {
  const path = join(temporary(), 'my signer.mjs');
  writeFileSync(path, `
    import { createPrivateKey, createPublicKey, sign as raw } from 'node:crypto';
    import { readFileSync } from 'node:fs';
    const key = createPrivateKey(${JSON.stringify(key.export({ type: 'pkcs8', format: 'pem' }))});
    const sign = (hash, data, with_) => raw(hash ?? { 'P-256': 'sha256', prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' }[key.asymmetricKeyDetails?.namedCurve] ?? null, data, with_);
    const request = JSON.parse(readFileSync(0, 'utf8'));
    if (request.protocol !== 'assay-signer/1') process.exit(9);
    const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' });
    console.log(JSON.stringify(request.operation === 'public-key' ? { publicKey } : ${answer}));
  `);
  chmodSync(path, 0o755);
  return `'${process.execPath}' "${path}"`;
}

describe('a command that signs', () => {
  test('is given each request, without a shell, and its signature holds', async () => {
    for (const { privateKey, publicKey } of Object.values(pairs)) {
      const root = model({ a: 'x' });
      const { open } = keyFiles({ privateKey, publicKey });
      const { code, out } = await ran(sign, 'sign', root, '--signer', `exec:${command(privateKey)}`);
      expect(code).toBe(0);
      expect(out).toMatch(/^signed model \(1 file, 1 byte\) with a key of /);
      expect((await ran(verify, 'verify', root, '--key', open)).code).toBe(0);
    }
  });

  test('gets the digests with the data, so that a token that takes digests needs no more', async () => {
    const data = Buffer.from('hello');
    const digest = createHash('sha256').update(data).digest('base64');
    const words = `(request.digests.sha256 === ${JSON.stringify(digest)} && request.publicKey === publicKey ? { signature: sign(null, Buffer.from(request.data, "base64"), key).toString("base64") } : {})`;
    const signer = await execSigner(command(pair.privateKey, words), 30, 'oms');
    expect(verifyBytes('sha256', data, pair.publicKey, await signatureBy(signer, data))).toBe(true);
  });

  test('is not believed: a signature that does not hold is not written', async () => {
    const root = model({ a: 'x' });
    await expect(ran(sign, 'sign', root, '--signer', `exec:${command(pair.privateKey, '{ signature: "AAAA" }')}`)).rejects.toThrow('does not hold for its own public key; nothing was written');
    expect(readdirSync(root)).toEqual(['a']);
  });

  test('is refused with what it did: nothing, nonsense, too much, failing, too slow, another kind of key', async () => {
    const script = (text: string): string => {
      const path = join(temporary(), 's.mjs');
      writeFileSync(path, text);
      return `${process.execPath} ${path}`;
    };
    const cases: [string, string][] = [
      ['/no/such/command', 'the signer /no/such/command cannot be started: ENOENT'],
      [script(''), 'cannot be used as a signer: the answer of'],
      [script('console.log("[]")'), 'is not an object'],
      [script('console.log("{}")'), 'publicKey in the answer of'],
      [script('console.log("x".repeat(3 << 20))'), 'answered with more than 1048576 bytes'],
      [script('process.exit(3)'), 'ended with exit code 3'],
      [script('setInterval(() => undefined, 1000)'), 'did not answer within 1 s'],
      [command(generateKeyPairSync('ed25519').privateKey), 'is of the type ed25519; OMS allows EC keys'],
      ['', '--signer exec: names no command'],
      ["'x", "has a ' that is not closed"],
    ];
    for (const [text, message] of cases) await expect(execSigner(text, 1, 'oms'), text).rejects.toThrow(message);
  });

  test('has its words parted by blanks and held together by quotes; nothing is expanded', () => {
    expect(wordsOf(' a  "b c"\t\'d "e\' f"g"h "" $X `y` *')).toEqual(['a', 'b c', 'd "e', 'fgh', '', '$X', '`y`', '*']);
  });
});

interface Fake {
  readonly address: string;
  readonly requests: { readonly method: string; readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: Record<string, unknown> }[];
}

const token = 'hvs.SECRET-token-0123456789';

/** A transit engine in thirty lines: answers as Vault's API documentation says it does. */
async function transit(key: KeyObject, bend: (path: string) => { status: number; body: string; headers?: Record<string, string> } | undefined = () => undefined): Promise<Fake> {
  const requests: Fake['requests'] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const path = request.url!;
      const body = JSON.parse(Buffer.concat(parts).toString() || '{}') as Record<string, unknown>;
      requests.push({ method: request.method!, path, headers: request.headers, body });
      const special = bend(path);
      if (special !== undefined) return void response.writeHead(special.status, special.headers).end(special.body);
      if (request.headers['x-vault-token'] !== token) return void response.writeHead(403).end('{"errors":["permission denied"]}');
      const open = createPublicKey(key);
      const shown = key.asymmetricKeyType === 'ed25519' ? (open.export({ type: 'spki', format: 'der' }) as Buffer).subarray(-32).toString('base64') : open.export({ type: 'spki', format: 'pem' });
      if (request.method === 'GET') return void response.end(JSON.stringify({ data: { latest_version: 2, keys: { 1: { public_key: 'old' }, 2: { public_key: shown } } } }));
      // A test cannot sign a digest with node:crypto, so the fake is told the data through `data`.
      const signature = signBytes(key.asymmetricKeyType === 'ed25519' ? null : { prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' }[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'sha256', data, key);
      return void response.end(JSON.stringify({ data: { signature: `vault:v2:${signature.toString('base64')}` } }));
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  onTestFinished(() => void server.close());
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
const data = Buffer.from('what is signed');

describe('a key in Vault or OpenBao', () => {
  const at = (address: string) => vaultFrom({ VAULT_ADDR: address, VAULT_TOKEN: token, VAULT_NAMESPACE: 'team' });
  for (const [name, { privateKey }] of Object.entries({ ...pairs, Ed25519: generateKeyPairSync('ed25519'), 'RSA-2048': generateKeyPairSync('rsa', { modulusLength: 2048 }) })) {
    test(`signs with its newest version by the hash of its kind: ${name}`, async () => {
      const { address, requests } = await transit(privateKey);
      const signer = await vaultSigner('team/transit/release', at(address), 'extended');
      expect(signer.describes).toBe(`${name} in ${address}`);
      await signatureBy(signer, data);
      const [asked, signing] = requests;
      expect(asked).toMatchObject({ method: 'GET', path: '/v1/team/transit/keys/release', headers: { 'x-vault-token': token, 'x-vault-namespace': 'team' } });
      const hash = { 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512', 'RSA-2048': 'sha256' }[name];
      expect(signing).toMatchObject({ method: 'POST', path: `/v1/team/transit/sign/release${hash === undefined ? '' : `/sha2-${hash.slice(3)}`}` });
      expect(signing!.body).toEqual(hash === undefined ? { input: data.toString('base64'), key_version: 2 } : {
        input: createHash(hash).update(data).digest('base64'), prehashed: true, key_version: 2,
        ...(name.startsWith('RSA') ? { signature_algorithm: 'pkcs1v15' } : { marshaling_algorithm: 'asn1' }),
      });
    });
  }

  test('is named and found by the command line and the environment', async () => {
    const { address } = await transit(pair.privateKey, (path) => (path.includes('/sign/') ? { status: 200, body: '{"data":{"signature":"vault:v2:AAAA"}}' } : undefined));
    environment('VAULT_ADDR', address);
    environment('VAULT_TOKEN', token);
    await expect(ran(sign, 'sign', model({ a: '' }), '--signer', 'vault:release')).rejects.toThrow('does not hold for its own public key');
  });

  test('never has its token in an error, whatever the server says', async () => {
    const answers: { status: number; body: string; headers?: Record<string, string> }[] = [
      { status: 403, body: JSON.stringify({ errors: [`token ${token} is bad`] }) },
      { status: 500, body: token },
      { status: 200, body: token },
      { status: 200, body: JSON.stringify({ data: { latest_version: 1, keys: { 1: { public_key: token } } } }) },
      { status: 200, body: JSON.stringify({ data: { latest_version: token, keys: {} } }) },
      { status: 302, body: '', headers: { location: `http://127.0.0.1:1/${token}` } },
      { status: 200, body: 'x'.repeat(2 << 20) },
    ];
    for (const answer of answers) {
      const { address } = await transit(pair.privateKey, () => answer);
      const error = await vaultSigner('release', at(address), 'oms').then(() => undefined, (caught: unknown) => caught as Error);
      expect(error?.name).toBe('UsageError');
      expect(`${error!.message} ${error!.stack} ${JSON.stringify(error!.cause ?? '')}`).not.toContain(token);
    }
    const { address } = await transit(pair.privateKey, () => answers[0]!);
    await expect(vaultSigner('release', at(address), 'oms')).rejects.toThrow('answered 403: token [token] is bad');
  });

  test('is refused in words when the environment, the name or the server is wrong', async () => {
    expect(() => vaultFrom({ VAULT_ADDR: 'http://x' })).toThrow('needs $VAULT_ADDR and $VAULT_TOKEN');
    expect(() => vaultFrom({ VAULT_ADDR: 'x', VAULT_TOKEN: 'y' })).toThrow('$VAULT_ADDR is no URL');
    expect(() => vaultFrom({ VAULT_ADDR: 'file:///x', VAULT_TOKEN: 'y' })).toThrow('begins with file:; allowed are');
    expect(() => vaultFrom({ VAULT_ADDR: 'http://me:pw@x', VAULT_TOKEN: 'y' })).toThrow('holds a user name or password');
    expect(() => vaultFrom({ VAULT_ADDR: 'http://x', VAULT_TOKEN: 'a\nb' })).toThrow('$VAULT_TOKEN holds characters');
    expect(vaultFrom({ BAO_ADDR: 'http://x:8200/bao/', BAO_TOKEN: 'y' })).toEqual({ address: 'http://x:8200/bao', token: 'y' });
    for (const name of ['', '../sys', 'a//b', 'a?b', 'a/..', 'a b']) await expect(vaultSigner(name, at('http://127.0.0.1:1'), 'oms'), name).rejects.toThrow('names no key');
    await expect(vaultSigner('a', at('http://127.0.0.1:1'), 'oms')).rejects.toThrow('http://127.0.0.1:1/v1/transit/keys/a cannot be reached: ');
  });
});
