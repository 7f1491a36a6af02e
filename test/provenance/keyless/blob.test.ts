// SPDX-License-Identifier: Apache-2.0
import { createHash, generateKeyPairSync, sign as signBytes, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { register as verify } from '../../../src/commands/verify.ts';
import { preAuthEncoding } from '../../../src/provenance/bundle.ts';
import { keyFiles, ran, type Ran } from '../../commands/support.ts';
import { pair, temporary } from '../support.ts';

const data = Buffer.from('the file');
const digest = createHash('sha256').update(data).digest();
const byDigest = `sha256:${digest.toString('hex')}`;
type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

function written(content: object, more: object = {}): { path: string; bundle: string } {
  const folder = temporary();
  const [path, bundle] = [join(folder, 'file'), join(folder, 'file.sigstore.json')];
  writeFileSync(path, data);
  writeFileSync(bundle, JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', verificationMaterial: { publicKey: { hint: 'x' } }, ...content, ...more }));
  return { path, bundle };
}

function plain({ privateKey }: Pair, hash: string | null, of = digest): object {
  return { messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest: of.toString('base64') }, signature: signBytes(hash, data, privateKey).toString('base64') } };
}

function statement(subject: unknown, change: object = {}, payloadType = 'application/vnd.in-toto+json'): object {
  const payload = Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject, predicateType: 'https://example.com/p', predicate: {}, ...change }));
  const encoded = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload]);
  if (payloadType === 'application/vnd.in-toto+json') expect(encoded).toEqual(preAuthEncoding(payload));
  return { dsseEnvelope: { payload: payload.toString('base64'), payloadType, signatures: [{ sig: signBytes('sha256', encoded, pair.privateKey).toString('base64'), keyid: '' }] } };
}

const check = (path: string, bundle: string, keys: Pair): Promise<Ran> => ran(verify, 'verify', path, '--bundle', bundle, '--key', keyFiles(keys).open);

describe('a plain signature over a file', () => {
  const kinds: [string, Pair, string | null, boolean][] = [
    ['P-256', pair, 'sha256', true],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'sha384', false],
    ['P-384 with SHA-256', generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'sha256', true],
    ['P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' }), 'sha512', false],
    ['Ed25519', generateKeyPairSync('ed25519'), null, false],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }), 'sha256', false],
  ];
  test.for(kinds)('holds for a key of the kind %s, by digest where that can be', async ([, keys, hash, digestDoes]) => {
    const { path, bundle } = written(plain(keys, hash));
    expect(await check(path, bundle, keys)).toMatchObject({ code: 0, out: `verified: file, ${byDigest}\n` });
    const alone = await check(byDigest, bundle, keys);
    expect(alone.code).toBe(digestDoes ? 0 : 1);
    writeFileSync(path, 'another file');
    expect(await check(path, bundle, keys)).toMatchObject({ code: 1, out: expect.stringContaining('changed: the digest is ') });
  });

  test('does not hold for another key, nor when the digest is right and the signature is not', async () => {
    const { path, bundle } = written(plain(pair, 'sha256'));
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await check(path, bundle, other)).toMatchObject({ code: 1, out: expect.stringContaining('signature: the signature does not match') });
    expect(await check(byDigest, bundle, other)).toMatchObject({ code: 1 });
    const renamed = written(plain(pair, 'sha256', createHash('sha256').update('x').digest()));
    expect((await check(path, renamed.bundle, pair)).out).toContain('changed: ');
  });
});

describe('a statement about a file', () => {
  const about = [{ name: 'other', digest: { sha256: '0'.repeat(64) } }, { name: 'file', digest: { sha256: digest.toString('hex') } }];
  test('holds when one of its subjects is the file, whatever it is called', async () => {
    const { path, bundle } = written(statement(about));
    for (const one of [path, byDigest]) expect(await check(one, bundle, pair)).toMatchObject({ code: 0, out: expect.stringContaining('\n  statement: https://example.com/p\n') });
  });

  test.for<[string, object, string]>([
    ['about others', statement([about[0]]), 'changed: none of the 1 subjects'],
    ['about nothing', statement([]), 'changed: none of the 0 subjects'],
    ['of another type', statement(about, { _type: 'x' }), 'statement: _type is x'],
    ['in another envelope', statement(about, {}, 'text/plain'), 'bundle: payloadType is text/plain'],
    ['without digests', statement([{ name: 'file' }]), 'statement: a subject has no digest'],
  ])('%s does not', async ([, content, message]) => {
    const { path, bundle } = written(content);
    expect(await check(path, bundle, pair)).toMatchObject({ code: 1, out: expect.stringContaining(message) });
  });
});

test('a bundle has to be whole, and of a known type', async () => {
  const both = { ...plain(pair, 'sha256'), ...statement([]) };
  for (const [content, more, message] of [
    [both, {}, 'has to hold a messageSignature or a dsseEnvelope, and not both'],
    [{}, {}, 'has to hold a messageSignature or a dsseEnvelope'],
    [plain(pair, 'sha256'), { mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.4' }, 'mediaType is '],
    [plain(pair, 'sha256'), { verificationMaterial: {} }, 'holds no key and no certificate'],
    [plain(pair, 'sha256'), { more: 1 }, 'unknown field more'],
    [plain(pair, 'sha256'), { verificationMaterial: { certificate: { rawBytes: 'AAAA' } } }, 'made with a certificate, which a key cannot verify'],
  ] as const) {
    const { path, bundle } = written(content, more);
    expect(await check(path, bundle, pair), message).toMatchObject({ code: 1, out: expect.stringContaining(message) });
  }
});

test('says what to do about a wrong argument', async () => {
  const { path, bundle } = written(plain(pair, 'sha256'));
  const { open } = keyFiles();
  for (const [argv, message] of [
    [['sha256:abc', '--bundle', bundle, '--key', open], 'PATH is sha256:abc; allowed is sha256: and 64 hex digits'],
    [[temporary(), '--bundle', bundle, '--key', open], 'is not a file; --bundle verifies a single file'],
    [[path, '--bundle', bundle], 'nothing to verify with'],
    [[path, '--bundle', `${bundle}x`, '--key', open], 'there is none'],
    [[path, '--bundle', bundle, '--key', open, '--only', 'x'], '--bundle and --only are both given'],
    [[path, '--bundle', bundle, '--key', open, '--timestamp-chain', open], '--timestamp-chain is given with --bundle'],
  ] as const) await expect(ran(verify, 'verify', ...argv), message).rejects.toThrow(message);
});
