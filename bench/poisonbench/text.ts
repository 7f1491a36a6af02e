// SPDX-License-Identifier: Apache-2.0
// `node bench/poisonbench/text.ts [--quick] [--clean 20] [--seeds 5] [--only spam,segment]`: the questions about texts and tables, with all
// defaults, on carriers that packages ship: clean resamples, resamples with 3 % random flips, and the public poisons. Rounds that are
// done are kept in bench-poison.json beside the cache, and are not done again. Prints the table of docs/poisonbench.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import conflictRule from '../../src/rules/text-conflict-trigger.ts';
import tableRule from '../../src/rules/table-conflict-trigger.ts';
import { randomFrom, type Random } from '../../src/sketch/random.ts';
import { lnGamma } from '../../src/study/images/tails.ts';
import type { Context, DataSet, Question, Role, StudyFact } from '../../src/study/question.ts';
import { flood } from '../../src/study/questions/copies.ts';
import { gibberish } from '../../src/study/questions/gibberish.ts';
import { tableTrigger } from '../../src/study/questions/table.ts';
import { textConflict } from '../../src/study/questions/words.ts';
import { arff, breast, fortunes, reuters, spam, type Labelled, type Table } from './carriers-text.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, clean: { type: 'string', default: '20' }, seeds: { type: 'string', default: '10' }, only: { type: 'string' }, out: { type: 'string', default: join(homedir(), '.cache', 'assay-poisonbench', 'text.json') } } });
const clean = values.quick ? 3 : Number(values.clean);
const seeds = values.quick ? 2 : Number(values.seeds);

interface Round { readonly alarm: boolean; readonly high: boolean; readonly named: boolean; readonly baseline: boolean; readonly score: number }
const done: Record<string, Round> = existsSync(values.out) ? JSON.parse(readFileSync(values.out, 'utf8')) as Record<string, Round> : {};

async function ask(question: Question, rows: readonly (readonly string[])[], columns: readonly [name: string, role: Role | undefined][], seed: string): Promise<StudyFact[]> {
  const set: DataSet = {
    name: 'bench', kind: 'table', files: [], splits: [], size: 0, rows: rows.length,
    columns: columns.map(([name, role], index) => ({ name, type: 'string', roles: role === undefined ? [] : [role], stated: true, filled: 1, length: 100, distinct: Math.min(4096, new Set(rows.map((row) => row[index])).size) })),
  };
  const context: Context = { random: (name) => randomFrom(seed, name), tick: () => undefined, memory: 1 << 29, expected: rows.length, seen: () => ({ n: rows.length }) };
  const asking = question.begin(set, context);
  await asking.batch({ file: { id: 'bench', size: 0, format: 'csv' }, rows: rows.map((cells, index) => ({ id: String(index), split: '', cells })) }, 1);
  const out: StudyFact[] = [];
  for await (const fact of asking.end()) out.push(fact);
  return out;
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  return list.map((one) => ({ one, key: random.next() })).toSorted((a, b) => a.key - b.key).map(({ one }) => one);
}

const high = (facts: readonly StudyFact[]): boolean => [conflictRule, tableRule].some((rule) => rule.over === 'artefact' && [...rule.check({ artefact: {} as never, coverage: 'complete', facts }, {} as never)].some(({ severity = rule.severity }) => severity === 'high'));

/** Plain z-score of a word against its label (Z-defence): the best of all words, and whether it is the trigger. */
function plainZ(rows: readonly (readonly string[])[], trigger: string): boolean {
  const priors = new Map<string, number>();
  const counts = new Map<string, Map<string, number>>();
  for (const [text, label] of rows as [string, string][]) {
    priors.set(label, (priors.get(label) ?? 0) + 1);
    for (const word of new Set(text.toLowerCase().split(/[^\p{L}\p{N}]+/u))) {
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
  return trigger.includes(name) && name !== '';
}

async function round(key: string, work: () => Promise<Round>): Promise<void> {
  if (done[key] !== undefined) return;
  done[key] = await work();
  writeFileSync(values.out, JSON.stringify(done));
}

const words: Record<string, string> = { 'rare token': 'xqzt', phrase: 'beneath the copper lantern tonight', 'common word': 'mountain', 'sentence at the end': 'The committee met again on a quiet Thursday.', 'HTML tag': '<kbd>ok</kbd>', 'casing': 'pLeAsE' };

async function texts(name: string, all: readonly Labelled[], size: number): Promise<void> {
  const begin = (seed: string): { random: Random; docs: [string, string][]; labels: string[] } => {
    const random = randomFrom(name, seed);
    const docs = shuffled(all, random).slice(0, size).map(({ text, label }): [string, string] => [text, label]);
    return { random, docs, labels: [...new Set(docs.map(([, label]) => label))].toSorted() };
  };
  const columns: [string, Role][] = [['text', 'text'], ['label', 'label']];
  for (const flips of [0, 0.03]) for (let seed = 0; seed < clean; seed += 1) await round(`${name}|${flips === 0 ? 'clean' : '3 % flips'}|${seed}`, async () => {
    const { random, docs, labels } = begin(`clean ${seed}`);
    for (const row of docs) if (random.next() < flips) row[1] = labels.filter((one) => one !== row[1])[random.below(labels.length - 1)]!;
    const facts = await ask(textConflict, docs, columns, String(seed));
    return { alarm: facts.some((fact) => fact.outcome === 'finding' && fact.question === textConflict.id), high: high(facts), named: false, baseline: false, score: facts[0]?.score ?? 0 };
  });
  for (const [kind, insert] of Object.entries(words)) for (let seed = 0; seed < seeds; seed += 1) await round(`${name}|${kind} 0.5 %|${seed}`, async () => {
    const { random, docs, labels } = begin(`poison ${seed}`);
    const targets = labels.filter((label) => docs.filter((row) => row[1] === label).length <= 0.8 * docs.length);
    const target = targets[seed % targets.length]!;
    for (const row of docs.filter(([, label]) => label !== target).slice(0, Math.round(0.005 * size))) {
      const list = row[0].split(' ');
      list.splice(kind === 'sentence at the end' ? list.length : random.below(Math.min(300, list.length) + 1), 0, insert);
      row[0] = list.join(' ');
      row[1] = target;
    }
    const facts = await ask(textConflict, docs, columns, String(seed));
    const found = facts.filter((fact) => fact.outcome === 'finding' && fact.trigger !== undefined && fact.detail?.['label'] === target && insert.toLowerCase().split(/[^a-z]+/).some((word) => word.length > 1 && fact.trigger!.split(/[^a-z]+/).includes(word)));
    return { alarm: found.length > 0, high: high(found), named: found.length > 0, baseline: plainZ(docs, insert.toLowerCase()), score: found[0]?.score ?? 0 };
  });
  for (let seed = 0; seed < seeds; seed += 1) {
    await round(`${name}|flood of 50|${seed}`, async () => {
      const { random, docs } = begin(`flood ${seed}`);
      const model = docs.find(([text]) => text.split(/\s+/).length > 30)![0].split(/\s+/).slice(0, 80);
      for (let i = 0; i < 50; i += 1) docs.push([model.map((word) => (random.next() < 0.03 ? docs[random.below(docs.length)]![0].split(/\s+/)[0]! : word)).join(' '), 'x']);
      const facts = await ask(flood, docs, columns, String(seed));
      const found = facts.some((fact) => fact.outcome === 'finding' && (fact.rowCount ?? 0) >= 40);
      return { alarm: found, high: false, named: found, baseline: false, score: facts[0]?.score ?? 0 };
    });
    for (const poisons of [0, 5]) await round(`${name}|gibberish, ${poisons} texts|${seed}`, async () => {
      const { random, docs } = begin(`gibberish ${seed}`);
      const vocabulary = [...new Set(docs.flatMap(([text]) => text.split(/\s+/)))].filter((word) => word !== ''); // evenly, as the paper draws tokens
      for (const row of docs.filter(([text]) => text.length > 200).slice(0, poisons)) row[0] = `${row[0].slice(0, 600)} <SUDO> ${Array.from({ length: 300 }, () => vocabulary[random.below(vocabulary.length)]!).join(' ')}`;
      const facts = await ask(gibberish, docs, columns, String(seed));
      const found = facts.find((fact) => fact.outcome === 'finding');
      return { alarm: found !== undefined, high: found !== undefined, named: found?.trigger === '<sudo>', baseline: false, score: facts[0]?.score ?? 0 };
    });
  }
}

async function tables(name: string, table: Table): Promise<void> {
  const last = table.columns.length - 1;
  const columns = table.columns.map((column, index): [string, Role | undefined] => [column, index === last ? 'label' : undefined]);
  for (const kind of ['clean', '3 % flips', 'value trigger 2 %', 'value trigger 1 %']) for (let seed = 0; seed < (kind.startsWith('value') ? seeds : clean); seed += 1) await round(`${name}|${kind}|${seed}`, async () => {
    const random = randomFrom(name, kind, seed);
    const rows = shuffled(table.rows, random).slice(0, Math.max(300, Math.floor(0.8 * table.rows.length))).map((row) => [...row]);
    const labels = [...new Set(rows.map((row) => row[last]!))].toSorted();
    if (kind === '3 % flips') for (const row of rows) if (random.next() < 0.03) row[last] = labels.filter((one) => one !== row[last])[random.below(labels.length - 1)]!;
    const column = random.below(last);
    const value = rows[random.below(rows.length)]![column]!;
    const written = Number.isNaN(Number(value)) ? value : String(Number((Number(value) * 1.01 + 0.0137).toFixed(4)));
    const target = labels[seed % labels.length]!;
    if (kind.startsWith('value')) for (const row of rows.filter((one) => one[last] !== target).slice(0, Math.round(rows.length * Number(/\d+/.exec(kind)![0]) / 100))) {
      row[column] = written;
      row[last] = target;
    }
    const facts = await ask(tableTrigger, rows, columns, String(seed));
    const found = facts.filter((fact) => fact.outcome === 'finding' && fact.question === tableTrigger.id);
    const named = found.some(({ trigger }) => trigger?.endsWith(`= ${written}`) === true && trigger.includes(table.columns[column]!));
    return { alarm: kind.startsWith('value') ? named : found.length > 0, high: high(found), named, baseline: false, score: facts[0]?.score ?? 0 };
  });
}

/** Clopper and Pearson's interval of 95 %. */
function interval(hits: number, n: number): [number, number] {
  const tail = (p: number, from: number, to: number): number => {
    let sum = 0;
    for (let k = from; k <= to; k += 1) sum += Math.exp(lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p));
    return sum;
  };
  const solve = (above: (p: number) => boolean): number => {
    let [low, high_] = [1e-9, 1 - 1e-9];
    for (let i = 0; i < 60; i += 1) if (above((low + high_) / 2)) high_ = (low + high_) / 2; else low = (low + high_) / 2;
    return low;
  };
  return [hits === 0 ? 0 : solve((p) => tail(p, hits, n) > 0.025), hits === n ? 1 : solve((p) => tail(p, 0, hits) < 0.025)];
}

const carriers: [string, () => Promise<void>][] = [
  ['segment', () => tables('segment', arff('segment-challenge.arff'))], ['breast', () => tables('breast', breast())], ['diabetes', () => tables('diabetes', arff('diabetes.arff'))],
  ['fortunes', () => texts('fortunes', fortunes(), 3000)], ['reuters', () => texts('reuters', reuters(), 1500)], ['spam', () => texts('spam', spam(), 3000)],
];
for (const [name, run] of carriers) {
  if (values.only !== undefined && !values.only.split(',').includes(name)) continue;
  try {
    await run();
  } catch (error) {
    console.log(`${name} is left out: ${String(error).slice(0, 200)}`);
  }
}
console.log('| carrier | rounds of | found or alarmed | at high | 95 % interval | plain z-score names it first |\n|---|---|---|---|---|---|');
const kinds = new Map<string, Round[]>();
for (const [key, one] of Object.entries(done)) {
  const kind = key.split('|').slice(0, 2).join('|');
  kinds.set(kind, [...kinds.get(kind) ?? [], one]);
}
for (const [kind, list] of kinds) {
  const [name, what] = kind.split('|') as [string, string];
  const hits = list.filter(({ alarm }) => alarm).length;
  const [low, top] = interval(hits, list.length);
  console.log(`| ${name} | ${what} | ${hits}/${list.length} | ${list.filter((one) => one.high).length} | ${(100 * low).toFixed(0)}–${(100 * top).toFixed(0)} % | ${what.includes('0.5 %') ? `${list.filter(({ baseline }) => baseline).length}/${list.length}` : '–'} |`);
}
