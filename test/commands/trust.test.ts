// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder } from '../support/folder.ts';
import { register as registerSign } from '../../src/commands/sign.ts';
import { register as registerTrust } from '../../src/commands/trust.ts';
import { UsageError } from '../../src/model/usage-error.ts';
import { ran } from './support.ts';

const card = '---\nlicense: mit\nbase_model: acme/base\n---\n# A model\n';

function pair(into: string, name: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  writeFileSync(join(into, `${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(into, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
}

test('a signed model meets a policy that names its signer, and no other', async () => {
  const model = folder({ 'README.md': card, 'config.json': '{"model_type": "tiny"}', 'run.py': 'print(1)\n' });
  const keys = folder({});
  pair(keys, 'ours');
  pair(keys, 'theirs');
  const policy = (name: string): string => {
    const path = join(keys, `${name}.yaml`);
    writeFileSync(path, `version: 1\nsigners: [{name: ${name}, key: ${name}.pub}]\nsources: ["acme/*"]\ndemand: {code: verified, licence: verified, base-model: declared}\n`);
    return path;
  };
  expect((await ran(registerSign, 'sign', '--key', join(keys, 'ours.key'), model)).code).toBe(0);
  const good = await ran(registerTrust, 'trust', model, '--policy', policy('ours'), '-f', 'json');
  expect(good.code).toBe(0);
  const provenance = (JSON.parse(good.out) as { provenance: { component: string; place: string }[] }).provenance;
  expect(provenance.map(({ component, place }) => `${component} ${place}`)).toEqual(['code verified', 'licence verified', 'base-model declared']);
  const bad = await ran(registerTrust, 'trust', model, '--policy', policy('theirs'));
  expect(bad.code).toBe(1);
  expect(bad.out).toContain('trust-signer');
  expect(bad.out).toContain('code: bound, the policy demands verified');
});

test('a file that changed after signing is not verified, the others are', async () => {
  const model = folder({ 'a.py': 'print(1)\n', 'b.py': 'print(2)\n' });
  const keys = folder({});
  pair(keys, 'ours');
  writeFileSync(join(keys, 'p.yaml'), 'version: 1\nsigners: [{name: ours, key: ours.pub}]\ndemand: {code: verified}\n');
  await ran(registerSign, 'sign', '--key', join(keys, 'ours.key'), model);
  writeFileSync(join(model, 'b.py'), 'print(3)\n');
  const { code, out } = await ran(registerTrust, 'trust', model, '--policy', join(keys, 'p.yaml'));
  expect(code).toBe(1);
  expect(out).toContain('code: contradicted, the policy demands verified');
  expect(out).toContain('digest-contradicted');
});

test('sources and builders that are not named are findings', async () => {
  const model = folder({ 'README.md': card });
  const keys = folder({ 'p.yaml': 'version: 1\nsources: [other/*]\nbuilders: []\ndemand: {}\n' });
  const { code, out } = await ran(registerTrust, 'trust', model, '--policy', join(keys, 'p.yaml'), '--strict');
  expect(code).toBe(1);
  expect(out).toContain('the base model acme/base is from no source that the policy names');
});

test('a policy that is not understood is a usage error', async () => {
  const model = folder({ 'README.md': card });
  const keys = folder({ 'p.yaml': 'version: 1\ndemands: {}\n' });
  const run = ran(registerTrust, 'trust', model, '--policy', join(keys, 'p.yaml'));
  await expect(run).rejects.toThrow(UsageError);
  await expect(run).rejects.toThrow(/has the key demands/);
});
