// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { register as attest } from '../../src/commands/attest.ts';
import { register as scanCommand } from '../../src/commands/scan.ts';
import { register as sign } from '../../src/commands/sign.ts';
import { register as verify } from '../../src/commands/verify.ts';
import { attestationOf } from '../../src/provenance/attestation.ts';
import { keySigner, signPayload } from '../../src/provenance/sign.ts';
import { model, pair, pairs } from '../provenance/support.ts';
import { environment, keyFiles, ran } from './support.ts';

const clean = { 'config.json': '{"model_type":"x"}', 'README.txt': 'words' };
/** A pickle that would run a command: GLOBAL os.system, called. */
const hostile = { 'w.pkl': Buffer.from('cos\nsystem\n(S\'echo x\'\ntR.') };

const payloadIn = (path: string): Record<string, any> => // oxlint-disable-line typescript/no-explicit-any -- JSON of a statement
  JSON.parse(Buffer.from((JSON.parse(readFileSync(path, 'utf8')) as { dsseEnvelope: { payload: string } }).dsseEnvelope.payload, 'base64').toString()) as Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- as above

async function made(content: Record<string, string | Uint8Array> = clean, ...options: string[]): Promise<{ root: string; open: string; secret: string; rootDigest: string; demand: (...types: string[]) => ReturnType<typeof ran> }> {
  const { secret, open } = keyFiles();
  const root = model(content);
  const { out } = await ran(sign, 'sign', root, '--key', secret, ...options);
  return { root, secret, open, rootDigest: /sha256:([0-9a-f]{64})/.exec(out)![1]!, demand: (...types) => ran(verify, 'verify', root, '--key', open, '--require-attestation', ...types) };
}

describe('assay attest', () => {
  test('signs verdict and BOMs over the root digest of the signature, and verify can demand them', async () => {
    const { root, secret, rootDigest, demand } = await made();
    environment('SOURCE_DATE_EPOCH', '1790000000');
    const result = await ran(attest, 'attest', root, '--key', secret, '--type', 'svr,vsa,cyclonedx,spdx');
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(result.out).toContain(`attested model (svr, vsa, cyclonedx, spdx, passed) with P-256\nsha256:${rootDigest}\n`);
    for (const type of ['svr', 'vsa', 'cyclonedx', 'spdx']) {
      expect(payloadIn(`${root}.${type}.sigstore.json`)).toMatchObject({ _type: 'https://in-toto.io/Statement/v1', subject: [{ name: 'model', digest: { sha256: rootDigest } }] });
    }
    expect(payloadIn(`${root}.svr.sigstore.json`)).toMatchObject({
      predicateType: 'https://in-toto.io/attestation/svr/v0.1',
      predicate: { timeCreated: '2026-09-21T14:13:20Z', properties: expect.arrayContaining(['ASSAY_SCAN_PASSED', 'ASSAY_NO_HIGH_FINDINGS']) },
    });
    expect(payloadIn(`${root}.vsa.sigstore.json`)).toMatchObject({
      predicateType: 'https://slsa.dev/verification_summary/v1',
      predicate: { verificationResult: 'PASSED', resourceUri: 'pkg:generic/model', inputAttestations: [{ uri: 'model.sig' }], timeVerified: '2026-09-21T14:13:20Z' },
    });
    expect(payloadIn(`${root}.cyclonedx.sigstore.json`)).toMatchObject({ predicateType: 'https://cyclonedx.org/bom', predicate: { bomFormat: 'CycloneDX' } });
    const verified = await demand('svr,vsa,cyclonedx,spdx');
    expect(verified.code).toBe(0);
    expect(verified.out).toContain('attested: svr over the same root digest, made 2026-09-21T14:13:20Z');
  });

  test('takes the cut of the signature: shards, blake2b, path order, a single file, git files', async () => {
    for (const options of [['--serialization', 'shards', '--shard-size', '4', '--hash', 'blake2b'], ['--oms-profile', 'python-1.1'], ['--no-ignore-git']]) {
      const { root, secret, rootDigest, demand } = await made({ ...clean, 'a/b': 'x', 'a-b': 'y', '.gitignore': 'z' }, ...options);
      expect((await ran(attest, 'attest', root, '--key', secret)).out).toContain(rootDigest);
      expect((await demand('svr')).code).toBe(0);
    }
    const file = join(model(clean), 'config.json');
    const { secret, open } = keyFiles();
    await ran(sign, 'sign', file, '--key', secret, '--oms-profile', 'python-1.1');
    expect((await ran(attest, 'attest', file, '--key', secret, '--type', 'svr,cyclonedx')).code).toBe(0);
    expect((await ran(verify, 'verify', file, '--key', open, '--require-attestation', 'svr,cyclonedx')).code).toBe(0);
  });

  test('lets a model that fails have a VSA that says so, no SVR, and no way through verify', async () => {
    const { root, secret, demand } = await made({ ...clean, ...hostile });
    const result = await ran(attest, 'attest', root, '--key', secret, '--type', 'svr,vsa');
    expect(result.code).toBe(1);
    expect(result.err).toContain('no SVR was written');
    expect(existsSync(`${root}.svr.sigstore.json`)).toBe(false);
    expect(payloadIn(`${root}.vsa.sigstore.json`)['predicate']).toMatchObject({ verificationResult: 'FAILED', verifiedLevels: ['FAILED'] });
    expect(await demand('vsa')).toMatchObject({ code: 1, out: expect.stringContaining('verificationResult is FAILED; allowed is PASSED') });
    expect(await demand('svr')).toMatchObject({ code: 1, out: expect.stringContaining('an attestation of the type svr is demanded, and none that holds is there') });
  });

  test('refuses a model that is not the one that was signed', async () => {
    const { root, secret } = await made();
    writeFileSync(join(root, 'config.json'), '{}');
    await expect(ran(attest, 'attest', root, '--key', secret)).rejects.toThrow('is not what');
    writeFileSync(join(root, 'model.sig'), '{}');
    await expect(ran(attest, 'attest', root, '--key', secret)).rejects.toThrow('model.sig cannot be read: the bundle has no mediaType');
  });

  test('takes a report of the same bytes in place of a scan, and no other', async () => {
    const { root, secret, demand } = await made();
    const report = join(dirname(root), 'report.json');
    await ran(scanCommand, 'scan', root, '-q', '-f', `json=${report}`);
    const attested = () => ran(attest, 'attest', root, '--key', secret, '--report', report);
    expect((await attested()).code).toBe(0);
    expect((await demand('svr')).code).toBe(0);
    const text = readFileSync(report, 'utf8');
    writeFileSync(report, text.replace(/("path":"config\.json".*?"sha256":")[0-9a-f]{8}/, '$100000000'));
    await expect(attested()).rejects.toThrow('config.json was scanned with other bytes; nothing was attested');
    writeFileSync(report, text.replaceAll(/,"sha256":"[0-9a-f]{64}"/g, ''));
    await expect(attested()).rejects.toThrow('was not scanned to its end');
    await expect(ran(attest, 'attest', root, '--key', secret, '--report', report, '--type', 'spdx')).rejects.toThrow('was not scanned to its end');
    await expect(ran(attest, 'attest', root, '--key', secret, '--report', report, '--fail-on', 'low')).rejects.toThrow('--fail-on is given beside --report');
  });

  test('attests a BOM that was given, if it is of these bytes', async () => {
    const { root, secret, demand } = await made();
    await ran(attest, 'attest', root, '--key', secret, '--type', 'cyclonedx');
    const bom = join(dirname(root), 'bom.json');
    const text = JSON.stringify(payloadIn(`${root}.cyclonedx.sigstore.json`)['predicate']);
    writeFileSync(bom, text);
    expect((await ran(attest, 'attest', root, '--key', secret, '--type', 'cyclonedx', '--bom', bom)).code).toBe(0);
    expect((await demand('cyclonedx')).code).toBe(0);
    writeFileSync(bom, text.replaceAll(/"content":"[0-9a-f]{64}"/g, `"content":"${'0'.repeat(64)}"`));
    await expect(ran(attest, 'attest', root, '--key', secret, '--type', 'cyclonedx', '--bom', bom)).rejects.toThrow('is not of these bytes');
  });

  test('says what to do about a wrong argument', async () => {
    const { root, secret } = await made();
    const wrong: [string[], string][] = [
      [[root, '--key', secret, '--type', 'slsa'], '--type is slsa; allowed are svr, vsa, cyclonedx, spdx'],
      [[root, '--key', secret, '--fail-on', 'critical'], '--fail-on is critical; allowed here are high, medium, low, info'],
      [[root, '--key', secret, '--fail-on', 'never'], '--fail-on is never'],
      [[root], 'nothing to sign with'],
      [[root, '--key', secret, '--report', join(root, 'none')], 'cannot be read: ENOENT'],
    ];
    for (const [argv, message] of wrong) await expect(ran(attest, 'attest', ...argv), argv.join(' ')).rejects.toThrow(message);
    expect((await ran(attest, 'attest', model({}), '--key', secret)).code).toBe(3);
  });
});

describe('an attestation that is properly signed is still refused', () => {
  type Statement = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- bent at will
  const svr = { verifier: { id: 'pkg:npm/assay-scan@0.1.0' }, timeCreated: '2026-01-01T00:00:00Z', properties: ['ASSAY_SCAN_PASSED'] };
  const vsa = { verifier: { id: 'x' }, timeVerified: '2026-01-01T00:00:00Z', resourceUri: 'x', policy: { uri: 'x' }, verificationResult: 'PASSED', verifiedLevels: ['ASSAY_SCAN_PASSED'] };
  const cases: Record<string, ['svr' | 'vsa' | 'cyclonedx', unknown, (statement: Statement) => void, string]> = {
    'of another root digest': ['svr', svr, (s) => void (s['subject'][0].digest.sha256 = '0'.repeat(64)), `the attestation is of sha256:${'0'.repeat(64)}, the signature of sha256:`],
    'with its root digest under another algorithm': ['svr', svr, (s) => void (s['subject'][0].digest = { sha512: s['subject'][0].digest.sha256 }), 'subject.digest has no sha256'],
    'of two subjects': ['svr', svr, (s) => void s['subject'].push(s['subject'][0]), 'the attestation has 2 subjects; allowed is 1'],
    'of another kind of statement': ['svr', svr, (s) => void (s['_type'] = 'https://in-toto.io/Statement/v0.1'), '_type is https://in-toto.io/Statement/v0.1'],
    'of an unknown predicate': ['svr', svr, (s) => void (s['predicateType'] = 'https://example.com/x'), 'predicateType is https://example.com/x; known are'],
    'of a predicate type with more behind it': ['svr', svr, (s) => void (s['predicateType'] += '/../x'), 'predicateType is'],
    'that says nothing': ['svr', { ...svr, properties: [] }, () => undefined, 'the attestation does not say ASSAY_SCAN_PASSED; it says nothing'],
    'that says something else': ['svr', { ...svr, properties: ['ASSAY_NO_CRITICAL_FINDINGS'] }, () => undefined, 'does not say ASSAY_SCAN_PASSED; it says ASSAY_NO_CRITICAL_FINDINGS'],
    'without a verifier': ['svr', { ...svr, verifier: undefined }, () => undefined, 'predicate has no verifier'],
    'that failed': ['vsa', { ...vsa, verificationResult: 'FAILED' }, () => undefined, 'verificationResult is FAILED'],
    'that passed, and failed': ['vsa', { ...vsa, verifiedLevels: ['ASSAY_SCAN_PASSED', 'FAILED'] }, () => undefined, 'verifiedLevels holds FAILED'],
    'that passed in other words': ['vsa', { ...vsa, verificationResult: 'passed' }, () => undefined, 'verificationResult is passed; allowed is PASSED'],
    'that is a BOM by its type only': ['cyclonedx', { bom: 1 }, () => undefined, 'calls itself cyclonedx, but its predicate is no such document'],
    'whose BOM gives a file another digest': ['cyclonedx', { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [{ type: 'file', name: 'config.json', hashes: [{ alg: 'SHA-256', content: '0'.repeat(64) }] }] }, () => undefined, 'the BOM and the signature disagree on config.json'],
  };
  for (const [name, [type, predicate, bend, expected]] of Object.entries(cases)) {
    test(name, async () => {
      const { root, rootDigest, demand } = await made();
      const statement = JSON.parse(attestationOf(type, 'model', rootDigest, predicate).toString()) as Statement;
      bend(statement);
      writeFileSync(`${root}.${type}.sigstore.json`, await signPayload(Buffer.from(JSON.stringify(statement)), keySigner(pair.privateKey)));
      const { code, out } = await demand(type);
      expect(code).toBe(1);
      expect(out).toContain(expected);
    });
  }

  test('by another key, with a changed payload, or when the model itself does not hold', async () => {
    const { root, secret, rootDigest, demand } = await made();
    const path = `${root}.svr.sigstore.json`;
    writeFileSync(path, await signPayload(attestationOf('svr', 'model', rootDigest, svr), keySigner(pairs['P-384']!.privateKey)));
    expect(await demand('svr')).toMatchObject({ code: 1, out: expect.stringContaining('attestation: model.svr.sigstore.json: the signature names another key') });
    await ran(attest, 'attest', root, '--key', secret);
    expect((await demand('svr')).code).toBe(0);
    const bundle = JSON.parse(readFileSync(path, 'utf8')) as { dsseEnvelope: { payload: string } };
    bundle.dsseEnvelope.payload = Buffer.from(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('ASSAY', 'assay')).toString('base64');
    writeFileSync(path, JSON.stringify(bundle));
    expect((await demand('svr')).out).toContain('the signature does not match');
    await ran(attest, 'attest', root, '--key', secret);
    writeFileSync(join(root, 'config.json'), 'other');
    expect((await demand('svr')).code).toBe(1);
  });

  test('unless it says what is demanded in place of the usual', async () => {
    const { root, rootDigest, open } = await made();
    writeFileSync(`${root}.svr.sigstore.json`, await signPayload(attestationOf('svr', 'model', rootDigest, { ...svr, properties: ['ORG_APPROVED'] }), keySigner(pair.privateKey)));
    const demand = (...more: string[]) => ran(verify, 'verify', root, '--key', open, ...more);
    expect((await demand('--require-attestation', 'svr', '--require-property', 'ORG_APPROVED')).code).toBe(0);
    expect((await demand('--require-attestation', 'svr', '--require-property', 'ORG_APPROVED,OTHER')).out).toContain('does not say OTHER');
    expect((await demand('--attestation', `${root}.svr.sigstore.json`)).code).toBe(1);
    await expect(demand('--require-property', 'X')).rejects.toThrow('without --require-attestation');
    await expect(demand('--require-attestation', 'x')).rejects.toThrow('--require-attestation is x; allowed are');
  });
});
