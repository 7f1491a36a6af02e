// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { register as attest } from '../../../src/commands/attest.ts';
import { register as conformity } from '../../../src/commands/conformity.ts';
import { register as sign } from '../../../src/commands/sign.ts';
import { register as trust } from '../../../src/commands/trust.ts';
import { register as verify } from '../../../src/commands/verify.ts';
import { environment, keyFiles, ran, type Ran } from '../../commands/support.ts';
import { model, temporary } from '../support.ts';
import { identity, issuer, pairOf, reset, startStack, tokenFor, type Stack, type TrustedRootJson } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());
beforeEach(() => {
  reset(stack);
  for (const name of ['SIGSTORE_ID_TOKEN', 'GITHUB_ACTIONS', 'GITLAB_CI', 'BUILDKITE', 'ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']) environment(name, '');
});

function tokenFile(token = tokenFor()): string {
  const path = join(temporary(), 'token');
  writeFileSync(path, `${token}\n`);
  return path;
}

type Way = 'v1' | 'v1+tsa' | 'v2+tsa';
const flags = (way: Way): string[] => [
  '--fulcio-url', stack.url, '--rekor-url', stack.url, '--service-timeout', '1',
  ...(way === 'v1' ? [] : ['--tsa-url', stack.url]), ...(way === 'v2+tsa' ? ['--rekor-version', '2'] : []),
];

/** Signs a small model; gives its folder. */
async function signedModel(way: Way = 'v1', ...more: string[]): Promise<string> {
  const root = model({ 'a.bin': 'weights', 'sub/b': 'x' });
  expect(await ran(sign, 'sign', root, '--keyless', '--identity-token-file', tokenFile(), ...flags(way), ...more)).toMatchObject({ code: 0, err: '' });
  return root;
}

function verified(root: string, trustedRoot = stack.trustedRoot(), who = ['--identity', identity, '--issuer', issuer]): Promise<Ran> {
  return ran(verify, 'verify', root, ...who, '--trusted-root', trustedRoot);
}

/** Changes the signature file of a model. */
// eslint-disable-next-line typescript/no-explicit-any -- JSON that tests bend
function bend(root: string, change: (bundle: any) => void): void {
  const path = join(root, 'model.sig');
  const bundle = JSON.parse(readFileSync(path, 'utf8')) as unknown;
  change(bundle);
  writeFileSync(path, JSON.stringify(bundle));
}

describe('signing keyless and verifying it', () => {
  test.for<Way>(['v1', 'v1+tsa', 'v2+tsa'])('goes through every service (%s)', async (way) => {
    const root = await signedModel(way, '--trusted-root', stack.trustedRoot());
    const { code, out, err } = await verified(root);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/^verified: 2 files, sha256:[0-9a-f]{64}$/);
    expect(lines[1]).toBe(`  signer: ${identity}, vouched for by ${issuer}`);
    expect(lines.filter((line) => line.startsWith('  time: ')).map((line) => line.slice(line.indexOf(', by ')))).toEqual(
      { 'v1': [', by a transparency log'], 'v1+tsa': [', by a transparency log', ', by a timestamp authority'], 'v2+tsa': [', by a timestamp authority'] }[way],
    );
    expect(out).toContain(`  log: ${stack.url}, entry ${way === 'v2+tsa' ? '1, by proof' : '4711, by proof and promise'}\n`);
  });

  test('says as JSON who signed, when, and which log holds it', async () => {
    const root = await signedModel('v1+tsa');
    const { out } = await ran(verify, 'verify', root, '--identity', identity, '--issuer', issuer, '--trusted-root', stack.trustedRoot(), '--format', 'json');
    expect(JSON.parse(out)).toMatchObject({
      verified: true, problems: [], notes: [],
      established: {
        signer: { identity, issuer, claims: {} },
        times: [{ source: 'transparency log', time: expect.stringMatching(/Z$/) }, { source: 'timestamp authority' }],
        entries: [{ log: stack.url, index: '4711', kind: 'dsse/0.0.1', by: 'proof and promise' }],
      },
    });
  });

  test('checks the files as well', async () => {
    const root = await signedModel();
    writeFileSync(join(root, 'a.bin'), 'other');
    expect(await verified(root)).toMatchObject({ code: 1, out: expect.stringContaining('changed: a.bin differs') });
  });

  test('follows a signing configuration, alone or beside its trusted root', async () => {
    const service = (version: number): object => ({ url: stack.url, majorApiVersion: version, validFor: { start: '2020-01-01T00:00:00Z' }, operator: 'mock' });
    const signingConfig = {
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json', caUrls: [service(1)], rekorTlogUrls: [service(1), service(2), { ...service(2), url: 'https://gone.invalid', validFor: { start: '2019-01-01T00:00:00Z', end: '2020-01-01T00:00:00Z' } }],
      tsaUrls: [service(1)], rekorTlogConfig: { selector: 'ANY' }, tsaConfig: { selector: 'EXACT', count: 1 },
    };
    const trustedRoot = JSON.parse(readFileSync(stack.trustedRoot(), 'utf8')) as unknown;
    const [alone, both] = [join(temporary(), 'config.json'), join(temporary(), 'client.json')];
    writeFileSync(alone, JSON.stringify(signingConfig));
    writeFileSync(both, JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.clienttrustconfig.v0.1+json', trustedRoot, signingConfig }));
    for (const config of [alone, both]) {
      const root = model({ a: 'x' });
      expect(await ran(sign, 'sign', root, '--keyless', '--identity-token-file', tokenFile(), '--signing-config', config)).toMatchObject({ code: 0 });
      expect((await verified(root, both)).out).toContain('entry 1, by proof\n');
    }
  });

  test('attests keyless too, and holds attestations to the same identity', async () => {
    const root = await signedModel();
    const attested = await ran(attest, 'attest', root, '--keyless', '--identity-token-file', tokenFile(), ...flags('v2+tsa'));
    expect(attested).toMatchObject({ code: 0, out: expect.stringContaining(`with the identity ${identity}`) });
    const demand = (who: string): Promise<Ran> => ran(verify, 'verify', root, '--identity', who, '--issuer', issuer, '--trusted-root', stack.trustedRoot(), '--require-attestation', 'svr');
    expect(await demand(identity)).toMatchObject({ code: 0, out: expect.stringContaining('attested: svr over the same root digest') });
    await ran(attest, 'attest', root, '--keyless', '--identity-token-file', tokenFile(tokenFor({ sub: 'https://example.com/other' })), ...flags('v1'));
    expect(await demand(identity)).toMatchObject({ code: 1, out: expect.stringContaining('the signer is https://example.com/other') });
  });

  test('demands the whole identity and its issuer, exactly', async () => {
    const root = await signedModel();
    const wrong: string[][] = [
      ['--identity', identity.slice(0, -1), '--issuer', issuer], ['--identity', `${identity}x`, '--issuer', issuer],
      ['--identity', identity.replaceAll('.', '_'), '--issuer', issuer], ['--identity', identity, '--issuer', `${issuer}/`],
      ['--identity-regexp', 'https://example.com/team', '--issuer', issuer], ['--identity-regexp', '.*refs/tags|x', '--issuer', issuer],
      ['--identity', identity.toUpperCase(), '--issuer', issuer], ['--identity', 'https://example.com/.*', '--issuer', issuer],
    ];
    for (const who of wrong) expect(await verified(root, undefined, who), who.join(' ')).toMatchObject({ code: 1, out: expect.stringMatching(/ {2}identity: (the signer is|the identity was vouched for by)/) });
    expect((await verified(root, undefined, ['--identity-regexp', String.raw`https://example\.com/team/.*@refs/tags/v\d+`, '--issuer', issuer])).code).toBe(0);
  });

  test('does not verify half a demand', async () => {
    const root = await signedModel();
    const trusted = ['--trusted-root', stack.trustedRoot()];
    const wrong: [string[], string][] = [
      [['--identity', identity, ...trusted], '--identity is given without --issuer'],
      [['--issuer', issuer, ...trusted], '--issuer is given without --identity'],
      [['--identity', identity, '--issuer', issuer], 'a keyless signature is verified with --trusted-root FILE, and none is fetched'],
      [['--identity', '', '--issuer', issuer, ...trusted], '--identity is empty'],
      [['--identity', identity, '--identity-regexp', 'x', '--issuer', issuer, ...trusted], 'are both given'],
      [['--identity-regexp', 'a)|(b', '--issuer', issuer, ...trusted], 'is not a regular expression'],
      [['--identity', identity, '--issuer', issuer, '--key', keyFiles().open, ...trusted], '--identity and --key are both given'],
    ];
    for (const [argv, message] of wrong) await expect(ran(verify, 'verify', root, ...argv), argv.join(' ')).rejects.toThrow(message);
    expect(await ran(verify, 'verify', root, '--key', keyFiles().open)).toMatchObject({ code: 1, out: expect.stringContaining('keyless, with a Sigstore certificate, which a key cannot verify') });
  });

  test('does not take a key signature for an identity', async () => {
    const root = model({ a: 'x' });
    await ran(sign, 'sign', root, '--key', keyFiles().secret);
    expect(await verified(root)).toMatchObject({ code: 1, out: expect.stringContaining('material: the signature was made with a bare key, behind which no identity stands') });
  });
});

describe('a keyless signature that does not hold', () => {
  const other = (field: keyof TrustedRootJson) => (root: TrustedRootJson): void => {
    const raw = (pairOf().publicKey.export({ type: 'spki', format: 'der' }) as Buffer).toString('base64');
    root[field][0].publicKey.rawBytes = raw;
  };
  const roots: [string, (root: TrustedRootJson) => void, string][] = [
    ['a log with another key', other('tlogs'), 'log: '],
    ['no log', (root) => void (root.tlogs = []), 'log: '],
    ['a certificate transparency log with another key', other('ctlogs'), 'SCT verification failed'],
    ['no certificate transparency log', (root) => void (root.ctlogs = []), 'SCT verification failed'],
    ['no certificate authority', (root) => void (root.certificateAuthorities = []), 'certificate: '],
    ['a certificate authority that counts from tomorrow', (root) => void (root.certificateAuthorities[0].validFor.start = new Date(Date.now() + 864e5).toISOString()), 'certificate: '],
    ['a log that was retired', (root) => void (root.tlogs[0].publicKey.validFor.end = '2021-01-01T00:00:00Z'), 'log: '],
    ['no timestamp authority', (root) => void (root.timestampAuthorities = []), 'timestamp: the timestamp is not one of a trusted authority'],
    ['the certificate authority as timestamp authority', (root) => void (root.timestampAuthorities = root.certificateAuthorities), 'timestamp: '],
  ];
  test.for(roots)('fails under a trusted root with %s', async ([, change, message]) => {
    for (const way of ['v1+tsa', 'v2+tsa'] as const) {
      expect(await verified(await signedModel(way), stack.trustedRoot(change)), way).toMatchObject({ code: 1, out: expect.stringContaining(message) });
    }
  });

  test('fails under the root of another instance, which has the same names', async () => {
    const another = await startStack();
    try {
      expect(await verified(await signedModel('v2+tsa'), another.trustedRoot())).toMatchObject({ code: 1 });
    } finally {
      await another.close();
    }
  });

  // eslint-disable-next-line typescript/no-explicit-any -- JSON that tests bend
  const entry = (change: (entry: any) => void) => (bundle: any): void => change(bundle.verificationMaterial.tlogEntries[0]);
  const flip = (text: string): string => {
    const bytes = Buffer.from(text, 'base64');
    bytes[bytes.length >> 1]! ^= 1;
    return bytes.toString('base64');
  };
  // eslint-disable-next-line typescript/no-explicit-any -- JSON that tests bend
  const changes: [string, Way, (bundle: any) => void, string][] = [
    ['payload', 'v1', (bundle) => void (bundle.dsseEnvelope.payload = flip(bundle.dsseEnvelope.payload as string)), 'log: a log entry is about another signature (DSSE payload hash mismatch)'],
    ['signature', 'v1', (bundle) => void (bundle.dsseEnvelope.signatures[0].sig = flip(bundle.dsseEnvelope.signatures[0].sig as string)), 'log: a log entry is about another signature'],
    ['signature (v2)', 'v2+tsa', (bundle) => void (bundle.dsseEnvelope.signatures[0].sig = flip(bundle.dsseEnvelope.signatures[0].sig as string)), 'timestamp: '],
    ['log entries', 'v1', (bundle) => void (bundle.verificationMaterial.tlogEntries = []), 'log: the signature comes with 0 log entries; 1 are demanded'],
    ['promise', 'v1', entry((one) => delete one.inclusionPromise), 'bundle: log entry 0 says index 4711, its proof 1'],
    ['timestamp (v2)', 'v2+tsa', (bundle) => delete bundle.verificationMaterial.timestampVerificationData, 'timestamp: nothing proves when the signature was made'],
    ['proof', 'v1', entry((one) => delete one.inclusionProof), 'bundle: the bundle lacks or may not have'],
    ['proof (v2)', 'v2+tsa', entry((one) => delete one.inclusionProof), 'bundle: '],
    ['integrated time', 'v1', entry((one) => void (one.integratedTime = '1700000000')), 'certificate: '],
    ['integrated time by a second', 'v1', entry((one) => void (one.integratedTime = String(Number(one.integratedTime) + 1))), 'log: the promise of a log entry is not signed'],
    ['hash of the proof', 'v2+tsa', entry((one) => void (one.inclusionProof.hashes[0] = flip(one.inclusionProof.hashes[0] as string))), 'log: the proof that a log holds the entry'],
    ['root hash', 'v1', entry((one) => void (one.inclusionProof.rootHash = flip(one.inclusionProof.rootHash as string))), 'bundle: log entry 0 has a proof for another root hash than its checkpoint'],
    ['tree size', 'v1', entry((one) => void (one.inclusionProof.treeSize = '3')), 'bundle: log entry 0 has a proof for a tree of 3 entries'],
    ['index of the proof', 'v1', entry((one) => void (one.inclusionProof.logIndex = '0')), 'log: the proof that a log holds the entry'],
    ['index', 'v1', entry((one) => void (one.logIndex = '4712')), 'log: the promise of a log entry'],
    ['index (v2)', 'v2+tsa', entry((one) => void (one.logIndex = '7')), 'bundle: log entry 0 says index 7, its proof 1'],
    ['checkpoint', 'v2+tsa', entry((one) => void (one.inclusionProof.checkpoint.envelope = String(one.inclusionProof.checkpoint.envelope).replace('127', '128'))), 'log: '],
    ['kind', 'v1', entry((one) => void (one.kindVersion.kind = 'intoto')), 'log: '],
    ['body', 'v1', entry((one) => void (one.canonicalizedBody = Buffer.from(`${Buffer.from(one.canonicalizedBody as string, 'base64').toString()} `).toString('base64'))), 'log: '],
    ['log id', 'v1', entry((one) => void (one.logId.keyId = flip(one.logId.keyId as string))), 'log: '],
    ['unknown field', 'v1', entry((one) => void (one.extra = 1)), 'bundle: log entry 0 has the unknown field extra'],
    ['entry twice', 'v1', (bundle) => bundle.verificationMaterial.tlogEntries.push(bundle.verificationMaterial.tlogEntries[0]), 'duplicate'],
    ['too many entries', 'v1', (bundle) => void (bundle.verificationMaterial.tlogEntries = Array.from({ length: 17 }, () => bundle.verificationMaterial.tlogEntries[0] as unknown)), 'bundle: tlogEntries has 17 members'],
    ['timestamp that is none', 'v2+tsa', (bundle) => void (bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps[0].signedTimestamp = Buffer.alloc(5000, 0x30).toString('base64')), ''],
    ['certificate', 'v1', (bundle) => void (bundle.verificationMaterial.certificate.rawBytes = flip(bundle.verificationMaterial.certificate.rawBytes as string)), ''],
  ];
  test.for(changes)('fails with another %s', async ([, way, change, message]) => {
    const root = await signedModel(way);
    bend(root, change);
    expect(await verified(root)).toMatchObject({ code: 1, out: expect.stringContaining(`\n  ${message}`.replace('\n  duplicate', 'duplicate')) });
  });

  test('fails with any byte of it changed', { timeout: 60_000 }, async () => {
    const root = await signedModel('v1');
    const [whole, trustedRoot] = [readFileSync(join(root, 'model.sig')), stack.trustedRoot()];
    for (let at = 0; at < whole.length - 1; at += 23) {
      const bent = Buffer.from(whole);
      bent[at]! ^= 0x01;
      writeFileSync(join(root, 'model.sig'), bent);
      expect((await verified(root, trustedRoot)).code, `byte ${at}: ${whole.subarray(at - 40, at + 10).toString()}`).toBe(1);
    }
  });

  test('fails with the log entry and certificate of another signature', async () => {
    const [one, two] = [await signedModel(), await signedModel()];
    const theirs = JSON.parse(readFileSync(join(two, 'model.sig'), 'utf8')) as { verificationMaterial: { certificate: unknown; tlogEntries: unknown } };
    bend(one, (bundle: { verificationMaterial: { tlogEntries: unknown } }) => void (bundle.verificationMaterial.tlogEntries = theirs.verificationMaterial.tlogEntries));
    expect((await verified(one)).out).toContain('log: the log entry names another signer than the signature');
    bend(one, (bundle: { verificationMaterial: unknown }) => void (bundle.verificationMaterial = theirs.verificationMaterial));
    expect((await verified(one)).out).toContain('log: a log entry is about another signature');
  });

  test('fails when the certificate is not in a transparency log', async () => {
    stack.knobs.withoutSct = true;
    expect(await verified(await signedModel())).toMatchObject({ code: 1, out: expect.stringContaining('certificate: ') });
  });

  test('fails when the certificate had expired by the time of the log', async () => {
    stack.knobs.logAhead = 3600;
    expect(await verified(await signedModel())).toMatchObject({ code: 1, out: expect.stringContaining('certificate: the signer\'s certificate does not hold under the trusted root at the time of signing') });
  });

  test('is not written when the services\' answers do not hold under the trusted root', async () => {
    const root = model({ a: 'x' });
    const { code, err } = await ran(sign, 'sign', root, '--keyless', '--identity-token-file', tokenFile(), ...flags('v1'), '--trusted-root', stack.trustedRoot((bent) => void (bent.ctlogs = [])));
    expect({ code, there: existsSync(join(root, 'model.sig')) }).toEqual({ code: 2, there: false });
    expect(err).toContain('what the services answered does not hold under the trusted root: the signer\'s certificate');
  });
});

describe('a trusted root', () => {
  test.for<[string, (root: TrustedRootJson) => void, string]>([
    ['a log that does not say from when', (root) => void delete root.tlogs[0].publicKey.validFor.start, 'tlogs[0].publicKey has no validFor.start'],
    ['an authority that does not say from when', (root) => void delete root.timestampAuthorities[0].validFor, 'timestampAuthorities[0] has no validFor.start'],
    ['a key that is none', (root) => void (root.ctlogs[0].publicKey.rawBytes = 'AAAA'), 'ctlogs[0] has a public key that cannot be read'],
    ['a certificate that is none', (root) => void (root.certificateAuthorities[0].certChain.certificates[0].rawBytes = 'AAAA'), 'has a certificate that cannot be read'],
    ['a time that is none', (root) => void (root.tlogs[0].publicKey.validFor.end = 'never'), 'allowed is a time'],
  ])('is refused with %s', async ([, change, message]) => {
    await expect(verified(model({ a: 'x' }), stack.trustedRoot(change))).rejects.toThrow(message);
  });
});

describe('timestamps on signatures by key', () => {
  test('prove the time under a trusted root, or the authority\'s own certificates', async () => {
    const { secret, open } = keyFiles();
    const root = model({ a: 'x' });
    await ran(sign, 'sign', root, '--key', secret, '--tsa-url', stack.url);
    const [leaf, top] = stack.tsaChain;
    const chains = [`${leaf}${top}`, top!].map((pem) => {
      const path = join(temporary(), 'tsa.pem');
      writeFileSync(path, pem);
      return path;
    });
    for (const by of [['--trusted-root', stack.trustedRoot()], ['--timestamp-chain', chains[0]!], ['--timestamp-chain', chains[1]!]]) {
      expect(await ran(verify, 'verify', root, '--key', open, ...by)).toMatchObject({ code: 0, out: expect.stringMatching(/\n {2}time: \S+Z, by a timestamp authority\n/) });
    }
    expect((await ran(verify, 'verify', root, '--key', open)).out).toContain('witnesses: log entries or timestamps come with the signature; they were not checked');
    const strange = join(temporary(), 'strange.pem');
    writeFileSync(strange, (await startAndStop()).tsaChain.join(''));
    for (const by of [['--trusted-root', stack.trustedRoot((bent) => void (bent.timestampAuthorities = []))], ['--timestamp-chain', strange]]) {
      expect(await ran(verify, 'verify', root, '--key', open, ...by)).toMatchObject({ code: 1, out: expect.stringContaining('timestamp: ') });
    }
    expect(await ran(verify, 'verify', root, '--key', keyFiles(pairOf()).open, '--trusted-root', stack.trustedRoot())).toMatchObject({ code: 1, out: expect.stringContaining('key: ') });
  });

  test('are demanded where a timestamp authority is trusted', async () => {
    const { secret, open } = keyFiles();
    const root = model({ a: 'x' });
    await ran(sign, 'sign', root, '--key', secret);
    const chain = join(temporary(), 'tsa.pem');
    writeFileSync(chain, stack.tsaChain.join(''));
    for (const by of [['--trusted-root', stack.trustedRoot()], ['--timestamp-chain', chain]]) {
      expect(await ran(verify, 'verify', root, '--key', open, ...by)).toMatchObject({ code: 1, out: expect.stringContaining('timestamp: ') });
    }
  });

  async function startAndStop(): Promise<Stack> {
    const another = await startStack();
    await another.close();
    return another;
  }
});

test('the certificate in a signature is the one that the token\'s subject was certified with', async () => {
  const root = await signedModel();
  const { verificationMaterial } = JSON.parse(readFileSync(join(root, 'model.sig'), 'utf8')) as { verificationMaterial: { certificate: { rawBytes: string } } };
  expect(new X509Certificate(Buffer.from(verificationMaterial.certificate.rawBytes, 'base64')).subjectAltName).toBe(`URI:${identity}`);
});

describe('an identity is trusted', () => {
  const policyFor = (who: string): string => {
    const path = join(temporary(), 'policy.yaml');
    writeFileSync(path, `version: 1\nsigners: [{name: release, identity: '${who}', issuer: '${issuer}', trusted-root: ${JSON.stringify(stack.trustedRoot())}}]\ndemand: {code: verified}\n`);
    return path;
  };

  test('by a policy, when it is the one named and no other', async () => {
    const root = model({ 'run.py': 'print(1)\n' });
    expect(await ran(sign, 'sign', root, '--keyless', '--identity-token-file', tokenFile(), ...flags('v2+tsa'))).toMatchObject({ code: 0 });
    expect(await ran(trust, 'trust', root, '--policy', policyFor(identity))).toMatchObject({ code: 0 });
    const other = await ran(trust, 'trust', root, '--policy', policyFor('somebody@else.example'));
    expect(other.code).toBe(1);
    expect(other.out).toContain('trust-signer');
  });

  test('as evidence of conformity, and a changed file is none', async () => {
    const root = await signedModel('v2+tsa');
    const asked = ['conformity', root, '--no-probe', '-f', 'json', '--fail-on', 'never', '--identity', identity, '--issuer', issuer, '--trusted-root', stack.trustedRoot()];
    const signatures = async (): Promise<unknown> => (JSON.parse((await ran(conformity, ...asked)).out) as { signatures: unknown }).signatures;
    expect(await signatures()).toMatchObject([{ path: 'model.sig', state: 'verified', signer: identity }]);
    writeFileSync(join(root, 'a.bin'), 'changed');
    expect(await signatures()).toMatchObject([{ path: 'model.sig', state: 'refused' }]);
  });
});
