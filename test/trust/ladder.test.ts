// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Inspected } from '../../src/model/artefact.ts';
import type { Fact } from '../../src/model/fact.ts';
import { collect } from '../../src/rules/judge.ts';
import { componentOf, ladder } from '../../src/trust/ladder.ts';
import { fixtures, look } from '../support/samples.ts';

const hex = (digit: string): string => digit.repeat(64);

function file(id: string, facts: readonly Fact[] = [], sha256 = hex('a')): Inspected {
  return { artefact: { id, size: 3, format: 'x', digests: { sha256 } }, coverage: 'complete', facts };
}

const record = (target: string, value: string): Fact => ({ kind: 'record', by: 'checksum-list', target, algorithm: 'sha256', value });

function placeOf(inspected: readonly Inspected[], component: string): string | undefined {
  return ladder(collect(inspected, 'r'), []).find((row) => row.component === component)?.place;
}

test('a component stands where its worst file stands', () => {
  const list = file('SHA256SUMS', [record('a.bin', hex('a'))]);
  expect(placeOf([file('a.bin'), list], 'weights')).toBe('bound');
  expect(placeOf([file('a.bin'), file('b.bin'), list], 'weights')).toBe('absent');
  expect(placeOf([file('a.bin', [], hex('b')), file('b.bin'), list], 'weights')).toBe('contradicted');
});

test('a record that contradicts the bytes outweighs a signature', () => {
  const all = [file('a.bin', [], hex('b')), file('SHA256SUMS', [record('a.bin', hex('a'))])];
  const signed = [{ signer: 'us', signature: 'model.sig', files: new Set(['a.bin']) }];
  expect(ladder(collect(all, 'r'), [], signed)[0]?.place).toBe('contradicted');
  expect(ladder(collect([all[0]!], 'r'), [], signed)[0]?.place).toBe('verified');
});

test('a signer who may only sign code does not vouch for weights', () => {
  const signed = [{ signer: 'us', signature: 'model.sig', files: new Set(['a.bin', 'b.py']), components: ['code' as const] }];
  const rows = ladder(collect([file('a.bin'), file('b.py')], 'r'), [], signed);
  expect(rows.map(({ component, place }) => [component, place])).toEqual([['weights', 'absent'], ['code', 'verified'], ['licence', 'absent']]);
});

test('a base model is bound by a commit and only declared by a name', () => {
  const link = (revision?: string): Inspected => file('adapter_config.json', [{ kind: 'link', role: 'base-model', target: 'acme/base', ...(revision === undefined ? {} : { revision }) }]);
  expect(placeOf([link()], 'base-model')).toBe('declared');
  expect(placeOf([link('main')], 'base-model')).toBe('declared');
  expect(placeOf([link('0123456789abcdef0123456789abcdef01234567')], 'base-model')).toBe('bound');
  expect(placeOf([file('a.bin')], 'base-model')).toBeUndefined();
});

test('records are compared whichever algorithm they use', async () => {
  const rows = ladder(collect(await look(join(fixtures, 'provenance/bound')), 'bound'), []);
  expect(rows.find(({ component }) => component === 'data')).toMatchObject({ place: 'bound', of: 2 });
  const bad = ladder(collect(await look(join(fixtures, 'provenance/contradicted')), 'bad'), []);
  expect(bad.find(({ component }) => component === 'data')?.place).toBe('contradicted');
});

test.for([['model.safetensors', 'weights'], ['a/tokenizer.json', 'tokenizer'], ['vocab.txt', 'tokenizer'], ['train.py', 'code'], ['x/train-0.parquet', 'data'], ['README.md', undefined], ['config.json', undefined]] as const)(
  '%s belongs to %s', ([id, component]) => expect(componentOf(id)).toBe(component),
);
