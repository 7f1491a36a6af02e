// SPDX-License-Identifier: Apache-2.0
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { register as sign } from '../../src/commands/sign.ts';
import { register as verify } from '../../src/commands/verify.ts';
import { model, pairs } from '../provenance/support.ts';
import { keyFiles, ran } from './support.ts';

async function signedModel(): Promise<{ root: string; open: string }> {
  const { secret, open } = keyFiles();
  const root = model({ 'a.bin': 'weights', 'sub/b': 'x' });
  await ran(sign, 'sign', root, '--key', secret);
  return { root, open };
}

describe('assay verify', () => {
  test('ends with 0 and one line when everything holds', async () => {
    const { root, open } = await signedModel();
    const result = await ran(verify, 'verify', root, '--key', open);
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(result.out).toMatch(/^verified: 2 files, sha256:[0-9a-f]{64}\n$/);
  });

  test('ends with 1 and names each file that is changed, missing or extra', async () => {
    const { root, open } = await signedModel();
    writeFileSync(join(root, 'a.bin'), 'other');
    writeFileSync(join(root, 'new\u001b[2K.py'), '');
    rmSync(join(root, 'sub/b'));
    expect(await ran(verify, 'verify', root, '--key', open)).toEqual({
      code: 1, err: '',
      out: 'not verified: 3 problems\n  changed: a.bin differs from what was signed\n  extra: new\\u001b[2K.py is there, but was not signed\n'
        + '  missing: sub/b is listed, but is not there\n',
    });
  });

  test('gives the same as JSON, with names unchanged', async () => {
    const { root, open } = await signedModel();
    writeFileSync(join(root, 'new\n'), '');
    const { code, out } = await ran(verify, 'verify', root, '--key', open, '--format', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      model: 'model', signature: 'model.sig', verified: false, files: 2, notes: [],
      problems: [{ kind: 'extra', name: 'new\n', detail: 'new\\u000a is there, but was not signed' }],
    });
  });

  test('accepts extra files when they are ignored, and all of them when asked', async () => {
    const { root, open } = await signedModel();
    writeFileSync(join(root, 'new'), '');
    expect((await ran(verify, 'verify', root, '--key', open, '--ignore', 'new')).out).toContain('\n  ignored: new is ignored: nothing there was verified');
    expect((await ran(verify, 'verify', root, '--key', open, '--ignore-unsigned-files')).out).toContain('\n  unsigned: new is there, but was not signed; accepted');
    expect((await ran(verify, 'verify', root, '--key', open, '--ignore', 'a.bin')).code).toBe(1);
  });

  test('is not content with another key, whatever the signature says', async () => {
    const { root } = await signedModel();
    const { out, code } = await ran(verify, 'verify', root, '--key', keyFiles(pairs['P-521']).open);
    expect(code).toBe(1);
    expect(out).toContain('key: the signature names another key');
  });

  test('says no, not how it failed, to a signature that is none', async () => {
    const { root, open } = await signedModel();
    writeFileSync(join(root, 'model.sig'), '{}');
    expect(await ran(verify, 'verify', root, '--key', open)).toEqual({ code: 1, out: 'not verified: 1 problem\n  bundle: the bundle has no mediaType\n', err: '' });
  });

  test('shows fifty lines of a long list, and all of it as JSON', async () => {
    const { root, open } = await signedModel();
    for (let index = 0; index < 60; index++) writeFileSync(join(root, `x${index}`), '');
    expect((await ran(verify, 'verify', root, '--key', open)).out).toContain('  … and 10 more (--format json lists all)\n');
    const { problems } = JSON.parse((await ran(verify, 'verify', root, '--key', open, '--format', 'json')).out) as { problems: unknown[] };
    expect(problems).toHaveLength(60);
  });

  test('says what to do about a wrong argument', async () => {
    const { root, open } = await signedModel();
    const wrong: [string[], string][] = [
      [[root], "nothing to verify with; give the signer's public key with --key PEM"],
      [[join(root, 'a.bin'), '--key', open], 'there is none; name it with --signature FILE'],
      [[root, '--key', open, '--signature', root], 'is not a file'],
      [[root, '--key', join(root, 'none')], 'cannot be read: ENOENT'],
      [[root, '--key', keyFiles().secret], 'is a private key; verifying takes the public one'],
      [[root, '--key', open, '--format', 'xml'], '--format is xml; allowed are text and json'],
      [[root, '--certificate-chain', open], 'verifying certificates is not available in this version'],
      [[root, '--identity', 'me', '--issuer', 'https://x'], 'verifying keyless signatures is not available in this version'],
    ];
    for (const [argv, message] of wrong) await expect(ran(verify, 'verify', ...argv), argv.join(' ')).rejects.toThrow(message);
  });
});
