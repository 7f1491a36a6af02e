// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findingsFor, fixtures } from '../support/samples.ts';

async function raised(sample: string): Promise<string[]> {
  return (await findingsFor(join(fixtures, sample))).map(({ rule, severity }) => `${severity} ${rule}`);
}

test.for(['python-key', 'python-nested-key', 'python-pairs', 'python-utf16'])('%s.yaml calls os.system wherever the tag stands', async (name) => {
  expect(await raised(`yaml/${name}.yaml`)).toContain('critical pickle-exec-call');
});

test('keys that are no texts raise nothing by themselves', async () => {
  expect(await raised('yaml/odd-keys.yaml')).toEqual([]);
});

test.for(['map-attribute', 'map-attr', 'selectattr', 'format-field', 'filter-block'])('%s.jinja reaches the class of a value', async (name) => {
  expect(await raised(`jinja/${name}.jinja`)).toContain('critical template-code-execution');
});

test('an attribute whose name is joined in the index is told, an index that is a number is not', async () => {
  expect(await raised('jinja/joined-index.jinja')).toEqual(['medium template-code-execution']);
  expect(await raised('jinja/neighbour.jinja')).toEqual([]);
});

test('the list that tokenizers of old have for auto_map names code as well', async () => {
  expect(await raised('json/auto-map-list.json')).toEqual(['high remote-code']);
});

test('a checkpoint at the end of a tar is its member, a zip behind the tar is a polyglot', async () => {
  expect(await raised('tar/checkpoint.nemo')).toEqual([]);
  expect(await raised('tar/zip-behind.tar')).toEqual(expect.arrayContaining(['critical pickle-exec-call', 'high polyglot']));
});
