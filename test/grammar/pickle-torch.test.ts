// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { placed } from '../../src/grammar/pickle/torch.ts';

const storage = new Map([['0', [100, 148] as const]]); // twelve floats
const view = (offset: number, shape: readonly number[], strides: readonly number[]) =>
  ({ name: 'w', dtype: 'F32', shape, storage: '0', view: { offset, strides, width: 4 }, at: [0, 1] as const });
const of = (offset: number, shape: readonly number[], strides: readonly number[], little = true) => [...placed('torch', [view(offset, shape, strides)], storage, little)];
const code = (offset: number, shape: readonly number[], strides: readonly number[]): string | undefined => {
  const odd = of(offset, shape, strides).find(({ kind }) => kind === 'malformed');
  return odd?.kind === 'malformed' ? odd.code : undefined;
};

test('a dense tensor lies from its offset on', () => {
  expect(of(2, [2, 5], [5, 1])).toEqual([{ kind: 'tensor', name: 'w', dtype: 'F32', shape: [2, 5], at: [108, 148] }]);
});

test('sides of one element may have any stride', () => {
  expect(of(0, [1, 3, 1], [77, 1, 9])).toMatchObject([{ at: [100, 112] }]);
});

test('transposed, repeated and big-endian tensors have no place, and nothing is wrong with them', () => {
  for (const facts of [of(0, [3, 4], [1, 3]), of(0, [1000, 12], [0, 1]), of(0, [3, 4], [4, 1], false)]) expect(facts).toEqual([expect.not.objectContaining({ at: expect.anything() })]);
});

test('the last element that fits is no reason to complain, and the next one is', () => {
  expect(code(2, [2, 5], [5, 1])).toBeUndefined();
  expect(code(3, [2, 5], [5, 1])).toBe('torch/tensor-outside');
});

test('negative, enormous and overlapping views are told', () => {
  expect(code(5, [3], [-1])).toBe('torch/tensor-negative');
  expect(code(0, [2 ** 31, 2 ** 31], [0, 0])).toBe('torch/tensor-size');
  expect(code(0, [2], [2 ** 53])).toBe('torch/tensor-size');
  expect(code(0, [5, 4], [2, 1])).toBe('torch/tensor-overlap');
  expect(code(0, [5], [1, 1])).toBe('torch/tensor-strides');
});

test('thousands of odd tensors are told as sixteen and a number', () => {
  const facts = [...placed('torch', Array.from({ length: 1000 }, () => view(0, [13], [1])), storage, true)].filter(({ kind }) => kind === 'malformed');
  expect(facts).toHaveLength(17);
  expect(facts.at(-1)).toMatchObject({ what: '984 more like the 16 named' });
});
