// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { withoutComments } from '../../src/grammar/json-comments.ts';
import { parseJson } from '../../src/grammar/json.ts';

const plain = (text: string): unknown => {
  const got = withoutComments(Buffer.from(text));
  return got === undefined ? undefined : [got.at, parseJson(got.bytes).value];
};

test.for([
  ['{"a": 1 // one\n}', [8, { a: 1 }]],
  ['/* x */ [1, 2 /* two */]', [0, [1, 2]]],
  ['{"a": [1, 2,\n], }', [11, { a: [1, 2] }]],
  ['[1, /* , */ // ]\n ]', [2, [1]]],
  ['{"a": "// no comment", "b": "\\" /* nor this", }', [44, { a: '// no comment', b: '" /* nor this' }]],
  ['["a,]"]', undefined],
  ['{"a": 1 /* without an end }', undefined],
] as const)('%s', ([text, expected]) => {
  expect(plain(text)).toEqual(expected);
});

test('what comments hide is still seen: offsets stay, and keys that occur twice', () => {
  const text = '{"a": 1, // {"a": 2}\n"a": 3}';
  const { duplicates } = parseJson(withoutComments(Buffer.from(text))!.bytes);
  expect(duplicates.map(({ at }) => at)).toEqual([text.lastIndexOf('"a"')]);
});
