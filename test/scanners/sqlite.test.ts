import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder } from '../support/folder.ts';
import { python } from '../support/python.ts';
import { look } from '../support/samples.ts';

const program = (pageSize: number, more: string): string => `
import sqlite3, pickle, os, tempfile
f = os.path.join(tempfile.mkdtemp(), 'a.db')
c = sqlite3.connect(f)
c.execute('pragma page_size=${pageSize}')
c.execute('create table t(a integer primary key, b text, c blob)')
c.execute('create table w(k text primary key, v blob) without rowid')
c.execute('create index i on t(b)')
for n in range(900): c.execute('insert into t values(?,?,?)', (n, 'text %d' % n, pickle.dumps({'n': n, 'long': 'x' * (n * 37 % 9000)})))
for n in range(300): c.execute('insert into w values(?,?)', ('key %d' % n, pickle.dumps([n, 'y' * n])))
${more}
c.commit(); c.close()
write(open(f, 'rb').read())
`;

test.for([512, 4096, 65_536])('every pickle in a database of pages of %i bytes is found, and in one piece', async (pageSize, { skip }) => {
  const bytes = python(program(pageSize, ''));
  if (bytes === undefined) {
    skip();
    return;
  }
  const path = join(folder(), 'a.db');
  writeFileSync(path, bytes);
  const seen = await look(path);
  expect(seen.filter(({ artefact }) => artefact.id.includes('!/t/'))).toHaveLength(900);
  expect(seen.filter(({ artefact }) => artefact.id.includes('!/w/'))).toHaveLength(300);
  expect(seen.flatMap(({ facts }) => facts).filter(({ kind }) => kind === 'malformed' || kind === 'gap')).toEqual([]);
});

test('rows that were deleted and a vacuum leave nothing that is not understood', async ({ skip }) => {
  const bytes = python(program(1024, "c.execute('delete from t where a % 3 = 0')\nc.commit()\nc.execute('pragma auto_vacuum=1')\nc.execute('vacuum')"));
  if (bytes === undefined) {
    skip();
    return;
  }
  const path = join(folder(), 'a.db');
  writeFileSync(path, bytes);
  const seen = await look(path);
  expect(seen).toHaveLength(1 + 600 + 300);
  expect(new Set(seen[seen.length - 1]!.facts.map(({ kind }) => kind))).toEqual(new Set(['region', 'column', 'anomaly']));
});
