// SPDX-License-Identifier: Apache-2.0
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

  test('looks at a part of the model when asked, and says that it is a part', async () => {
    const { root, open } = await signedModel();
    writeFileSync(join(root, 'a.bin'), 'other');
    writeFileSync(join(root, 'new'), '');
    const only = (...paths: string[]) => ran(verify, 'verify', root, '--key', open, ...paths.flatMap((path) => ['--only', path]));
    for (const path of ['sub/b', 'sub', './sub/']) {
      const { code, out } = await only(path);
      expect(code).toBe(0);
      expect(out).toMatch(/^verified in part: 1 of 2 files, sha256:[0-9a-f]{64}\n {2}partial: 1 of 2 listed files were looked at; of the others nothing is known\n$/);
    }
    expect((await only('sub', 'a.bin')).out).toContain('changed: a.bin differs');
    writeFileSync(join(root, 'sub/new'), '');
    expect((await only('sub')).out).toContain('extra: sub/new is there, but was not signed');
    expect((await only('sub/b')).code).toBe(0);
    writeFileSync(join(root, 'sub/b'), 'y');
    expect((await only('sub/b')).out).toContain('changed: sub/b differs');
    rmSync(join(root, 'sub/b'));
    expect((await only('sub/b')).out).toContain('missing: sub/b is listed, but is not there');
  });

  test('does not verify a part that the signature does not list, nor one behind a link', async () => {
    const { root, open } = await signedModel();
    const only = (path: string) => ran(verify, 'verify', root, '--key', open, '--only', path);
    for (const path of ['su', 'sub/b/c', 'a.bin.old']) {
      expect(await only(path)).toMatchObject({ code: 1, out: expect.stringContaining(`missing: ${path} is asked for, but the signature lists nothing there`) });
    }
    renameSync(join(root, 'sub'), `${root}-elsewhere`);
    symlinkSync(`${root}-elsewhere`, join(root, 'sub'));
    const { code, out } = await only('sub/b');
    expect(code).toBe(1);
    expect(out).toContain('symlink: sub/b lies behind a symbolic link');
    for (const path of ['', '.', '../x', '/etc']) await expect(only(path)).rejects.toThrow(`--only ${path} `);
    await expect(ran(verify, 'verify', join(root, 'a.bin'), '--key', open, '--only', 'a.bin', '--signature', join(root, 'model.sig'))).rejects.toThrow('PATH is a single file');
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
      [[root, '--certificate-chain', open], 'key.pub holds no certificate in PEM form'],
      [[root, '--key', open, '--certificate-chain', open], '--key and --certificate-chain are both given'],
      [[root, '--identity', 'me', '--issuer', 'https://x'], 'a keyless signature is verified with --trusted-root FILE, and none is fetched'],
    ];
    for (const [argv, message] of wrong) await expect(ran(verify, 'verify', ...argv), argv.join(' ')).rejects.toThrow(message);
  });
});
