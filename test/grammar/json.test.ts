// SPDX-License-Identifier: Apache-2.0
import { array, assert, constantFrom, json, property } from 'fast-check';
import { expect, test } from 'vitest';
import { Malformed } from '../../src/bytes/errors.ts';
import { parseJson } from '../../src/grammar/json.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('reads what JSON.parse reads, to the same value', () => {
  assert(property(json({ maxDepth: 6 }), (text) => {
    const { value, end } = parseJson(bytes(text));
    expect(plain(value)).toEqual(plain(JSON.parse(text)));
    expect(end).toBe(bytes(text).length);
  }), { numRuns: 300 });
});

test('refuses what JSON.parse refuses, and nothing else', () => {
  const near = array(constantFrom('{', '}', '[', ']', '"a"', '"', ':', ',', '1', '-', '0', '.5', 'e+3', 'true', 'null', ' ', '\\', '\\u00', '\t', 'é'), { maxLength: 9 });
  assert(property(near, (parts) => {
    const text = parts.join('');
    let wanted: unknown;
    try {
      wanted = { value: JSON.parse(text) as unknown };
    } catch {
      wanted = undefined;
    }
    let got: unknown;
    try {
      got = { value: parseJson(bytes(text)).value };
    } catch (error) {
      expect(error).toBeInstanceOf(Malformed);
    }
    expect(got === undefined).toBe(wanted === undefined);
    if (wanted !== undefined) expect(plain(got)).toEqual(plain(wanted));
  }), { numRuns: 3000 });
});

test.for(['0', '-0', '1e3', '-1.5E-7', '9007199254740993', '123456789012345678901234567890', '0.1', '1e400'])('reads the number %s as JSON.parse does', (text) => {
  expect(parseJson(bytes(text)).value).toBe(JSON.parse(text));
});

test('names every repeated key with pointer and byte offset, and keeps the last value', () => {
  const { value, duplicates, duplicateCount } = parseJson(bytes('{"é":1,"a":[{"b/c":1,"b/c":2}],"\\u00e9":3}'), { base: 8 });
  expect(duplicates).toEqual([
    { pointer: '/a/0/b~1c', key: 'b/c', at: 30 },
    { pointer: '/é', key: 'é', at: 40 },
  ]);
  expect(duplicateCount).toBe(2);
  expect(plain(value)).toEqual({ é: 3, a: [{ 'b/c': 2 }] });
});

test('__proto__ and constructor are keys like any other', () => {
  const { value, duplicates } = parseJson(bytes('{"__proto__":{"polluted":1},"constructor":2,"toString":3}'));
  expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor', 'toString']);
  expect((value as { polluted?: unknown }).polluted).toBeUndefined();
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(duplicates).toEqual([]);
});

test('accepts what Python writes beyond the standard, and says so', () => {
  const { value, nonStandard } = parseJson(bytes('\uFEFF[NaN,Infinity,-Infinity,"\\ud800"]'));
  expect(value).toEqual([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '\ud800']);
  expect(nonStandard).toEqual([
    { what: 'byte-order-mark', at: 0 }, { what: 'NaN', at: 4 }, { what: 'Infinity', at: 8 },
    { what: '-Infinity', at: 17 }, { what: 'lone-surrogate', at: 28 },
  ]);
});

test.for([
  ['', 'truncated', 0], ['{"a":', 'truncated', 5], ['"a', 'truncated', 2], ['{"a" 1}', 'syntax', 5], ['[1,]', 'syntax', 3], ['01', 'number', 0],
  ['1.', 'number', 0], ['"\n"', 'string', 1], ['"\\x"', 'string', 1], ['"\\u12g4"', 'string', 1], ['1 2', 'trailing', 2], ['[[[]]]', 'depth', 2],
] as const)('%s is malformed: %s at byte %i', ([text, code, at]) => {
  expect(() => parseJson(bytes(text), { format: 'x', depth: 2 })).toThrow(expect.objectContaining({ name: 'Malformed', code: `x/json-${code}`, at }));
});

test('a string that is not UTF-8 is malformed', () => {
  expect(() => parseJson(Uint8Array.of(0x22, 0xc0, 0xaf, 0x22))).toThrow(expect.objectContaining({ code: 'json/json-utf8', at: 1 }));
});

test('tells where values lie, at any depth below objects', () => {
  const text = '{"a": {"b/c": [1, 2]}, "d": 3}';
  const document = parseJson(bytes(text), { base: 100 });
  const cut = (pointer: string): string | undefined => {
    const span = document.spanOf(pointer);
    return span && text.slice(span[0] - 100, span[1] - 100);
  };
  expect(cut('/a')).toBe('{"b/c": [1, 2]}');
  expect(cut('/a/b~1c')).toBe('[1, 2]');
  expect(cut('/d')).toBe('3');
  expect(cut('/e')).toBeUndefined();
});
