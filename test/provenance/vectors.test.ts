// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { publicKeyFrom } from '../../src/provenance/keys.ts';
import { measure } from '../../src/provenance/manifest.ts';
import { rootOf } from '../../src/provenance/tree.ts';
import { files, model, options, shards, temporary, verified, words } from './support.ts';

/** Made by vectors/make.py with Python and OpenSSL, by none of the code under test. */
const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors/vectors.json'), 'utf8')) as
  Record<string, { key: string; rootDigest: string; bundle: { dsseEnvelope: { signatures: { sig: string }[] } } }>;
const content = { 'a.bin': 'weights', 'sub/b': '', '\u00e9': '0123456789' };

describe('a signature made by other tools', () => {
  for (const [name, { key, bundle }] of Object.entries(vectors)) {
    test(`holds: ${name}`, async () => {
      const root = model(content);
      const signature = join(temporary(), 'model.sig');
      writeFileSync(signature, JSON.stringify(bundle));
      expect(words(await verified(root, signature, { key: publicKeyFrom(key, 'k.pub') }))).toBe('');
      const other = Object.values(vectors).find((one) => one.key !== key)!;
      expect((await verified(root, signature, { key: publicKeyFrom(other.key, 'k.pub') })).verified).toBe(false);
      writeFileSync(join(root, '\u00e9'), '0123456780');
      expect(words(await verified(root, signature, { key: publicKeyFrom(key, 'k.pub') }))).toMatch(/^changed: é differs/);
    });
  }

  test('names the root digest that is computed here', async () => {
    const root = rootOf(model(content));
    expect((await measure(root, options(files))).rootDigest).toBe(vectors['P-256 files']!.rootDigest);
    expect((await measure(root, options(shards(4)))).rootDigest).toBe(vectors['P-384 shards']!.rootDigest);
  });
});
