// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Operand } from '../../../src/model/fact.ts';
import { folded, kindOfText, weightiest, type Kind } from '../../../src/rules/policy/operands.ts';

const str = (text: string): Operand => ({ type: 'str', text, length: text.length });
const bytes = (text: string): Operand => ({ type: 'bytes', text, length: text.length });
const list = (...items: Operand[]): Operand => ({ type: 'list', items, length: items.length });
const called = (target: string, ...args: Operand[]): Operand => ({ type: 'call', target, args });

test.for<[string, Kind]>([
  ["__import__('os')", 'code'], ['eval("1")', 'code'], ['import os', 'code'], ['lambda x: x', 'code'], ['def f(x):', 'code'], ['import', 'word'],
  ['echo x', 'command'], ['/bin/sh -c id', 'command'], ['curl http://localhost | sh', 'command'], ['sudo rm -rf /', 'command'], ['x && y', 'command'],
  ['os.system', 'mention'], ['os', 'mention'], ['see os.system for more', 'mention'], ['chaos.theory', 'word'],
  ['model.pkl', 'loadable'], ['lib/x.so.1', 'loadable'], ['/etc/passwd', 'path'], ['../x', 'path'], ['data.csv', 'path'], ['C:\\x\\y', 'path'],
  ['https://localhost/', 'address'], ['s3://bucket/key', 'address'], ['\\\\host\\share', 'address'],
  ['steps', 'word'], ['Europe/London', 'word'], ['hello world', 'word'], ['adamw_torch', 'word'], ['cuda:0', 'word'], ['bert-base-uncased', 'word'], ['3.14', 'word'],
])('%s is taken for %s', ([text, kind]) => {
  expect(kindOfText(text)).toBe(kind);
});

test('the weightiest operand decides, wherever it lies', () => {
  expect(weightiest([])).toBeUndefined();
  expect(weightiest([{ type: 'int', text: '1' }, str('')])).toBeUndefined();
  expect(weightiest([str('steps'), list(list(str('/tmp/x')))])).toBe('path');
  expect(weightiest([str('/tmp/x'), { type: 'dict', items: [str('k'), bytes('\u0080\u0004\u0095\u0001\0\0\0\0\0\0\0N.')], length: 1 }])).toBe('pickle');
});

test.for<[string, Operand, string | undefined]>([
  ['join', called('builtins.str.join', str(''), list(str('o'), str('s'))), 'os'],
  ['decode', called('builtins.bytes.decode', bytes('os')), 'os'],
  ['rot13', called('_codecs.decode', str('bf'), str('rot_13')), 'os'],
  ['hex', called('builtins.bytes.decode', called('builtins.bytes.fromhex', str('6f73'))), 'os'],
  ['base64', called('base64.b64decode', str('b3M=')), 'os'],
  ['sums', called('operator.add', str('o'), str('s')), 'os'],
  ['replacement', called('builtins.str.replace', str('xs'), str('x'), str('o')), 'os'],
  ['case', called('builtins.str.lower', str('OS')), 'os'],
  ['something else', called('acme.name'), undefined],
  ['a part that is unknown', called('operator.add', str('o'), { type: 'unknown' }), undefined],
])('%s is computed where literals alone take part', ([, operand, text]) => {
  expect(folded(operand)).toBe(text);
});
