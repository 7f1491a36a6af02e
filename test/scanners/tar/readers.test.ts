import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { unpackTar } from 'modern-tar';
import { describe, expect, test } from 'vitest';
import { Budget } from '../../../src/bytes/limits.ts';
import { MemorySource } from '../../../src/bytes/source.ts';
import { listings, type Reader } from '../../../scanners/tar/listing.ts';
import { fixtures } from '../../support/samples.ts';

const folder = join(fixtures, 'tar');
const archives = readdirSync(folder).filter((name) => name.endsWith('.tar'));

async function seenBy(name: string, reader: Reader): Promise<string[]> {
  const source = new MemorySource(readFileSync(join(folder, name)), new Budget());
  const { seen } = await listings(source);
  return [...seen.values()].filter(({ by }) => by.has(reader)).sort((a, b) => a.member.data - b.member.data)
    .map(({ member }) => member.name.replace(/\/$/, '')); // both take the slash off, or leave it, as they like
}

const script = `
import sys, tarfile, json
try:
    with tarfile.open(sys.argv[1], 'r:') as t: print(json.dumps([m.name for m in t.getmembers()]))
except tarfile.ReadError as e: print('null')
`;
const hasPython = spawnSync('python3', ['--version']).status === 0;
const gnu = spawnSync('tar', ['--version'], { encoding: 'utf8' });
const hasGnu = gnu.status === 0 && gnu.stdout.includes('GNU tar');
if (!hasPython) console.warn('python3 is not there: what its tarfile sees is not compared');
if (!hasGnu) console.warn('GNU tar is not there: what it sees is not compared');

// Python leaves out a member that is cut off from its listing, though it streams what is there; how it takes a pax record
// that passes its end differs from one Python to the next.
const unlike = new Set(['truncated.tar', 'huge-size.tar', 'pax-record.tar']);

describe.skipIf(!hasPython)('the walk sees what Python tarfile sees', () => {
  test.for(archives.filter((name) => !unlike.has(name)))('%s', async (name) => {
    const theirs = JSON.parse(execFileSync('python3', ['-c', script, join(folder, name)], { encoding: 'utf8' })) as string[] | null;
    expect(await seenBy(name, 'Python')).toEqual((theirs ?? []).map((one) => one.replace(/\/$/, '')));
  });
});

describe.skipIf(!hasGnu)('the walk sees what GNU tar sees', () => {
  test.for(archives.filter((name) => !unlike.has(name)))('%s', async (name) => {
    const ran = spawnSync('tar', ['--quoting-style=literal', '-tf', join(folder, name)], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    const theirs = ran.stdout.split('\n').filter((line) => line !== '').map((line) => line.replace(/\/$/, ''));
    expect(await seenBy(name, 'GNU tar')).toEqual(theirs);
  });
});

test.for(['plain.tar', 'gnu-long.tar', 'pax-long.tar', 'blocked.tar', 'nested.tar', 'v7.tar'])('modern-tar lists ordinary %s as we do', async (name) => {
  const theirs = await unpackTar(readFileSync(join(folder, name)));
  expect(await seenBy(name, 'Python')).toEqual(theirs.map((entry) => entry.header.name.replace(/\/$/, '')));
});
