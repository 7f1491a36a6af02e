// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rootsFrom } from '../../src/provenance/certificates.ts';
import { rootOf } from '../../src/provenance/tree.ts';
import { verify } from '../../src/provenance/verify.ts';
import { conformance, files, hasConformance, model, shards, signed, temporary, verified, words } from './support.ts';

const content = { 'config.json': '{"a":1}', 'sub/weights.bin': '0123456789abcdef', 'sub/deep/er': 'x', '.hidden': 'dot' };

/** Every change of one bit in some bytes. */
function* flips(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 1 << bit;
      yield copy;
    }
  }
}

/** One bit of every `step`th byte, another bit each time. */
function* sampled(bytes: Buffer, step: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += step) {
    const copy = Buffer.from(bytes);
    copy[at]! ^= 1 << ((at / step) % 8);
    yield copy;
  }
}

describe('a change of the tree is seen', () => {
  for (const [name, serialization] of [['files', files], ['shards', shards(4)], ['blake3', { method: 'files', hash: 'blake3' }]] as const) {
    test(`in every bit of every file: ${name}`, async () => {
      const root = model(content);
      const signature = await signed(root, undefined, { serialization });
      for (const file of Object.keys(content)) {
        const path = join(root, file);
        const before = readFileSync(path);
        for (const bytes of flips(before)) {
          writeFileSync(path, bytes);
          expect(words(await verified(root, signature))).toMatch(new RegExp(`^changed: ${file.replaceAll('.', '\\.')} differs`));
        }
        writeFileSync(path, before);
      }
      expect(words(await verified(root, signature))).toBe('');
    });
  }

  test('in names, sizes, kinds and places', async () => {
    const changes: [change: (root: string) => void, kinds: string[]][] = [
      [(root) => truncateSync(join(root, 'config.json'), 6), ['changed']],
      [(root) => writeFileSync(join(root, 'config.json'), '{"a":1}\n'), ['changed']],
      [(root) => renameSync(join(root, 'config.json'), join(root, 'Config.json')), ['extra', 'missing']],
      [(root) => renameSync(join(root, 'sub/deep/er'), join(root, 'sub/er')), ['missing', 'extra']],
      [(root) => rmSync(join(root, '.hidden')), ['missing']],
      [(root) => writeFileSync(join(root, 'sub/.new'), ''), ['extra']],
      [(root) => { rmSync(join(root, '.hidden')); mkdirSync(join(root, '.hidden')); }, ['missing']],
      [(root) => { renameSync(join(root, 'sub'), `${root}-away`); symlinkSync(`${root}-away`, join(root, 'sub')); }, ['symlink', 'symlink', 'symlink']],
      [(root) => { // two files change places
        renameSync(join(root, '.hidden'), join(root, 'x'));
        renameSync(join(root, 'sub/deep/er'), join(root, '.hidden'));
        renameSync(join(root, 'x'), join(root, 'sub/deep/er'));
      }, ['changed', 'changed']],
    ];
    for (const [change, kinds] of changes) {
      const root = model(content);
      const signature = await signed(root);
      change(root);
      expect((await verified(root, signature)).problems.map(({ kind }) => kind)).toEqual(kinds);
    }
  });

  test('but not in modes and empty folders, which OMS does not sign', async () => {
    const root = model(content);
    const signature = await signed(root);
    chmodSync(join(root, 'config.json'), 0o755);
    mkdirSync(join(root, 'empty'));
    expect(statSync(join(root, 'empty')).isDirectory()).toBe(true);
    expect(words(await verified(root, signature))).toBe('');
  });
});

describe('a change of the bundle is seen', () => {
  test('in every byte of one that was made with a key', async () => {
    const root = model({ a: 'x' });
    const signature = await signed(root);
    const path = join(temporary(), 'bent.sig');
    for (const bytes of sampled(readFileSync(signature), 1)) {
      if (bytes.at(-1) !== 0x0a && /^\s$/.test(String.fromCharCode(bytes.at(-1)!))) continue; // the line break at the end, as another blank
      writeFileSync(path, bytes);
      expect((await verified(root, path)).verified, bytes.toString('latin1').slice(0, 40)).toBe(false);
    }
  });

  test.skipIf(!hasConformance)('all over one that was made with certificates', async () => {
    const folder = join(conformance, 'v1.1.0-certificate');
    const key = rootsFrom(readFileSync(join(conformance, 'keys/certificate/ca-cert.pem'), 'utf8'), 'ca-cert.pem');
    const path = join(temporary(), 'bent.sig');
    const check = async (bytes: Buffer) => {
      writeFileSync(path, bytes);
      return verify(rootOf(folder), { key, at: new Date('2026-01-01'), signature: path, signatureName: undefined, ignore: ['ignore-me', 'model.sig'] });
    };
    const whole = readFileSync(join(folder, 'model.sig'));
    expect(words(await check(whole))).toBe('');
    for (const bytes of sampled(whole, 5)) expect((await check(bytes)).verified).toBe(false);
  });
});
