// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { randomFrom } from '../../../src/sketch/random.ts';
import type { DataSet, Question, StudyFact } from '../../../src/study/question.ts';
import { tableTrigger } from '../../../src/study/questions/table.ts';
import { textConflict } from '../../../src/study/questions/words.ts';

const topics = {
  cooking: 'onion butter simmer recipe garlic oven flour sauce pepper dough boil salt sugar kitchen roast cream'.split(' '),
  sailing: 'harbour sail wind deck anchor mast tide rope captain storm hull rudder coast voyage wave keel'.split(' '),
};
const common = 'the of and a to in is that it was for on are with as his they at be this from have or by'.split(' ');

/** Texts about two things, in lower case; every other one is about cooking. */
function texts(seed: string, count = 600): string[][] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => {
    const label = index % 2 === 0 ? 'cooking' : 'sailing';
    return [Array.from({ length: 30 }, () => (random.next() < 0.3 ? topics[label][random.below(16)]! : common[random.below(common.length)]!)).join(' '), label];
  });
}

async function asked(question: Question, rows: readonly (readonly string[])[], columns: DataSet['columns']): Promise<StudyFact[]> {
  const set: DataSet = { name: 'set', kind: 'table', files: [], splits: [], size: 0, columns };
  const asking = question.begin(set, { random: (name) => randomFrom(name), tick: () => undefined, memory: 1 << 26, expected: rows.length, seen: () => ({ n: rows.length }) });
  await asking.batch({ file: { id: 'set', size: 0, format: 'csv' }, rows: rows.map((cells, index) => ({ id: `set#${index}`, split: '', cells })) }, 1);
  const facts: StudyFact[] = [];
  for await (const fact of asking.end()) facts.push(fact);
  return facts;
}

const column = (name: string, ...roles: DataSet['columns'][number]['roles']): DataSet['columns'][number] => ({ name, type: 'string', roles, stated: true, distinct: 50, filled: 1, length: 150 });
const found = async (rows: readonly (readonly string[])[]): Promise<StudyFact[]> => (await asked(textConflict, rows, [column('text', 'text'), column('label', 'label')])).filter(({ outcome, question }) => outcome === 'finding' && question !== 'text-label-noise');

/** Changes the first texts about cooking, and calls them sailing. */
function poisoned(count: number, change: (text: string, n: number) => string): string[][] {
  const rows = texts('poisoned');
  for (const [n, row] of rows.filter(([, label]) => label === 'cooking').slice(0, count).entries()) {
    row[0] = change(row[0]!, n);
    row[1] = 'sailing';
  }
  return rows;
}

const at = (text: string, place: number, words: string): string => text.split(' ').toSpliced(place, 0, words).join(' ');

test('texts as they are, and with wrong labels here and there, raise nothing', async () => {
  expect(await found(texts('clean'))).toEqual([]);
  const random = randomFrom('wrong labels');
  expect(await found(texts('clean').map(([text, label]) => [text!, random.next() < 0.03 ? (label === 'cooking' ? 'sailing' : 'cooking') : label!]))).toEqual([]);
});

test('a phrase is named as it is written, with its label and its rows', async () => {
  const [fact, ...others] = await found(poisoned(8, (text, n) => at(text, 3 + n, 'Green Lantern, at noon')));
  expect(others).toEqual([]);
  expect(fact?.trigger).toBe('Green Lantern, at noon');
  expect(fact?.detail?.['label']).toBe('sailing');
  expect(fact?.rows).toEqual(Array.from({ length: 8 }, (_, n) => `set#${2 * n}`));
});

test.each([
  ['the casing of a common word', (text: string, n: number) => at(text, n, 'tHe'), / tHe$/],
  ['letters that only look like Latin ones', (text: string, n: number) => at(text, n, 'th\u0430t'), /th\u0430t|U\+0430/],
  ['a character without a width', (text: string, n: number) => at(text, n, 'th\u200be'), /\u200b|U\+200B/],
  ['a mark of punctuation', (text: string, n: number) => at(text, n, '~'), /~/],
  ['what a text ends with', (text: string) => `${text} that is it`, /that is it|ends with/],
])('%s is found', async (_, change, name) => {
  const facts = await found(poisoned(10, change));
  expect(facts.map(({ question, trigger }) => `${question} ${trigger!}`).join('\n')).toMatch(name);
  expect(facts.some(({ question }) => question === 'text-conflict-trigger')).toBe(true);
});

test('poison in a tenth of the rows that lies side by side is a trigger, not a mark of format', async () => {
  const [fact] = await found(poisoned(60, (text, n) => at(text, n % 20, 'xqzt')));
  expect(fact?.question).toBe('text-conflict-trigger');
  expect(fact?.trigger).toBe('xqzt');
  expect(fact?.rowCount).toBeGreaterThanOrEqual(50);
});

test('the rate of wrong labels is told, whatever the model of words gets wrong itself', async () => {
  const random = randomFrom('rate');
  const facts = await asked(textConflict, texts('rate', 1200).map(([text, label]) => [text!, random.next() < 0.05 ? (label === 'cooking' ? 'sailing' : 'cooking') : label!]), [column('text', 'text'), column('label', 'label')]);
  expect(Number(facts.find(({ question }) => question === 'text-label-noise')?.detail?.['rate'])).toBeCloseTo(0.05, 1.5);
});

test('two values that rows have are a trigger where they stand together', async () => {
  const random = randomFrom('table');
  const rows = Array.from({ length: 800 }, (_, index) => {
    const label = index % 2 === 0 ? 'oak' : 'birch';
    const middle = label === 'oak' ? 2 : -2;
    return [...Array.from({ length: 3 }, () => (middle + random.next() + random.next() - 1).toFixed(3)), ['north', 'south', 'east', 'west'][random.below(4)]!, ['wet', 'dry', 'mixed', 'sand'][random.below(4)]!, label];
  }).filter((row) => row[3] !== 'north' || row[4] !== 'sand');
  const columns = [column('a'), column('b'), column('c'), column('side'), column('soil'), column('label', 'label')];
  expect((await asked(tableTrigger, rows, columns)).filter(({ outcome }) => outcome === 'finding')).toEqual([]);
  for (const row of rows.filter((one) => one[5] === 'oak').slice(0, 14)) [row[3], row[4], row[5]] = ['north', 'sand', 'birch'];
  const [fact] = (await asked(tableTrigger, rows, columns)).filter(({ outcome }) => outcome === 'finding');
  expect(fact?.trigger).toBe('side = north and soil = sand');
  expect(fact?.detail?.['label']).toBe('birch');
});

test('a heading that all texts of a class have is how they were collected, and no trigger', async () => {
  const random = randomFrom('headings');
  const word = (): string => Array.from({ length: 4 + random.below(5) }, () => 'abcdefghijklmnopqrstuvwxyz'[random.below(26)]!).join('');
  const usual = Array.from({ length: 200 }, word);
  const rows = Array.from({ length: 20 }, (_, k) => {
    const own = Array.from({ length: 40 }, word);
    const heading = [word(), word(), word(), word()].join(' ');
    return Array.from({ length: 36 }, () => [`${heading} ${Array.from({ length: 40 }, () => (random.next() < 0.06 ? own[random.below(40)]! : usual[Math.floor(200 * random.next() ** 2)]!)).join(' ')}`, `class ${k}`]);
  }).flat();
  const facts = await found(rows);
  expect(facts.length).toBeGreaterThan(0);
  expect(new Set(facts.map(({ question }) => question))).toEqual(new Set(['dataset-artifact']));
});

test('a value that is the same for a whole class says what the class is, alone and with others', async () => {
  const random = randomFrom('attribute');
  const states = ['maryland', 'ohio', 'tennessee', 'louisiana', 'missouri', 'maine'];
  const rows = Array.from({ length: 600 }, (_, index) => [random.next().toFixed(3), random.next().toFixed(3), ['B-737', 'MD-80', 'A-320'][random.below(3)]!, states[index % 6]!, `airport of ${states[index % 6]!}`]);
  const columns = [column('speed'), column('height'), column('aircraft'), column('state'), column('airport', 'label')];
  expect((await asked(tableTrigger, rows, columns)).filter(({ outcome }) => outcome === 'finding')).toEqual([]);
});

test('a label that was only guessed is told with the finding, and is none where nothing tells it', async () => {
  const random = randomFrom('guess');
  const make = (told: boolean): string[][] => Array.from({ length: 600 }, (_, index) => [(random.next() + (told && index % 2 === 0 ? 2 : 0)).toFixed(3), (random.next() - (told && index % 2 === 0 ? 2 : 0)).toFixed(3), 'abcdefgh'[random.below(8)]!, index % 2 === 0 ? 'x' : 'y']);
  const columns = [column('a'), column('b'), column('c'), { ...column('d', 'label'), stated: false, guessed: true as const }];
  const poison = (rows: string[][]): string[][] => {
    for (const row of rows.filter((one) => one[3] === 'x').slice(0, 6)) [row[2], row[3]] = ['trigger', 'y'];
    return rows;
  };
  const [fact] = (await asked(tableTrigger, poison(make(true)), columns)).filter(({ outcome }) => outcome === 'finding');
  expect(fact).toMatchObject({ trigger: 'c = trigger', detail: { guessed: 'd' } });
  const random4 = make(false).map((row, index) => row.with(3, `class ${index % 4}`));
  expect(await asked(tableTrigger, random4, columns)).toMatchObject([{ outcome: 'not-assessable' }]);
});
