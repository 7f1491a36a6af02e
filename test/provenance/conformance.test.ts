// SPDX-License-Identifier: Apache-2.0
import { Ajv2020 } from 'ajv/dist/2020.js';
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { register } from '../../src/commands/verify.ts';
import { parseBundle } from '../../src/provenance/bundle.ts';
import { keyOfChain, rootsFrom } from '../../src/provenance/certificates.ts';
import { publicKeyFrom } from '../../src/provenance/keys.ts';
import { measure, type Profile, type Serialization } from '../../src/provenance/manifest.ts';
import { keySigner, signPayload } from '../../src/provenance/sign.ts';
import { parseStatement, statementOf } from '../../src/provenance/statement.ts';
import { rootOf } from '../../src/provenance/tree.ts';
import { statementSignedBy, verify } from '../../src/provenance/verify.ts';
import { ran } from '../commands/support.ts';
import { conformance, files, hasConformance, model, options, pair, shards, signed, temporary, verified, words, type Plain } from './support.ts';

/** The models of the reference's tests, except those that OMS v1.0 has refused since: links and nothing at all. */
const models: Record<string, { name: string; single?: string; content: Record<string, string> }> = {
  sample_model_file: { name: 'file_model', single: 'file_model', content: { file_model: 'This is a simple model' } },
  empty_model_file: { name: 'empty_file_model', single: 'empty_file_model', content: { empty_file_model: '' } },
  model_folder_with_empty_file: { name: 'empty_file_inside_model', content: { empty_file: '' } },
  sample_model_folder: {
    name: 'sample_model',
    content: Object.fromEntries([
      ...[0, 1, 2, 3].map((f) => [`f${f}`, `This is file f${f} in root.`]),
      ...[0, 1].flatMap((d) => [0, 1, 2].map((f) => [`d${d}/f${d}${f}`, `This is file f${d}${f} in d${d}.`])),
    ]),
  },
  deep_model_folder: {
    name: 'deep_model',
    content: Object.fromEntries([0, 1, 2, 3].map((f) => [`d0/d1/d2/d3/d4/f${f}`, `This is file f${f}.`])),
  },
};
const serializations: Record<string, Serialization> = { '': files, _shard: shards(1_000_000_000), _small_shards: shards(8) };
const read = (...path: string[]): Buffer => readFileSync(join(conformance, ...path));
const signature = (path: string): string => join(conformance, 'spec-vectors/v1.0', path);
const key = () => publicKeyFrom(read('keys/certificate/signing-key-pub.pem').toString(), 'k.pub');

function built(id: string): string {
  const { name, single, content } = models[id]!;
  const root = model(content, single === undefined ? name : 'folder');
  return single === undefined ? root : join(root, single);
}

describe.skipIf(!hasConformance)('manifests and statements of the reference', () => {
  for (const id of Object.keys(models)) {
    for (const [suffix, serialization] of Object.entries(serializations)) {
      test(`${id}${suffix} comes out the same`, async () => {
        const golden = JSON.parse(read(`golden/signing/signing/TestPayload/${id}${suffix}`).toString()) as Plain;
        const ours = measure(rootOf(built(id)), options(serialization, { profile: 'python-1.1' }));
        if (golden.predicate.resources.length === 0) {
          await expect(ours).rejects.toThrow('holds nothing to sign'); // OMS v1.0 refuses what the reference signs
          expect(() => parseStatement(Buffer.from(JSON.stringify(golden)))).toThrow('lists no resources');
          return;
        }
        const manifest = await ours;
        const statement = JSON.parse(statementOf(manifest)) as Plain;
        delete statement.predicate.serialization['ignore_paths']; // recorded only since 1.1.0
        golden.predicate.serialization['allow_symlinks'] = false; // the reference's tests allow them, we never do
        expect(statement).toEqual(golden);
        const listing = suffix === '' ? `file/TestSerializer/${id}` : `file_shard/TestSerializer/${id}${suffix === '_shard' ? '' : suffix}`;
        expect(manifest.resources.map(({ name, digest }) => `${name}:${digest}\n`).join('')).toBe(`${read('golden/serialization', listing).toString().trimEnd()}\n`);
      });
    }
  }
});

test.skipIf(!hasConformance)('the statements of the reference over a linked file hold where the link is', async () => {
  for (const suffix of Object.keys(serializations)) {
    const payload = read(`golden/signing/signing/TestPayload/symlink_model_folder${suffix}`);
    const root = model({}, 'symlink_model');
    symlinkSync(join(model({ file: 'This is a simple model' }), 'file'), join(root, 'symlink_file'));
    const path = join(temporary(), 'model.sig');
    writeFileSync(path, await signPayload(payload, keySigner(pair.privateKey)));
    expect(words(await verified(root, path))).toBe('');
  }
});

describe.skipIf(!hasConformance)('signatures of the reference', () => {
  for (const [version, single] of [['v0.3.1', true], ['v1.0.0', true], ['v1.0.1', false], ['v1.1.0', false]] as const) {
    test(`${version} with a key holds, and fails when the model changes`, async () => {
      const folder = join(temporary(), 'copy');
      cpSync(join(conformance, `${version}-elliptic-key`), folder, { recursive: true });
      const root = rootOf(single ? join(folder, 'signme-1') : folder);
      const check = () => verify(root, { key: key(), signature: join(folder, 'model.sig'), signatureName: single ? undefined : 'model.sig', ignore: ['ignore-me'] });
      const result = await check();
      expect(words(result)).toBe('');
      expect(result.notes.map(({ kind }) => kind)).toEqual({ 'v0.3.1': ['legacy'], 'v1.0.0': ['legacy'], 'v1.0.1': ['legacy', 'ignored'], 'v1.1.0': ['ignored'] }[version]);
      writeFileSync(join(folder, 'signme-1'), 'signme-2\n');
      expect(words(await check())).toBe('changed: signme-1 differs from what was signed');
      if (single) return;
      rmSync(join(folder, 'signme-1'));
      expect(words(await check())).toBe('missing: signme-1 is listed, but is not there');
    });
  }

  for (const version of ['v0.2.0', 'v0.3.1', 'v1.0.0', 'v1.0.1', 'v1.1.0']) {
    test(`${version} with a certificate holds under its root, in time, and under no other`, async () => {
      const folder = join(conformance, `${version}-certificate`);
      const roots = (name: string) => rootsFrom(read('keys/certificate', name).toString(), name);
      const check = (name: string, at: string) => verify(rootOf(folder), { key: roots(name), at: new Date(at), signature: join(folder, 'model.sig'), signatureName: 'model.sig', ignore: ['ignore-me'] });
      expect(words(await check('ca-cert.pem', '2026-01-01'))).toBe('');
      expect(words(await check('ca-cert.pem', '2040-01-01'))).toMatch(/^certificate: the signer's certificate expired at/);
      expect(words(await check('ca-cert.pem', '2020-01-01'))).toMatch(/^certificate: the signer's certificate is valid from/);
      const bundle = JSON.parse(readFileSync(join(folder, 'model.sig'), 'utf8')) as { verificationMaterial: { x509CertificateChain: { certificates: { rawBytes: string }[] } } };
      const chain = bundle.verificationMaterial.x509CertificateChain.certificates.map(({ rawBytes }) => Buffer.from(rawBytes, 'base64'));
      expect(() => keyOfChain(chain, [], new Date('2026-01-01'))).toThrow('no valid path leads');
      expect(() => keyOfChain(chain.slice(0, 1), roots('ca-cert.pem'), new Date('2026-01-01'))).toThrow('no valid path leads');
      expect(() => keyOfChain([Buffer.concat([chain[0]!, Buffer.from([0])])], roots('ca-cert.pem'), new Date('2026-01-01'))).toThrow('not one whole DER certificate');
    });
  }

  test('with a certificate hold on the command line, and not for a bare key signature', async () => {
    const root = join(conformance, 'keys/certificate/ca-cert.pem');
    const check = (folder: string) => ran(register, 'verify', join(conformance, folder), '--certificate-chain', root, '--ignore', 'ignore-me');
    expect(await check('v1.1.0-certificate')).toMatchObject({ code: 0, out: expect.stringMatching(/^verified: 2 files/) });
    expect(await check('v1.1.0-elliptic-key')).toMatchObject({ code: 1, out: expect.stringContaining('made with a bare key') });
    expect(await check('v1.1.0-sigstore')).toMatchObject({ code: 1, out: expect.stringContaining('made keyless') });
  });

  test('with a certificate or keyless are refused in words, not half checked', async () => {
    for (const folder of readdirSync(conformance).filter((name) => /-(certificate|sigstore)$/.test(name))) {
      const result = await verify(rootOf(join(conformance, folder)), { key: key(), signature: join(conformance, folder, 'model.sig') });
      expect(words(result)).toMatch(/^material: the signature was made (with a certificate|keyless)/);
    }
  });

  test('v0.2.0, signed over its own encoding, holds for the key in its certificate', () => {
    const bundle = JSON.parse(read('v0.2.0-certificate/model.sig').toString()) as Record<string, unknown>;
    const rewrapped = { ...bundle, verificationMaterial: { publicKey: { rawBytes: 'AAAA' } } };
    const { statement, notes } = statementSignedBy(Buffer.from(JSON.stringify(rewrapped)), key());
    expect([...statement.files.keys()]).toEqual(['signme-1', 'signme-2']);
    expect(notes.map(({ kind }) => kind)).toEqual(['legacy']);
  });

  test('of the specification: the valid one holds, the invalid ones say why not', async () => {
    const check = (path: string) => verify(rootOf(join(conformance, 'v1.1.0-elliptic-key')), { key: key(), signature: signature(path), ignore: ['model.sig'] });
    expect(words(await check('valid/key.bundle.json'))).toBe('');
    expect(words(await check('invalid/empty.bundle.json'))).toBe('bundle: the bundle is not JSON');
    expect(words(await check('invalid/missing-envelope.bundle.json'))).toBe('bundle: the bundle has no dsseEnvelope');
    expect(words(await check('invalid/missing-verification-material.bundle.json'))).toBe('bundle: the bundle has no verificationMaterial');
    expect(words(await check('invalid-payload/wrong-predicate.bundle.json'))).not.toBe('');
    const { payload } = parseBundle(readFileSync(signature('invalid-payload/wrong-predicate.bundle.json')));
    expect(() => parseStatement(payload)).toThrow('predicateType is');
  });
});

describe.skipIf(!hasConformance)('what is written here', () => {
  for (const [name, profile, serialization] of [['files', 'spec', files], ['shards', 'spec', shards(8)], ['a single file', 'spec', files]] as [string, Profile, Serialization][]) {
    test(`keeps to the published schemas: ${name}`, async () => {
      const ajv = new Ajv2020({ strict: false });
      for (const part of ['envelope', 'predicate', 'statement', 'bundle']) ajv.addSchema(JSON.parse(read(`schemas/v1.0/${part}.schema.json`).toString()) as object, part);
      const root = built(name === 'a single file' ? 'sample_model_file' : 'sample_model_folder');
      const path = await signed(root, undefined, { serialization, profile });
      const bundle = JSON.parse(readFileSync(path, 'utf8')) as { dsseEnvelope: { payload: string } };
      ajv.validate('bundle', bundle);
      expect(ajv.errors).toBeNull();
      ajv.validate('statement', JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()));
      expect(ajv.errors).toBeNull();
      expect(words(await verified(root, path))).toBe('');
    });
  }
});
