// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { register as digest } from '../../src/commands/digest.ts';
import { model } from '../provenance/support.ts';
import { ran } from './support.ts';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

test('assay digest prints the root digest, which does not change when a signature comes to lie there', async () => {
  const root = model({ a: '1', b: '2' });
  const expected = { code: 0, out: `sha256:${sha256(Buffer.from(sha256('1') + sha256('2'), 'hex'))}\n`, err: '' };
  expect(await ran(digest, 'digest', root)).toEqual(expected);
  writeFileSync(join(root, 'model.sig'), '');
  expect(await ran(digest, 'digest', root)).toEqual(expected);
});

test('assay digest --list adds a line for each file, with odd names quoted', async () => {
  const { out } = await ran(digest, 'digest', model({ a: '1', 'b\nc': '2' }), '--list');
  expect(out.split('\n').slice(1)).toEqual([`${sha256('1')}  a`, `${sha256('2')}  "b\\nc"`, '']);
});

test('assay digest --list adds a line for each shard', async () => {
  const { out } = await ran(digest, 'digest', model({ a: '123' }), '--list', '--serialization', 'shards', '--shard-size', '2');
  expect(out.split('\n').slice(1)).toEqual([`${sha256('12')}  a:0:2`, `${sha256('3')}  a:2:3`, '']);
});

test('assay digest ends with 3 when there is nothing', async () => {
  expect(await ran(digest, 'digest', model({}))).toEqual({ code: 3, out: '', err: 'assay: model holds nothing to sign\n' });
});
