// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Budget } from '../../../src/bytes/limits.ts';
import { MemorySource } from '../../../src/bytes/source.ts';
import { walk } from '../../../src/grammar/zip/walk.ts';
import { fixtures } from '../../support/samples.ts';

interface Listing {
  readEntry(): void;
  on(event: string, listener: (value: never) => void): void;
}
// the package comes without types
const yauzl = createRequire(import.meta.url)('yauzl') as {
  open(path: string, options: object, done: (error: Error | null, file: Listing) => void): void;
};

const benign = ['zip/plain.zip', 'zip/comment.zip', 'zip/zip64.zip', 'zip/streamed.zip', 'zip/utf8-names.zip', 'zip/cp437-names.zip', 'zip/aligned.zip', 'torch/plain.pt'];

async function own(path: string): Promise<string[]> {
  const archive = await walk(new MemorySource(readFileSync(path), new Budget()));
  expect(archive.anomalies).toEqual([]);
  return archive.members.map((member) => `${member.name} ${member.size}`);
}

function theirs(path: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const out: string[] = [];
    yauzl.open(path, { lazyEntries: true }, (error, file) => {
      if (error !== null) {
        reject(error);
        return;
      }
      file.on('entry', (entry: { fileName: string; uncompressedSize: number }) => {
        out.push(`${entry.fileName} ${entry.uncompressedSize}`);
        file.readEntry();
      });
      file.on('end', () => resolve(out));
      file.on('error', reject);
      file.readEntry();
    });
  });
}

test.for(benign)('%s has the members that yauzl lists, and nothing odd', async (name) => {
  expect(await own(join(fixtures, name))).toEqual(await theirs(join(fixtures, name)));
});

const python = spawnSync('python3', ['--version']).status === 0;

test.skipIf(!python).for(benign)('%s has the members that CPython lists (needs python3)', async (name) => {
  const script = 'import sys,zipfile,json;print(json.dumps([f"{i.filename} {i.file_size}" for i in zipfile.ZipFile(sys.argv[1]).infolist()]))';
  const { stdout } = spawnSync('python3', ['-c', script, join(fixtures, name)], { encoding: 'utf8' });
  expect(await own(join(fixtures, name))).toEqual(JSON.parse(stdout));
});
