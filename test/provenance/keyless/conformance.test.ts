// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { register as verify } from '../../../src/commands/verify.ts';
import { UsageError } from '../../../src/model/usage-error.ts';
import { ran } from '../../commands/support.ts';
import { conformance as oms } from '../support.ts';

/** The bundle cases of sigstore-conformance, kept beside the project where they are available. */
const folder = join(oms, '../sigstore');
const there = existsSync(folder);
if (!there) console.warn('Sigstore conformance cases are not here: tests over them are skipped');
const cases = there ? readdirSync(join(folder, 'bundle-verify'), { withFileTypes: true }).filter((one) => one.isDirectory()).map(({ name }) => name) : [];
const publicRoot = join(folder, 'trusted_root.json');
const beacon = 'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main';

/** True when it verifies; arguments that cannot be used are a no as well. */
async function verifies(name: string, mode: 'file' | 'digest', ...more: string[]): Promise<boolean> {
  const at = (file: string): string => join(folder, 'bundle-verify', name, file);
  const text = (file: string, otherwise: string): string => (existsSync(at(file)) ? readFileSync(at(file), 'utf8').trim() : otherwise);
  const artefact = existsSync(at('artifact')) ? at('artifact') : join(folder, 'bundle-verify/a.txt');
  const path = mode === 'file' ? artefact : `sha256:${createHash('sha256').update(readFileSync(artefact)).digest('hex')}`;
  const who = existsSync(at('key.pub')) ? ['--key', at('key.pub')]
    : ['--identity', text('identity', beacon), '--issuer', text('issuer', 'https://token.actions.githubusercontent.com')];
  const root = existsSync(at('trusted_root.json')) ? at('trusted_root.json') : publicRoot;
  try {
    const { code } = await ran(verify, 'verify', path, '--bundle', at('bundle.sigstore.json'), ...who, '--trusted-root', root, ...more);
    expect([0, 1]).toContain(code);
    return code === 0;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

describe.skipIf(!there)('sigstore-conformance', () => {
  test('has seventy cases here', () => {
    expect(cases).toHaveLength(70);
  });

  test.for(cases.flatMap((name) => (['file', 'digest'] as const).map((mode) => [name, mode] as const)))('%s by %s', async ([name, mode]) => {
    expect(await verifies(name, mode)).toBe(!name.endsWith('_fail'));
  });
});

describe.skipIf(!there)('models that were signed keyless with model-signing', () => {
  test.for(['v0.3.1', 'v1.0.0', 'v1.0.1', 'v1.1.0'])('%s', async (version) => {
    const root = join(oms, `${version}-sigstore`);
    const trusted = ['--issuer', 'https://sigstore.verify.ibm.com/oauth2', '--trusted-root', publicRoot, '--ignore', 'ignore-me'];
    expect(await ran(verify, 'verify', root, '--identity', 'stefanb@us.ibm.com', ...trusted)).toMatchObject({ code: 0, out: expect.stringContaining('by proof and promise') });
    for (const identity of ['us.ibm', 'stefanb@us.ibm', 'stefanb@us-ibm-com', '.*']) {
      expect(await ran(verify, 'verify', root, '--identity', identity, ...trusted)).toMatchObject({ code: 1, out: expect.stringContaining('identity: the signer is stefanb@us.ibm.com') });
    }
  });
});
