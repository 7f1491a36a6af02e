// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { fingerprint, groups, signature } from '../../src/sketch/minhash.ts';
import { Numbered, Places, RowIds, Table } from '../../src/study/compact.ts';

test('ids of rows come back as they were given, numbered or not', () => {
  const ids = new RowIds();
  const given = ['a.csv#0', 'a.csv#1', 'b.csv#7', 'photo.png', 'a.csv#2', 'x#01', '#3', 'deep/folder.tar!/a#b.txt', 'a.csv#9007199254740991', ...Array.from({ length: 3000 }, (_, n) => `c.jsonl#${n * 3}`)];
  for (const id of given) ids.add(id);
  expect(given.map((_, at) => ids.get(at))).toEqual(given);
});

test('a table of keys tells the first of each, and no more than it has room for', () => {
  const table = new Table(1000);
  const labels = new Numbered();
  for (let n = 0; n < 1000; n += 1) table.set(table.place(n * 2 ** 21 + 5), n * 2 ** 21 + 5, labels.of(`label ${n % 7}`), 0);
  expect(table.valueAt(table.place(41 * 2 ** 21 + 5))).toBe(42);
  expect(labels.get(table.labelAt(table.place(41 * 2 ** 21 + 5)))).toBe('label 6');
  expect(table.place(17)).toBe(-1);
});

test('numbers keep their places while the table grows', () => {
  const places = new Places();
  const numbers = Array.from({ length: 50_000 }, (_, n) => Math.imul(n + 1, 0x9e3779b1) >>> 0);
  for (const one of numbers) places.add(one);
  expect(numbers.every((one, at) => places.of(one) === at)).toBe(true);
  expect(places.of(0)).toBe(-1);
});

test('a fingerprint is that of the words, whatever white space is between them', () => {
  expect(fingerprint('  a quiet\n\n harbour\u00a0town ')).toBe(fingerprint('a quiet harbour town'));
  const different = ['a quiet harbour town', 'a quietharbour town', 'a quiet harbour towm', 'town harbour quiet a', '', 'a'];
  expect(new Set(different.map(fingerprint)).size).toBe(different.length);
  expect(different.map(fingerprint).every((one) => Number.isSafeInteger(one))).toBe(true);
});

test('near copies are grouped, and others left alone', () => {
  const text = (n: number): string => Array.from({ length: 40 }, (_, at) => `w${(at * 7 + n * 131) % 997}`).join(' ');
  const texts = [text(1), text(2), `${text(1)} once more`, text(3), text(1), 'too short'];
  expect(groups(texts.map(signature), 0.6, () => undefined).map((group) => group.toSorted((a, b) => a - b))).toEqual([[0, 2, 4]]);
});
