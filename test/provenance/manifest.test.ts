// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { hashAll } from '../../src/provenance/hash-pool.ts';
import { measure, rootDigest } from '../../src/provenance/manifest.ts';
import { byCodePoint } from '../../src/provenance/names.ts';
import { findListed, nameWithin, rootOf, walk } from '../../src/provenance/tree.ts';
import { files, model, options, shards, temporary } from './support.ts';

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const names = async (root: string, more = {}): Promise<string[]> => (await measure(rootOf(root), options(files, more))).resources.map(({ name }) => name);

describe('a manifest', () => {
  test('lists regular files with their digests, dotfiles included, in code-point order', async () => {
    // Path-component order would put a/b first; UTF-16 order would put U+10000 before U+FF00.
    const root = model({ 'a/b': '1', 'a-b': '2', 'a.txt': '3', '.hidden': '4', '\u{10000}': '5', '\uff00': '6' });
    const { resources } = await measure(rootOf(root), options());
    expect(resources.map(({ name }) => name)).toEqual(['.hidden', 'a-b', 'a.txt', 'a/b', '\uff00', '\u{10000}']);
    expect(resources[0]).toEqual({ name: '.hidden', algorithm: 'sha256', digest: sha256('4') });
  });

  test('is in path order, then by offset, for the Python package', async () => {
    const root = model({ 'a/b': '012345678901', 'a-b': '2', 'a.txt': '3', a0: '4' });
    const order = async (profile: 'spec' | 'python-1.1') => (await measure(rootOf(root), options(shards(2), { profile }))).resources.map(({ name }) => name);
    expect(await order('python-1.1')).toEqual(['a/b:0:2', 'a/b:2:4', 'a/b:4:6', 'a/b:6:8', 'a/b:8:10', 'a/b:10:12', 'a-b:0:1', 'a.txt:0:1', 'a0:0:1']);
    expect(await order('spec')).toEqual(['a-b:0:1', 'a.txt:0:1', 'a/b:0:2', 'a/b:10:12', 'a/b:2:4', 'a/b:4:6', 'a/b:6:8', 'a/b:8:10', 'a0:0:1']);
  });

  test('has a root digest over the raw digests in order, whatever the names', async () => {
    const manifest = await measure(rootOf(model({ a: '1', b: '2' })), options());
    const raw = Buffer.concat([Buffer.from(sha256('1'), 'hex'), Buffer.from(sha256('2'), 'hex')]);
    expect(manifest.rootDigest).toBe(sha256(raw));
    expect(rootDigest(manifest.resources.map((one) => ({ ...one, name: 'x' })))).toBe(manifest.rootDigest);
  });

  test('leaves git files out in the root only, and only unless asked', async () => {
    const root = model({ '.git/config': '', '.gitignore': '', '.gitattributes': '', '.github/x': '', 'sub/.git/hook': '', '.gitmodules': '' });
    expect(await names(root)).toEqual(['.gitmodules', 'sub/.git/hook']);
    expect(await names(root, { ignoreGit: false })).toHaveLength(6);
  });

  test('leaves out ignored files and folders by exact path, not by prefix of the text', async () => {
    const root = model({ 'a/x': '', 'a/y/z': '', ab: '', 'b/a': '' });
    expect(await names(root, { ignore: ['a'] })).toEqual(['ab', 'b/a']);
    expect(await names(root, { ignore: ['a/y'] })).toEqual(['a/x', 'ab', 'b/a']);
  });

  test('leaves the signature out', async () => {
    const root = model({ a: '', 'model.sig': '', 'sub/model.sig': '' });
    expect(await names(root, { signature: 'model.sig' })).toEqual(['a', 'sub/model.sig']);
    expect((await measure(rootOf(root), options(files, { signature: 'model.sig' }))).ignorePaths)
      .toEqual(['.git', '.gitattributes', '.github', '.gitignore', 'model.sig']);
  });

  test('keeps composed and decomposed names, line breaks and backslashes apart and unchanged', async () => {
    const odd = ['e\u0301', 'line\nbreak', 'back\\slash', '\u00e9', '\ufeffmark'];
    expect(await names(model(Object.fromEntries(odd.map((name) => [name, ''])))))
      .toEqual(odd.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  test('cuts files into shards, the last one short, an empty file into none', async () => {
    const manifest = await measure(rootOf(model({ f: '0123456789', empty: '', 'g:1:2': 'x' })), options(shards(4)));
    expect(manifest.resources.map(({ name }) => name)).toEqual(['f:0:4', 'f:4:8', 'f:8:10', 'g:1:2:0:1']);
    expect(manifest.resources[2]?.digest).toBe(sha256('89'));
    expect(manifest.uncovered).toEqual(['empty']);
  });

  test('knows blake2b with 512 bits', async () => {
    const manifest = await measure(rootOf(model({ a: 'abc' })), options({ method: 'files', hash: 'blake2b' }));
    expect(manifest.resources[0]).toEqual({
      name: 'a', algorithm: 'blake2b', // RFC 7693, appendix A
      digest: 'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    });
  });

  test('knows blake3 with 256 bits, by the published vectors', async () => {
    // github.com/BLAKE3-team/BLAKE3, test_vectors.json: bytes 0 to 250 over and over.
    const vectors: Record<number, string> = {
      0: 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
      1: '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213',
      1023: '10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11',
      1024: '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7',
      1025: 'd00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444',
      4097: '9b4052b38f1c5fc8b1f9ff7ac7b27cd242487b3d890d15c96a1c25b8aa0fb995',
      7169: 'a003fc7a51754a9b3c7fae0367ab3d782dccf28855a03d435f8cfe74605e7817',
    };
    const root = model(Object.fromEntries(Object.keys(vectors).map((size) => [size, Uint8Array.from({ length: Number(size) }, (_, at) => at % 251)])));
    const { resources } = await measure(rootOf(root), options({ method: 'files', hash: 'blake3' }));
    expect(Object.fromEntries(resources.map(({ name, digest }) => [name, digest]))).toEqual(vectors);
    expect(resources[0]!.algorithm).toBe('blake3');
  });

  test('says which package blake3 needs where that is not installed', async () => {
    vi.resetModules();
    vi.doMock('@napi-rs/blake-hash', () => { throw new Error('Cannot find module'); });
    onTestFinished(() => { vi.doUnmock('@napi-rs/blake-hash'); });
    const { hashersOf } = await import('../../src/provenance/hash.ts');
    await expect(hashersOf('blake3')).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining('BLAKE3 needs the optional package @napi-rs/blake-hash') });
    expect((await hashersOf('sha256'))().digest('hex')).toBe(sha256(''));
  });

  test('names a single file by its base name, or by a dot for the Python package', async () => {
    const file = join(model({ 'w.bin': 'x' }), 'w.bin');
    expect(await names(file)).toEqual(['w.bin']);
    expect(await names(file, { profile: 'python-1.1' })).toEqual(['.']);
    const sharded = await measure(rootOf(file), options(shards(8), { profile: 'python-1.1' }));
    expect(sharded.resources[0]).toMatchObject({ name: '.:0:1', algorithm: 'sha256-sharded-8' });
  });
});
const refused = (root: string, more = {}) => expect(measure(rootOf(root), options(files, more))).rejects;

describe('what cannot be signed is refused by name', () => {
  test('a symbolic link to a file, to a folder, and one to nothing', async () => {
    for (const target of ['a', '.', 'nowhere']) {
      const root = model({ a: '' });
      symlinkSync(target, join(root, 'link'));
      await refused(root).toThrow('link is a symbolic link');
    }
  });

  test('but not a link that is ignored', async () => {
    const root = model({ a: '' });
    symlinkSync('a', join(root, 'link'));
    expect(await names(root, { ignore: ['link'] })).toEqual(['a']);
  });

  test.skipIf(process.platform === 'win32')('a pipe', async () => {
    const root = model({ a: '' });
    execFileSync('mkfifo', [join(root, 'pipe')]);
    await refused(root).toThrow('pipe is neither a file nor a folder');
  });

  test.skipIf(process.platform !== 'linux')('a name that is not UTF-8', async () => {
    const root = model({ a: '' });
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x78, 0xff])]), '');
    await refused(root).toThrow('has a name that is not valid UTF-8');
  });

  test('an empty folder, one that holds folders only, one where all is ignored, and shards of nothing', async () => {
    const bare = model({});
    await refused(bare).toThrow('model holds nothing to sign');
    mkdirSync(join(bare, 'x/y'), { recursive: true });
    await refused(bare).toThrow('holds nothing');
    await refused(model({ a: '' }), { ignore: ['a'] }).toThrow('holds nothing');
    await expect(measure(rootOf(model({ a: '' })), options(shards(8)))).rejects.toThrow('holds nothing');
  });
});

test('a million resources are enough for one signature', async () => {
  const file = join(model({ w: '' }), 'w');
  truncateSync(file, 2_000_002);
  await expect(measure(rootOf(file), options(shards(2)))).rejects.toThrow('w makes 1000001 resources, 1000000 are allowed; take larger shards');
});

describe('hashing', () => {
  test('finds a file that changed since the folder was listed, even with size and time put back', async () => {
    const root = rootOf(model({ a: 'old' }));
    utimesSync(join(root.path, 'a'), 1, 1);
    const [file] = walk(root, new Set(), undefined).files;
    writeFileSync(join(root.path, 'a'), 'new');
    utimesSync(join(root.path, 'a'), 1, 1);
    expect(await hashAll([{ path: file!.path, stamp: file!.stamp, start: 0, end: 3 }], 'sha256')).toEqual([{ failure: 'changed', detail: 'changed while it was read' }]);
  });

  test('finds a file that changes while it is hashed', async () => {
    const root = rootOf(model({ a: Buffer.alloc(5 << 20) }));
    const [file] = walk(root, new Set(), undefined).files;
    // Called, it has opened the file and asked for the first block when it hands back a promise; the change comes after.
    const hashing = hashAll([{ path: file!.path, stamp: file!.stamp, start: 0, end: file!.size }], 'sha256', 1);
    writeFileSync(file!.path, Buffer.alloc(5 << 20, 1));
    expect(await hashing).toEqual([{ failure: 'changed', detail: 'changed while it was read' }]);
  });

  test('says which file went away, became a link, or shrank', async () => {
    const root = rootOf(model({ gone: 'x', link: 'x', short: 'x'.repeat(3 << 20) }));
    const jobs = walk(root, new Set(), undefined).files.toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ path, stamp, size }) => ({ path, stamp, start: 0, end: size }));
    rmSync(join(root.path, 'gone'));
    rmSync(join(root.path, 'link'));
    symlinkSync('short', join(root.path, 'link'));
    const hashing = hashAll(jobs, 'sha256', 1);
    truncateSync(join(root.path, 'short'), 10); // the largest is taken first: it is open by now
    expect((await hashing).map((outcome) => ('failure' in outcome ? outcome.failure : 'hashed'))).toEqual(['missing', 'symlink', 'changed']);
  });

  test('gives the same digests in one lane and in several, for files of all sizes and for ranges', async () => {
    const blob = Buffer.alloc(3_500_000, 7);
    for (let at = 0; at < blob.length; at += 997) blob[at] = at % 251;
    const content: Record<string, Uint8Array> = {};
    for (const [index, size] of [0, 1, 1 << 20, (1 << 20) + 1, 2 << 20, 3_500_000].entries()) content[`f${index}`] = blob.subarray(0, size);
    for (let index = 0; index < 2000; index++) content[`s${index}`] = blob.subarray(index, index + 9); // enough for threads to be worth it
    const tree = walk(rootOf(model(content)), new Set(), undefined);
    const jobs = tree.files.flatMap(({ path, stamp, size }) => (size > 2_000_000 ? [[0, 1_500_000], [1_500_000, size]] : [[0, size]])
      .map(([start, end]) => ({ path, stamp, start: start!, end: end! })));
    const expected = tree.files.flatMap(({ name, size }) => (size > 2_000_000
      ? [sha256(content[name]!.subarray(0, 1_500_000)), sha256(content[name]!.subarray(1_500_000))] : [sha256(content[name]!)]));
    for (const lanes of [1, 3]) {
      expect((await hashAll(jobs, 'sha256', lanes)).map((outcome) => ('digest' in outcome ? outcome.digest : outcome.detail))).toEqual(expected);
    }
  });
});

test('names are ordered like their UTF-8 bytes', () => {
  const some = ['', 'a', 'ab', 'b', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', 'a\u{10000}', 'a\uffff'];
  for (const a of some) for (const b of some) expect(Math.sign(byCodePoint(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
});

test('a listed file behind a linked folder is not followed', () => {
  const outside = model({ w: 'x' });
  const root = model({ a: '' });
  symlinkSync(outside, join(root, 'sub'));
  expect(findListed(rootOf(root), 'sub/w')).toMatchObject({ kind: 'symlink', name: 'sub/w' });
  expect(findListed(rootOf(root), 'a')).toMatchObject({ name: 'a', size: 0 });
  expect(findListed(rootOf(root), 'a/b')).toMatchObject({ kind: 'missing' });
});

test('a path is named within a model only when it lies inside', () => {
  const root = rootOf(model({ 'sub/a': '' }));
  expect(nameWithin(root, join(root.path, 'sub/new'))).toBe('sub/new');
  expect(nameWithin(root, join(root.path, '..x'))).toBe('..x');
  expect(nameWithin(root, root.path)).toBeUndefined();
  expect(nameWithin(root, join(temporary(), 'x'))).toBeUndefined();
});
