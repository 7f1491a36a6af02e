// SPDX-License-Identifier: Apache-2.0
// The simple detectors that everything is measured against, in the same rounds: a word's plain z-score against its label (Z-defence,
// arXiv 2305.11596), the least likely word of each text (ONION, arXiv 2011.10369, with a bigram model for a language model), isolation
// forest, and disagreement with the nearest neighbours.
import type { Random } from '../../src/sketch/random.ts';
import { hash32 } from '../../src/sketch/random.ts';

export type Labelled = readonly [text: string, label: string];

const split = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');

/** Whether a name is (part of) the trigger. */
const meant = (name: string, trigger: string): boolean => name !== '' && split(trigger).includes(name);

/** Whether the word with the largest z-score against a label is the trigger. */
export function zScore(rows: readonly Labelled[], trigger: string): boolean {
  const priors = new Map<string, number>();
  const counts = new Map<string, Map<string, number>>();
  for (const [text, label] of rows) {
    priors.set(label, (priors.get(label) ?? 0) + 1);
    for (const word of new Set(split(text))) {
      const of = counts.get(word) ?? new Map<string, number>();
      of.set(label, (of.get(label) ?? 0) + 1);
      counts.set(word, of);
    }
  }
  let [best, name] = [0, ''];
  for (const [word, of] of counts) {
    const n = [...of.values()].reduce((sum, one) => sum + one, 0);
    if (n >= 5) for (const [label, count] of of) {
      const p = priors.get(label)! / rows.length;
      const z = (count / n - p) * Math.sqrt(n / (p * (1 - p)));
      if (z > best) [best, name] = [z, word];
    }
  }
  return meant(name, trigger);
}

/** Whether the word that is most often the least likely one of its text, for how rare it is, is the trigger. */
export function rareWord(rows: readonly Labelled[], trigger: string): boolean {
  const [words, pairs, documents] = [new Map<string, number>(), new Map<number, number>(), new Map<string, number>()];
  const texts = rows.map(([text]) => split(text).slice(0, 400));
  const key = (a: string, b: string): number => hash32(`${a} ${b}`, 7);
  for (const text of texts) {
    for (const [at, word] of text.entries()) {
      words.set(word, (words.get(word) ?? 0) + 1);
      if (at > 0) pairs.set(key(text[at - 1]!, word), (pairs.get(key(text[at - 1]!, word)) ?? 0) + 1);
    }
    for (const word of new Set(text)) documents.set(word, (documents.get(word) ?? 0) + 1);
  }
  const total = texts.reduce((sum, text) => sum + text.length, 0);
  const surprise = (a: string | undefined, b: string | undefined): number => (a === undefined || b === undefined ? 0 : -Math.log(((pairs.get(key(a, b)) ?? 0) + (5 * words.get(b)!) / total) / (words.get(a)! + 5)));
  const least = new Map<string, number>();
  for (const text of texts) {
    let [gain, found] = [-Infinity, ''];
    for (const [at, word] of text.entries()) {
      const [before, after] = [text[at - 1], text[at + 1]];
      const one = surprise(before, word) + surprise(word, after) - surprise(before, after);
      if (one > gain) [gain, found] = [one, word];
    }
    if (found !== '') least.set(found, (least.get(found) ?? 0) + 1);
  }
  let [best, name] = [0, ''];
  for (const [word, count] of least) {
    const score = (count * count) / documents.get(word)!;
    if (score > best) [best, name] = [score, word];
  }
  return meant(name, trigger);
}

/** Texts as 128 numbers: hashed words, weighted by how rare they are, each text of length one. */
export function hashed(texts: readonly string[]): Float32Array[] {
  const counts = new Map<string, number>();
  const bags = texts.map((text) => new Set(split(text).slice(0, 400)));
  for (const bag of bags) for (const word of bag) counts.set(word, (counts.get(word) ?? 0) + 1);
  return bags.map((bag) => {
    const out = new Float32Array(128);
    for (const word of bag) {
      const hash = hash32(word, 3);
      out[hash % 128]! += (hash & 0x8000 ? 1 : -1) * Math.log(texts.length / counts.get(word)!);
    }
    const norm = Math.sqrt(out.reduce((sum, value) => sum + value * value, 0)) || 1;
    return out.map((value) => value / norm);
  });
}

/** Columns of a table as numbers: standardised, or how rare a word is in its column. */
export function numbered(rows: readonly (readonly string[])[], columns: number): Float32Array[] {
  const out = rows.map(() => new Float32Array(columns));
  for (let column = 0; column < columns; column += 1) {
    const numbers = rows.map((row) => Number(row[column]));
    const counts = new Map<string, number>();
    for (const row of rows) counts.set(row[column]!, (counts.get(row[column]!) ?? 0) + 1);
    const numeric = numbers.filter((one) => Number.isFinite(one)).length > 0.7 * rows.length;
    const values = rows.map((row, at) => (numeric ? (Number.isFinite(numbers[at]!) ? numbers[at]! : 0) : -Math.log(counts.get(row[column]!)! / rows.length)));
    const mean = values.reduce((sum, one) => sum + one, 0) / rows.length;
    const spread = Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / rows.length) || 1;
    for (const [at, value] of values.entries()) out[at]![column] = (value - mean) / spread;
  }
  return out;
}

/** Isolation forest (Liu 2008), 100 trees of 256 rows: a score for each row, the larger the odder. */
export function forest(rows: readonly Float32Array[], random: Random): Float64Array {
  const depth = new Float64Array(rows.length);
  const width = rows[0]?.length ?? 0;
  const most = 8;
  const path = (size: number): number => (size <= 1 ? 0 : 2 * (Math.log(size - 1) + 0.5772) - (2 * (size - 1)) / size);
  for (let tree = 0; tree < 100; tree += 1) {
    const grow = (sample: readonly number[], held: readonly number[], level: number): void => {
      const column = random.below(width);
      let [low, high] = [Infinity, -Infinity];
      for (const row of sample) {
        low = Math.min(low, rows[row]![column]!);
        high = Math.max(high, rows[row]![column]!);
      }
      if (level === most || sample.length <= 1 || low === high) {
        for (const row of held) depth[row]! += level + path(sample.length);
        return;
      }
      const at = low + random.next() * (high - low);
      const side = (list: readonly number[], left: boolean): number[] => list.filter((row) => rows[row]![column]! < at === left);
      grow(side(sample, true), side(held, true), level + 1);
      grow(side(sample, false), side(held, false), level + 1);
    };
    grow(Array.from({ length: Math.min(256, rows.length) }, () => random.below(rows.length)), rows.map((_, row) => row), 0);
  }
  return depth.map((sum) => -sum);
}

/** Share of the eleven nearest rows with another label, for each row. */
export function disagreement(rows: readonly Float32Array[], labels: readonly string[]): Float64Array {
  const width = rows[0]?.length ?? 0;
  return Float64Array.from(rows, (one, row) => {
    const near = new Float64Array(11).fill(Infinity);
    const of = new Int32Array(11).fill(-1);
    for (let other = 0; other < rows.length; other += 1) {
      if (other === row) continue;
      const two = rows[other]!;
      let sum = 0;
      for (let i = 0; i < width && sum < near[10]!; i += 1) sum += (one[i]! - two[i]!) ** 2;
      if (sum >= near[10]!) continue;
      let at = 10;
      while (at > 0 && near[at - 1]! > sum) {
        near[at] = near[at - 1]!;
        of[at] = of[at - 1]!;
        at -= 1;
      }
      near[at] = sum;
      of[at] = other;
    }
    return [...of].filter((other) => other >= 0 && labels[other] !== labels[row]).length / 11;
  });
}

/** Of the poisoned rows, those among as many rows with the largest scores. */
export function recalled(scores: Float64Array, poisoned: ReadonlySet<number>): number {
  const top = [...scores.keys()].toSorted((a, b) => scores[b]! - scores[a]! || a - b).slice(0, poisoned.size);
  return top.filter((row) => poisoned.has(row)).length / Math.max(1, poisoned.size);
}

/** Area under the curve of a ranking, the most suspected first; rows that are not in it are the least suspected. */
export function area(ranking: readonly number[], n: number, wrong: ReadonlySet<number>): number {
  const place = new Float64Array(n).fill((ranking.length + n) / 2);
  for (const [at, row] of ranking.entries()) place[row] = at;
  const negatives = [...place.keys()].filter((row) => !wrong.has(row)).map((row) => place[row]!).toSorted((a, b) => a - b);
  let sum = 0;
  for (const row of wrong) {
    let [low, high] = [0, negatives.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (negatives[middle]! < place[row]!) low = middle + 1;
      else high = middle;
    }
    let equal = low;
    while (equal < negatives.length && negatives[equal] === place[row]) equal += 1;
    sum += (negatives.length - equal + (equal - low) / 2) / negatives.length;
  }
  return sum / Math.max(1, wrong.size);
}
