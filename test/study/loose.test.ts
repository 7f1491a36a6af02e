import { expect, test } from 'vitest';
import { looseSets, looseStudied } from '../../src/study/loose.ts';
import type { Draft } from '../../src/study/sets.ts';

const draft = (change: Partial<Draft> & { id?: string; format?: string }): Draft => {
  const { id = 'part-01/file.json', format = 'json', size = 6 << 20, ...rest } = change;
  return { name: id, kind: 'table', size, columns: ['score', 'note', 'text'], files: [{ id, size, format }], ...rest };
};
const all = 100 << 20;

test('records among other things that nothing calls data are left out', () => {
  const one = draft({});
  const texts = draft({ kind: 'texts', columns: [], id: 'part-02/0001.txt', format: 'unknown' });
  expect([...looseSets([one, texts], all)]).toEqual([one, texts]);
});

test.for<[string, Parameters<typeof draft>[0]]>([
  ['a column named as a label', { columns: ['text', 'label'] }],
  ['a prompt and its response', { columns: ['instruction', 'output'] }],
  ['a folder that says so', { id: 'data/file.json' }],
  ['a file that says so', { id: 'eval_corpus.json' }],
  ['a format for tables', { format: 'jsonl' }],
  ['a statement', { stated: { name: 'x', files: ['part-01'] } }],
  ['a target that the file names', { target: 'score' }],
  ['a split', { files: [{ id: 'a/file.json', size: 6 << 20, format: 'json', split: 'test' }] }],
  ['half of all there is', { size: all / 2 }],
  ['pictures', { kind: 'images' }],
])('%s makes a data set', ([, change]) => {
  expect(looseSets([draft(change)], all).size).toBe(0);
});

test('small ones are studied, up to a few megabytes in all', () => {
  const [small, smaller, large] = [draft({ size: looseStudied - 1000, id: 'a/b.json' }), draft({ size: 900, id: 'c/d.json' }), draft({ size: 2000, id: 'e/f.json' })];
  expect([...looseSets([small, smaller, large], all)]).toEqual([small]);
  expect(looseSets([smaller, large], all).size).toBe(0);
});
