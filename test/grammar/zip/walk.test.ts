// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BlobReader, ZipReader } from '@zip.js/zip.js';
import { expect, test } from 'vitest';
import { zip } from '../../../fixtures/support/zip.ts';
import { Budget } from '../../../src/bytes/limits.ts';
import { MemorySource, Source } from '../../../src/bytes/source.ts';
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

const benign = ['zip/plain.zip', 'zip/comment.zip', 'zip/zip64.zip', 'zip/streamed.zip', 'zip/utf8-names.zip', 'zip/cp437-names.zip', 'zip/aligned.zip', 'zip/padded.zip', 'zip/extra-times.zip', 'torch/plain.pt'];

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

test.for(benign)('%s has the members that zip.js lists when it is strict', async (name) => {
  const reader = new ZipReader(new BlobReader(new Blob([readFileSync(join(fixtures, name))])), { checkAmbiguity: true, checkOverlappingEntry: true });
  const entries = await reader.getEntries();
  await reader.close();
  expect(await own(join(fixtures, name))).toEqual(entries.map((entry) => `${entry.filename} ${entry.uncompressedSize}`));
});

/** Counts what is read, as from a disk. */
class Counting extends Source {
  readonly #bytes: Buffer;
  taken = 0;
  constructor(bytes: Buffer) {
    super(bytes.length, new Budget());
    this.#bytes = bytes;
  }
  override fill(into: Uint8Array, offset: number): void {
    this.taken += into.length;
    into.set(this.#bytes.subarray(offset, offset + into.length));
  }
}

test('headers that lead nowhere are passed over without reading all behind them again', async () => {
  const fake = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(22), Buffer.alloc(4, 0xff)]);
  const between = Buffer.concat(Array.from({ length: 4000 }, () => fake));
  const bytes = zip(Array.from({ length: 12 }, (_, i) => ({ name: `${i}`, data: 'x', between })));
  const source = new Counting(bytes);
  await walk(source);
  expect(source.taken).toBeLessThan(4 * bytes.length);
});

test('a directory of too many members hides none that has a local header', async () => {
  const bytes = zip([{ name: 'a', data: 'alpha' }, { name: 'hidden', data: 'beta', hidden: true }]);
  const from = bytes.indexOf('PK\x01\x02', 0, 'latin1');
  const record = bytes.subarray(from, -22);
  const table = Buffer.alloc(record.length * 200_001);
  for (let at = 0; at < table.length; at += record.length) record.copy(table, at);
  const end = Buffer.from(bytes.subarray(-22));
  end.writeUInt32LE(table.length, 12);
  const { members, anomalies } = await walk(new MemorySource(Buffer.concat([bytes.subarray(0, from), table, end]), new Budget()));
  expect(members.at(-1)?.name).toBe('hidden');
  expect(anomalies.map((one) => one.code)).toContain('zip/too-many-members');
});

test('two names of one member are told: a Unicode path field that differs', async () => {
  const path = Buffer.concat([Buffer.from([0x75, 0x70, 10, 0, 1, 0, 0, 0, 0]), Buffer.from('b.pkl')]);
  const { anomalies } = await walk(new MemorySource(zip([{ name: 'a.txt', data: 'x', extra: path }]), new Budget()));
  expect(anomalies.map((one) => one.code)).toEqual(['zip/unicode-name-differs']);
});
