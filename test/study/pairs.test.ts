import { expect, test } from 'vitest';
import type { Inspected } from '../../src/model/artefact.ts';
import { pairedArrays } from '../../src/study/pairs.ts';

function array(id: string, column: 'image' | 'label', rows: number): Inspected {
  return {
    artefact: { id, size: rows, format: id.endsWith('.npy') ? 'numpy' : 'idx', digests: {} }, coverage: 'complete',
    facts: [{ kind: 'column', name: column, type: 'int', rows, nulls: 0 }, { kind: 'anomaly', measure: 'rows', value: rows }],
  };
}

test('pictures and labels of MNIST are one set with two splits', () => {
  const { drafts, taken } = pairedArrays([array('d/t10k-images-idx3-ubyte', 'image', 100), array('d/t10k-labels-idx1-ubyte', 'label', 100), array('d/train-images-idx3-ubyte', 'image', 600), array('d/train-labels-idx1-ubyte', 'label', 600)]);
  expect(drafts).toHaveLength(1);
  expect(drafts[0]).toMatchObject({ name: 'd', rows: 700, columns: ['image', 'label'], files: [{ split: 'train', labels: 'd/train-labels-idx1-ubyte' }, { split: 'test', labels: 'd/t10k-labels-idx1-ubyte' }] });
  expect(taken.size).toBe(4);
});

test('members of an npz are paired by what is left of their names', () => {
  const { drafts } = pairedArrays([array('a.npz!/x_train.npy', 'image', 60), array('a.npz!/y_train.npy', 'label', 60), array('a.npz!/x_test.npy', 'image', 60), array('a.npz!/y_test.npy', 'label', 60)]);
  expect(drafts[0]?.name).toBe('a.npz');
  expect(drafts[0]?.files.map(({ id, labels }) => [id, labels])).toEqual([['a.npz!/x_train.npy', 'a.npz!/y_train.npy'], ['a.npz!/x_test.npy', 'a.npz!/y_test.npy']]);
});

test('labels for another number of pictures are not theirs', () => {
  const { drafts } = pairedArrays([array('x.npy', 'image', 60), array('y.npy', 'label', 59)]);
  expect(drafts[0]?.files[0]?.labels).toBeUndefined();
  expect(drafts[0]?.columns).toEqual(['image']);
});
