import { expect, test } from 'vitest';
import { parseLiteral } from '../../src/grammar/python-literal.ts';

test('literals are read as literal_eval reads them', () => {
  expect(parseLiteral("(1, -2L, True, None, 'a\\'b\\x41', [], (3), (4,),)")).toEqual({
    type: 'tuple',
    items: [
      { type: 'int', text: '1' }, { type: 'int', text: '-2' }, { type: 'bool', value: true }, { type: 'none' },
      { type: 'str', value: "a'bA" }, { type: 'list', items: [] }, { type: 'int', text: '3' }, { type: 'tuple', items: [{ type: 'int', text: '4' }] },
    ],
  });
});

test('a key that is there twice is there twice', () => {
  const literal = parseLiteral("{'a': 1, 'a': 2}");
  expect(literal.type === 'dict' && literal.entries.length).toBe(2);
});

test.for([
  "__import__('os')", '1+1', '1.5', '0x10', "'a' 'b'", "'''a'''", "'a", '{1}', '(1 2)', '[1', 'Nonesense', '007', '', "f'{x}'", '(', '('.repeat(1e5),
  '9'.repeat(1e6), "'\\N{BULLET}'", '1 2', '1\0',
])('anything else is refused: %s', (text) => {
  expect(() => parseLiteral(text)).toThrow(/^Python literal has /);
});
