// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { chmodSync, closeSync, existsSync, openSync, readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { openDigestCache, surroundings, type DigestCache, type Surroundings } from '../../src/provenance/digest-cache.ts';
import { measure, type Manifest } from '../../src/provenance/manifest.ts';
import { rootOf } from '../../src/provenance/tree.ts';
import { verify } from '../../src/provenance/verify.ts';
import { files, model, options, pair, shards, signed, temporary, words } from './support.ts';

const linux = process.platform === 'linux';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** As on a sound file system, whatever the tests run on. */
let here: Surroundings;
let folder: string;
beforeEach(() => {
  const place = temporary();
  folder = join(place, 'cache');
  here = { ...surroundings, keyFile: join(place, 'state/assay/key'), fileSystem: () => 0xef53 };
  if (linux) return;
  writeFileSync(join(place, 'boot'), 'one');
  here = { ...here, bootFile: join(place, 'boot') };
});

async function measured(root: string, cache: DigestCache, serialization = files): Promise<Manifest> {
  const manifest = await measure(rootOf(root), options(serialization, { cache }));
  cache.save();
  return manifest;
}
const hitsOf = async (root: string, serialization = files, where = here): Promise<number> => {
  const cache = openDigestCache(folder, where);
  const with_ = await measured(root, cache, serialization);
  expect(with_.resources).toEqual((await measure(rootOf(root), options(serialization))).resources); // a hit is never wrong
  return cache.hits;
};
/** Older than any tick of the clock. */
const settle = () => sleep(150);

describe('a cache of digests', () => {
  test('spares what did not change, and only that', async () => {
    const root = model({ a: 'one', b: 'two', c: 'three' });
    await settle();
    expect(await hitsOf(root)).toBe(0);
    expect(await hitsOf(root)).toBe(3);
    writeFileSync(join(root, 'b'), 'TWO');
    await settle();
    expect(await hitsOf(root)).toBe(2);
    expect(await hitsOf(root)).toBe(3);
    renameSync(join(root, 'a'), join(root, 'd')); // a rename changes the change time on most systems; a hit or not, it is right
    expect(await hitsOf(root)).toBeGreaterThanOrEqual(2);
  });

  test('is not fooled by content of the same size with its time put back', async () => {
    const root = model({ a: 'old' });
    utimesSync(join(root, 'a'), 1_700_000_000, 1_700_000_000);
    await settle();
    await hitsOf(root);
    const before = statSync(join(root, 'a'));
    writeFileSync(join(root, 'a'), 'new');
    utimesSync(join(root, 'a'), before.atime, before.mtime);
    const after = statSync(join(root, 'a'));
    expect([after.size, after.mtimeMs, after.ino]).toEqual([before.size, before.mtimeMs, before.ino]);
    expect(await hitsOf(root)).toBe(0);
    const { resources } = await measured(root, openDigestCache(folder, here));
    expect(resources[0]!.digest).toBe(sha256('new'));
  });

  test('is not fooled by another file put in its place with the same times, nor by a write through an old handle', async () => {
    const root = model({ a: 'old', b: 'old' });
    const handle = openSync(join(root, 'b'), 'r+');
    await settle();
    await hitsOf(root);
    const { atime, mtime } = statSync(join(root, 'a'));
    writeFileSync(join(root, 'x'), 'new');
    utimesSync(join(root, 'x'), atime, mtime);
    renameSync(join(root, 'x'), join(root, 'a'));
    writeSync(handle, 'NEW', 0);
    closeSync(handle);
    utimesSync(join(root, 'b'), atime, mtime);
    expect(await hitsOf(root)).toBe(0);
  });

  test('does not keep what is too young: the next write could fall into the same tick', async () => {
    const root = model({ a: 'x' });
    expect(await hitsOf(root)).toBe(0);
    expect(await hitsOf(root)).toBe(0);
    await settle();
    await hitsOf(root);
    expect(await hitsOf(root)).toBe(1);
  });

  test('keeps digests of shards and of each algorithm apart', async () => {
    const root = model({ a: '0123456789' });
    await settle();
    await hitsOf(root, shards(4));
    expect(await hitsOf(root, shards(4))).toBe(3);
    expect(await hitsOf(root, shards(5))).toBe(0);
    expect(await hitsOf(root)).toBe(0);
    expect(await hitsOf(root, { method: 'files', hash: 'blake2b' })).toBe(0);
    expect(await hitsOf(root, { method: 'files', hash: 'blake2b' })).toBe(1);
  });

  test('is dropped when a byte of it was changed, and when it comes from another key', async () => {
    const root = model({ a: 'x' });
    await settle();
    await hitsOf(root);
    const [name] = readdirSync(folder);
    const path = join(folder, name!);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(sha256('x'), sha256('y')));
    expect(await hitsOf(root)).toBe(0);
    writeFileSync(path, text);
    expect(await hitsOf(root)).toBe(1);
    expect(await hitsOf(root, files, { ...here, keyFile: join(temporary(), 'other') })).toBe(0);
    for (const broken of ['', 'x', '\n{}', `${'0'.repeat(64)}\n${text.slice(65)}`]) {
      writeFileSync(path, broken);
      expect(await hitsOf(root)).toBe(0);
    }
  });

  test('is dropped after a start of the machine, and after its clock was set back', async () => {
    const root = model({ a: 'x' });
    await settle();
    await hitsOf(root);
    expect(await hitsOf(root)).toBe(1);
    const saved = readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8');
    const boot = join(temporary(), 'boot');
    writeFileSync(boot, 'another');
    expect(await hitsOf(root, files, { ...here, bootFile: boot })).toBe(0);
    writeFileSync(join(folder, readdirSync(folder)[0]!), saved);
    expect(await hitsOf(root, files, { ...here, offset: () => here.offset() - 3_600_000 })).toBe(0);
  });

  test('is not used where change times are not known to be sound, and says so', async () => {
    const root = model({ a: 'x' });
    await settle();
    for (const type of [0x01021994 /* tmpfs */, 0x6969 /* NFS */, 0x65735546 /* FUSE */]) {
      const cache = openDigestCache(folder, { ...here, fileSystem: () => type });
      await measured(root, cache);
      await measured(root, cache);
      expect(cache.hits).toBe(0);
      expect(cache.refusal).toContain(`type 0x${type.toString(16)}`);
    }
  });

  test.skipIf(!linux)('is refused in a folder that others can write to, and with a key that others can read', () => {
    openDigestCache(folder, here);
    expect(statSync(here.keyFile).mode & 0o777).toBe(0o600);
    chmodSync(folder, 0o777);
    expect(() => openDigestCache(folder, here)).toThrow('can be written by others');
    chmodSync(folder, 0o700);
    chmodSync(here.keyFile, 0o644);
    expect(() => openDigestCache(folder, here)).toThrow('is not 32 bytes that only you can read');
    expect(() => openDigestCache(folder, { ...here, bootFile: '/no/such/file' })).toThrow('only available on Linux');
    writeFileSync(join(folder, 'file'), '');
    expect(() => openDigestCache(join(folder, 'file'), { ...here, keyFile: join(temporary(), 'k') })).toThrow('cannot be used: EEXIST');
  });

  test('serves verifying too, in whole and in part, says so, and never hides a change', async () => {
    const root = model({ a: 'x', b: 'y' });
    const signature = await signed(root);
    await settle();
    const check = async (only?: string[]) => {
      const cache = openDigestCache(folder, here);
      const result = await verify(rootOf(root), { key: pair.publicKey, signature, cache, ...(only === undefined ? {} : { only }) });
      cache.save();
      return result;
    };
    expect((await check()).notes).toEqual([]);
    expect((await check()).notes).toEqual([{ kind: 'cached', detail: '2 of 2 digests are remembered from an earlier run since this machine was started; those files were not read again' }]);
    expect((await check(['a'])).notes.map(({ detail }) => detail)).toContain('1 of 1 digests are remembered from an earlier run since this machine was started; those files were not read again');
    writeFileSync(join(root, 'a'), 'z');
    expect(words(await check())).toBe('changed: a differs from what was signed');
    expect(words(await check(['a']))).toBe('changed: a differs from what was signed');
    expect(existsSync(folder)).toBe(true);
  });
});
