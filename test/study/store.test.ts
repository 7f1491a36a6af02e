// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { randomFrom } from '../../src/sketch/random.ts';
import type { Cell } from '../../src/model/scanner.ts';
import type { DataSet, StudyFact } from '../../src/study/question.ts';
import { retrievalStore, vectorOf } from '../../src/study/questions/store.ts';

type Rows = [text: string, vector: Cell, source: string][];

/** A store of texts of six topics, with vectors of 64 numbers near to that of their topic. */
function store(count = 200): Rows {
  const random = randomFrom('store of the test');
  const unit = (vector: number[]): number[] => {
    const norm = Math.sqrt(vector.reduce((sum, one) => sum + one * one, 0));
    return vector.map((one) => one / norm);
  };
  const topics = Array.from({ length: 6 }, () => unit(Array.from({ length: 64 }, () => random.next() - 0.5)));
  return Array.from({ length: count }, (_, index) => [
    `chapter ${index} tells of thing ${random.below(1000)} and of ${random.below(1000)}`, unit(topics[index % 6]!.map((one) => one + 0.15 * (random.next() - 0.5))), `page-${Math.floor(index / 3)}`,
  ]);
}

async function asked(rows: Rows): Promise<StudyFact[]> {
  const set: DataSet = {
    name: 'store', kind: 'table', files: [], splits: [], size: 0,
    columns: ([['text', 'text'], ['vector', 'embedding'], ['source', 'source']] as const).map(([name, role]) => ({ name, type: 'string', roles: [role], stated: true, distinct: 100, filled: 1, length: 50 })),
  };
  const asking = retrievalStore.begin(set, { random: (name) => randomFrom(name), tick: () => undefined, memory: 1 << 26, expected: rows.length, seen: () => ({ n: rows.length }) });
  await asking.batch({ file: { id: 'store', size: 0, format: 'jsonl' }, rows: rows.map((cells, index) => ({ id: `store#${index}`, split: '', cells })) }, 1);
  const facts: StudyFact[] = [];
  for await (const fact of asking.end()) facts.push(fact);
  return facts;
}

const kinds = (facts: readonly StudyFact[]): unknown[] => facts.filter(({ outcome }) => outcome === 'finding').map(({ detail }) => detail?.['kind']);

test('a store as it is made raises nothing', async () => {
  expect((await asked(store())).map(({ outcome }) => outcome)).toEqual(['assessed']);
});

test('a vector that stands under another text is found, whichever of the two was changed', async () => {
  const laid = store();
  laid[70]![1] = laid[11]![1];
  const [fact] = await asked(laid);
  expect(fact?.detail?.['kind']).toBe('vector-of-other-text');
  expect(fact?.rows).toEqual(['store#11 = store#70']);
  const moved = store();
  moved[100]![0] = moved[3]![0]; // topic 4 against topic 3
  expect((await asked(moved))[0]?.rows).toEqual(['store#3 ≠ store#100']);
});

test('the same text twice with the same vector is nothing', async () => {
  const rows = store();
  rows.push([...rows[5]!] as Rows[number]);
  expect(kinds(await asked(rows))).toEqual([]);
});

test('a vector that is near to all others is found', async () => {
  const rows = store();
  rows[40]![1] = (rows[40]![1] as number[]).map((_, i) => rows.reduce((sum, [, vector]) => sum + (vector as number[])[i]!, 0) / 4);
  expect(kinds(await asked(rows))).toContain('hub');
});

test('texts of different sources that begin with one question are found, parts of one source are not', async () => {
  const question = (rows: Rows, places: readonly number[]): Rows => rows.map((row, at) => (places.includes(at) ? [`Who wrote the first book about the harbour? ${row[0]}`, row[1], row[2]] : row));
  expect(kinds(await asked(question(store(), [7, 77, 150])))).toEqual(['question-group']);
  expect(kinds(await asked(question(store(), [30, 31, 32])))).toEqual([]);
});

test('vectors that are no numbers, of another length or far too long are counted', async () => {
  const rows = store();
  rows[1]![1] = (rows[1]![1] as number[]).map(() => null);
  rows[2]![1] = (rows[2]![1] as number[]).map(() => 0);
  rows[3]![1] = (rows[3]![1] as number[]).slice(0, 32);
  rows[4]![1] = (rows[4]![1] as number[]).map((one) => 3 * one);
  const health = (await asked(rows)).find(({ detail }) => detail?.['kind'] === 'vector-health');
  expect(health?.what).toContain('1 are not finite, 1 are zero, 1 have another length than the rest, 1 are at least twice as long as usual');
});

test('vectors are read from lists, blobs and text, and from nothing else', () => {
  const numbers = [1, 2, 3, 4, 5, 6, 7, -8.5];
  expect([...vectorOf(numbers)!]).toEqual(numbers);
  expect([...vectorOf(new Uint8Array(Float32Array.from(numbers).buffer))!]).toEqual(numbers);
  expect([...vectorOf(`[${numbers.join(', ')}]`)!]).toEqual(numbers);
  for (const cell of ['[1, 2, three, 4, 5, 6, 7, 8]', '[1,2]', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], new Uint8Array(33), 5, null, undefined]) expect(vectorOf(cell)).toBeUndefined();
});
