// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseBundle, readBundle } from '../../src/provenance/bundle.ts';
import { register as digest } from '../../src/commands/digest.ts';
import { register as sign } from '../../src/commands/sign.ts';
import { register as verify } from '../../src/commands/verify.ts';
import { parseStatement, type Statement } from '../../src/provenance/statement.ts';
import { model, pairs, temporary } from '../provenance/support.ts';
import { environment, keyFiles, ran } from './support.ts';

const statementIn = (path: string): Statement => parseStatement(readBundle(path).payload);

describe('assay sign', () => {
  test('writes model.sig into a folder, and signs the same bytes again when it is there', async () => {
    const { secret, open } = keyFiles();
    const root = model({ 'w.bin': 'weights' });
    const first = await ran(sign, 'sign', root, '--key', secret);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^signed model \(1 file, 7 bytes\) with P-256\nsha256:[0-9a-f]{64}\n.*model\.sig\n$/);
    expect(readdirSync(root)).toEqual(['model.sig', 'w.bin']);
    expect((await ran(sign, 'sign', root, '--key', secret)).out).toBe(first.out);
    expect((await ran(verify, 'verify', root, '--key', open)).code).toBe(0);
    expect(first.out).toContain((await ran(digest, 'digest', root)).out);
  });

  test('writes beside a single file, or where it is told, and never signs that', async () => {
    const { secret, open } = keyFiles();
    const root = model({ 'w.bin': 'weights' });
    expect((await ran(sign, 'sign', join(root, 'w.bin'), '--key', secret)).code).toBe(0);
    expect((await ran(verify, 'verify', join(root, 'w.bin'), '--key', open)).code).toBe(0);
    const inside = join(root, 'my.sig');
    await ran(sign, 'sign', root, '--key', secret, '--signature', inside, '--ignore', 'w.bin.sig');
    expect([...statementIn(inside).files.keys()]).toEqual(['w.bin']);
    expect(statementIn(inside).ignorePaths).toContain('my.sig');
    expect((await ran(verify, 'verify', root, '--key', open, '--signature', inside)).code).toBe(0);
  });

  test('writes beside a link that was given, not beside what it leads to', async () => {
    const root = model({ 'w.bin': 'weights' });
    const link = join(temporary(), 'link');
    symlinkSync(join(root, 'w.bin'), link);
    await ran(sign, 'sign', link, '--key', keyFiles().secret);
    expect([...statementIn(`${link}.sig`).files.keys()]).toEqual(['link']);
    expect(readdirSync(root)).toEqual(['w.bin']);
  });

  test('takes the passphrase from a file or the environment', async () => {
    const { secret } = keyFiles(pairs['P-384'], 'open sesame');
    const root = model({ a: '' });
    const file = join(temporary(), 'pass');
    writeFileSync(file, 'open sesame\n');
    expect((await ran(sign, 'sign', root, '--key', secret, '--password-file', file)).out).toContain('with P-384');
    environment('ASSAY_PASSWORD', 'wrong');
    await expect(ran(sign, 'sign', root, '--key', secret)).rejects.toThrow('cannot be decrypted: wrong passphrase');
    environment('ASSAY_PASSWORD', 'open sesame');
    expect((await ran(sign, 'sign', root, '--key', secret)).code).toBe(0);
  });

  test('signs in shards, with blake2b, and says which files shards leave out', async () => {
    const root = model({ a: '0123456789', empty: '' });
    const result = await ran(sign, 'sign', root, '--key', keyFiles().secret, '--serialization', 'shards', '--shard-size', '4', '--hash', 'blake2b');
    expect(result).toMatchObject({ code: 0, err: 'assay: 1 empty files are not covered, since shards have no place for them (empty …)\n' });
    expect(statementIn(join(root, 'model.sig'))).toMatchObject({ serialization: { method: 'shards', hash: 'blake2b', shardSize: 4 } });
  });

  test('takes ignored paths relative to the model, and completed ones relative to here', async () => {
    const root = model({ a: '', 'b/c': '', d: '' });
    await ran(sign, 'sign', root, '--key', keyFiles().secret, '--ignore', 'b/', '--ignore', relative(process.cwd(), join(root, 'd')));
    expect(statementIn(join(root, 'model.sig')).ignorePaths).toEqual(['.git', '.gitattributes', '.github', '.gitignore', 'b', 'd', 'model.sig']);
    await ran(sign, 'sign', root, '--key', keyFiles().secret, '--no-ignore-git');
    expect(statementIn(join(root, 'model.sig')).ignorePaths).toEqual(['model.sig']);
  });

  test('ends with 3 and writes nothing when there is nothing to sign', async () => {
    const root = model({});
    expect(await ran(sign, 'sign', root, '--key', keyFiles().secret)).toEqual({ code: 3, out: '', err: 'assay: model holds nothing to sign\n' });
    expect(existsSync(join(root, 'model.sig'))).toBe(false);
  });

  test('leaves an old signature alone when the model cannot be signed', async () => {
    const root = model({ a: '', 'model.sig': 'old' });
    symlinkSync('a', join(root, 'link'));
    await expect(ran(sign, 'sign', root, '--key', keyFiles().secret)).rejects.toThrow('link is a symbolic link; put the file itself in its place, or ignore it');
    expect(() => parseBundle(Buffer.from('old'))).toThrow();
    expect(readdirSync(root)).toEqual(['a', 'link', 'model.sig']);
  });

  test('says what to do about a wrong argument', async () => {
    const { secret, open } = keyFiles();
    const root = model({ a: '' });
    const wrong: [string[], string][] = [
      [[root], 'nothing to sign with; give --key PEM'],
      [['-', '--key', secret], 'PATH is -'],
      [[join(root, 'none'), '--key', secret], 'cannot be read: ENOENT'],
      [[root, '--key', join(root, 'none')], 'cannot be read: ENOENT'],
      [[root, '--key', join(root, 'a')], 'is not a key in PEM form'],
      [[root, '--key', open], 'holds PUBLIC KEY, not the key that is wanted'],
      [[root, '--key', secret, '--hash', 'md5'], '--hash is md5; allowed are sha256, blake2b and blake3'],
      [[root, '--key', secret, '--hash', 'toString'], '--hash is toString'],
      [[root, '--key', secret, '--serialization', 'x'], '--serialization is x; allowed are files and shards'],
      [[root, '--key', secret, '--shard-size', '8'], 'give --serialization shards too'],
      [[root, '--key', secret, '--serialization', 'shards', '--shard-size', '0'], '--shard-size is 0; allowed is a whole number'],
      [[root, '--key', secret, '--oms-profile', 'x'], '--oms-profile is x'],
      [[root, '--key', secret, '--ignore', '*.py'], '--ignore *.py looks like a pattern'],
      [[root, '--key', secret, '--ignore', '.'], '--ignore . '],
      [[root, '--key', secret, '--ignore', '../x'], '--ignore ../x leads out of the model'],
      [[root, '--key', secret, '--signature', join(root, 'no/where.sig')], 'cannot be written: ENOENT'],
      [[join(root, 'a'), '--key', secret, '--signature', join(root, 'a')], 'is the model itself'],
      [[root, '--keyless', '--key', secret], '--keyless and --key are both given; allowed is one'],
      [[root, '--key', secret, '--certificate', secret], 'key.pem holds no certificate in PEM form'],
      [[root, '--key', secret, '--certificate-chain', secret], '--certificate-chain is given without --certificate'],
      [[root, '--key', secret, '--signer', 'exec:x'], '--key and --signer are both given'],
      [[root, '--signer', 'kms:x'], '--signer is kms:x; allowed are exec:CMD, vault:KEY and pkcs11:URI'],
    ];
    for (const [argv, message] of wrong) await expect(ran(sign, 'sign', ...argv), argv.join(' ')).rejects.toThrow(message);
    expect(readdirSync(root)).toEqual(['a']);
  });
});
