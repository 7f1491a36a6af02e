import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { walk } from '../../src/run/walk.ts';
import { folder } from '../support/folder.ts';

function factsOf(path: string, id: string): unknown {
  return walk([path]).others.find(({ artefact }) => artefact.id === id)?.facts;
}

test('files come in code-unit order, with ids relative to the root', () => {
  const path = folder({ 'b.txt': '', 'a/z.txt': '', 'a/B.txt': '', 'é.txt': '' });
  expect(walk([path]).jobs.map(({ id }) => id)).toEqual(['a/B.txt', 'a/z.txt', 'b.txt', 'é.txt']);
});

test('a single file is its own root', () => {
  const path = folder({ 'model.pkl': 'x' });
  expect(walk([join(path, 'model.pkl')])).toMatchObject({ root: 'model.pkl', jobs: [{ id: 'model.pkl', size: 1 }] });
});

test('several paths keep their own base names apart', () => {
  const path = folder({ 'one/m/x': '', 'two/m/x': '' });
  expect(walk([join(path, 'one/m'), join(path, 'two/m')]).jobs.map(({ id }) => id)).toEqual(['m#2/x', 'm/x']);
});

test('a symbolic link out of the root is told, not followed, and leaves a gap', () => {
  const path = folder({ 'in/x': '', 'outside/secret': 's' });
  symlinkSync('../outside/secret', join(path, 'in/link'));
  expect(walk([join(path, 'in')]).jobs.map(({ id }) => id)).toEqual(['x']);
  expect(factsOf(join(path, 'in'), 'link')).toMatchObject([{ kind: 'link', role: 'symlink', detail: 'outside', target: '../outside/secret' }, { kind: 'gap' }]);
});

test('a link to a file under the root is one more name to inspect it by', () => {
  const path = folder({ 'a/blob': 'x', 'b/x': '' });
  symlinkSync('../a/blob', join(path, 'b/evil.yaml'));
  symlinkSync('../b/evil.yaml', join(path, 'a/link-to-link.jinja'));
  symlinkSync('../a/blob', join(path, 'b/blob'));
  const { jobs } = walk([path]);
  expect(jobs.map(({ id, size }) => `${id} ${size}`)).toEqual(['a/blob 1', 'a/link-to-link.jinja 1', 'b/evil.yaml 1', 'b/x 0']);
  expect(new Set(jobs.filter(({ known }) => known !== undefined).map((job) => job.path))).toEqual(new Set([join(realpathSync(path), 'a/blob')]));
  expect(factsOf(path, 'b/blob')).toMatchObject([{ detail: 'inside' }]);
});

test('in a hub cache the links name the files, whose own names are digests', () => {
  const digest = 'ab'.repeat(32);
  const path = folder({ [`blobs/${digest}`]: 'x', 'snapshots/1/y': '', 'snapshots/2/y': '' });
  for (const revision of [1, 2]) symlinkSync(`../../blobs/${digest}`, join(path, `snapshots/${revision}/config.json`));
  expect(walk([path]).jobs.map(({ id }) => id)).toEqual(['snapshots/1/config.json', 'snapshots/1/y', 'snapshots/2/y']);
  expect(factsOf(path, 'snapshots/2/config.json')).toMatchObject([{ detail: 'inside' }]);
});

test('many names for one file end in gaps, not in as many inspections', () => {
  const path = folder({ x: '' });
  for (let i = 0; i < 20; i += 1) symlinkSync('x', join(path, `n${i}`));
  const { jobs, others } = walk([path]);
  expect(jobs).toHaveLength(8);
  expect(others.filter(({ facts }) => facts.some((fact) => fact.kind === 'gap' && fact.why === 'limit'))).toHaveLength(13);
});

test('links to folders, dangling links, and loops cost nothing but a fact', () => {
  const path = folder({ x: '', 'd/y': '' });
  symlinkSync('d', join(path, 'inside'));
  symlinkSync('nowhere', join(path, 'dangling'));
  symlinkSync('.', join(path, 'loop'));
  symlinkSync('self', join(path, 'self'));
  expect(walk([path]).jobs).toHaveLength(2);
  expect(factsOf(path, 'inside')).toMatchObject([{ detail: 'inside' }]);
  expect(factsOf(path, 'dangling')).toMatchObject([{ detail: 'dangling' }]);
  expect(factsOf(path, 'loop')).toMatchObject([{ detail: 'inside' }]);
  expect(factsOf(path, 'self')).toMatchObject([{ detail: 'dangling' }]);
});

test('a link to a folder whose name begins like the root does not count as inside', () => {
  const path = folder({ 'root/x': '', 'root-evil/y': '' });
  symlinkSync('../root-evil', join(path, 'root/link'));
  expect(factsOf(join(path, 'root'), 'link')).toMatchObject([{ detail: 'outside' }, { kind: 'gap' }]);
});

test.runIf(process.platform !== 'win32')('a pipe is a gap, and is not waited for', () => {
  const path = folder({ x: '' });
  execFileSync('mkfifo', [join(path, 'pipe')]);
  expect(factsOf(path, 'pipe')).toMatchObject([{ kind: 'gap', why: 'unreadable' }]);
});

test.runIf(process.platform === 'linux')('names that are not UTF-8 stay apart and can be opened', () => {
  const path = folder();
  for (const byte of [0xff, 0xfe]) writeFileSync(Buffer.concat([Buffer.from(`${path}/n`), Buffer.from([byte])]), 'x');
  const { jobs } = walk([path]);
  expect(jobs.map(({ id }) => id)).toEqual([String.raw`n\xfe`, String.raw`n\xff`]);
  expect(jobs.every((job) => typeof job.path === 'object')).toBe(true);
});

test('exclusion is by glob on ids, counts what it left out, and leaves out what lies below', () => {
  const path = folder({ 'keep/a': '', 'drop/b': '', 'drop/deep/c': '', 'x.log': '' });
  const walked = walk([path], ['drop', '*.log']);
  expect(walked.jobs.map(({ id }) => id)).toEqual(['keep/a']);
  expect(walked.excluded).toBe(2);
});

test.for([['', /no such file/], ['-', /standard input/]] as const)('a path that cannot be scanned (%s) is a usage error', ([name, words]) => {
  const path = name === '-' ? '-' : join(folder(), 'missing');
  expect(() => walk([path])).toThrow(words);
});

test('folders nested absurdly deep end in a gap', () => {
  const path = folder();
  mkdirSync(join(path, ...Array.from({ length: 300 }, () => 'd')), { recursive: true });
  const gaps = walk([path]).others.flatMap(({ facts }) => facts);
  expect(gaps).toMatchObject([{ kind: 'gap', why: 'limit' }]);
});

test('a folder whose name ends like the member separator is not taken for a container', () => {
  const path = folder({ 'evil.zip!/x': '', 'evil.zip\\x21/x': '' });
  expect(walk([path]).jobs.map(({ id }) => id)).toEqual([String.raw`evil.zip\x21/x`, String.raw`evil.zip\x5cx21/x`]);
});
