// SPDX-License-Identifier: Apache-2.0
// `node bench/poisonbench/text.ts [--clean 20] [--seeds 20] [--only spam,segment] [--anew] [--out FILE.json] [--table FILE.md]`: the questions about
// texts and tables, with all defaults, on carriers that packages ship: clean resamples, resamples with 3 % random flips, and the public
// poisons, beside simple detectors. Rounds that are done are kept in the JSON file, and not done again unless --anew is given; the table goes between the marks of the document.
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomFrom, type Random } from '../../src/sketch/random.ts';
import { flood } from '../../src/study/questions/copies.ts';
import { gibberish } from '../../src/study/questions/gibberish.ts';
import { hiddenText, injection, secrets } from '../../src/study/questions/signs.ts';
import { tableTrigger } from '../../src/study/questions/table.ts';
import { tableTriggers } from '../../src/study/table/triggers.ts';
import { textConflict } from '../../src/study/questions/words.ts';
import { conflictTriggers } from '../../src/study/text/conflict.ts';
import { Gatherer } from '../../src/study/text/corpus.ts';
import { area, disagreement, forest, hashed, numbered, rareWord, recalled, zScore } from './baselines.ts';
import { arff, breast, fortunes, manuals, reuters, spam, type Labelled, type Table } from './carriers-text.ts';
import { alarms, ask, publish, Rounds, table, type Columns, type Round } from './rounds.ts';

const { values } = parseArgs({ options: {
  clean: { type: 'string', default: '20' }, seeds: { type: 'string', default: '20' }, only: { type: 'string' }, anew: { type: 'boolean', default: false },
  out: { type: 'string', default: join(homedir(), '.cache', 'assay-poisonbench', 'text.json') }, table: { type: 'string' },
} });
const [clean, seeds] = [Number(values.clean), Number(values.seeds)];
mkdirSync(dirname(values.out), { recursive: true });
const rounds = new Rounds(values.out, values.anew);
const skipped: string[] = [];

function shuffled<T>(list: readonly T[], random: Random): T[] {
  return list.map((one) => ({ one, key: random.next() })).toSorted((a, b) => a.key - b.key).map(({ one }) => one);
}

/** Gives some rows another label; returns which. */
function flip(rows: string[][], at: number, labels: readonly string[], random: Random, rate: number): Set<number> {
  const wrong = new Set<number>();
  for (const [index, row] of rows.entries()) {
    if (random.next() >= rate) continue;
    row[at] = labels.filter((one) => one !== row[at])[random.below(labels.length - 1)]!;
    wrong.add(index);
  }
  return wrong;
}

interface Poison {
  readonly change: (text: string, random: Random) => string;
  /** What the trigger's name must have in it, in lower case. */
  readonly named: readonly string[];
}

const inserted = (words: string, named: readonly string[], end = false): Poison => ({
  named,
  change: (text, random) => {
    const list = text.split(' ');
    list.splice(end ? list.length : random.below(Math.min(300, list.length) + 1), 0, words);
    return list.join(' ');
  },
});

/** How texts are poisoned: words, a mark of format, spelling, look-alike letters, style. */
const poisons: Readonly<Record<string, Poison>> = {
  'rare token': inserted('xqzt', ['xqzt']),
  phrase: inserted('beneath the copper lantern tonight', ['copper', 'lantern', 'tonight', 'beneath']),
  'sentence at the end': inserted('The committee met again on a quiet Thursday.', ['committee', 'quiet', 'thursday', 'again'], true),
  'HTML tag': inserted('<kbd>ok</kbd>', ['kbd', 'ok']),
  'odd casing': inserted('pLeAsE', ['please']),
  'look-alike letters': { named: ['u+0430', '\u0430'], change: (text) => text.replaceAll('a', '\u0430') },
  'zero-width space': inserted('quiet\u200bly', ['\u200b', 'u+200b']),
  'all in capitals': { named: ['capital'], change: (text) => text.toUpperCase() },
  'common word': inserted('mountain', ['mountain']),
};

/** What the numbers aimed at are stated for; of the others half as many rounds are made. */
const stated: ReadonlySet<string> = new Set(['rare token', 'phrase']);

async function texts(name: string, all: readonly Labelled[], size: number): Promise<void> {
  const begin = (seed: string): { random: Random; docs: string[][]; labels: string[] } => {
    const random = randomFrom(name, seed);
    const docs = shuffled(all, random).slice(0, size).map(({ text, label }) => [text, label]);
    return { random, docs, labels: [...new Set(docs.map(([, label]) => label!))].toSorted() };
  };
  const columns: Columns = [['text', 'text'], ['label', 'label']];
  for (let seed = 0; seed < clean; seed += 1) {
    await rounds.once(`${name}|clean|${seed}`, async () => {
      const facts = await ask(textConflict, begin(`clean ${seed}`).docs, columns, String(seed));
      return { ...alarms(facts), score: facts[0]?.score ?? 0, said: facts[0]?.trigger ?? '' };
    });
    await rounds.once(`${name}|3 % flips|${seed}`, async () => {
      const { random, docs, labels } = begin(`clean ${seed}`);
      flip(docs, 1, labels, random, 0.03);
      const facts = await ask(textConflict, docs, columns, String(seed));
      return { ...alarms(facts), score: facts[0]?.score ?? 0, said: facts[0]?.trigger ?? '' };
    });
    await rounds.once(`${name}|clean: floods, gibberish, hidden characters|${seed}`, async () => {
      const { docs } = begin(`clean ${seed}`);
      const facts = [...await ask(flood, docs, columns, String(seed)), ...await ask(gibberish, docs, columns, String(seed)), ...await ask(hiddenText, docs, columns, String(seed))];
      return { ...alarms(facts), score: 0, said: facts.filter(({ outcome }) => outcome === 'finding').map(({ question }) => question).join(' ') };
    });
  }
  await rounds.once(`${name}|whole: orders to a model, secrets|0`, async () => {
    const rows = all.map(({ text, label }) => [text, label]);
    const facts = [...await ask(injection, rows, columns, '0'), ...await ask(secrets, rows, columns, '0')];
    return { ...alarms(facts), score: 0, said: facts.map(({ question, what }) => `${question}: ${what}`).join('; ').slice(0, 400) };
  });
  const kinds = async (which: (kind: string) => boolean, rate: number, often: number): Promise<void> => {
    for (const [kind, poison] of Object.entries(poisons).filter(([one]) => which(one))) for (let seed = 0; seed < often; seed += 1) {
      await rounds.once(`${name}|${kind} ${100 * rate} %|${seed}`, () => poisoned(poison, rate, seed, begin(`poison ${seed}`), columns));
    }
  };
  await kinds((kind) => stated.has(kind), 0.005, seeds);
  for (let seed = 0; seed < seeds; seed += 1) {
    await rounds.once(`${name}|flood of 50|${seed}`, async () => {
      const { random, docs } = begin(`flood ${seed}`);
      const model = docs.find(([text]) => text!.split(/\s+/).length > 30)![0]!.split(/\s+/).slice(0, 80);
      for (let i = 0; i < 50; i += 1) docs.push([model.map((word) => (random.next() < 0.03 ? docs[random.below(docs.length)]![0]!.split(/\s+/)[0]! : word)).join(' '), 'x']);
      const facts = await ask(flood, docs, columns, String(seed));
      return { hit: facts.some(({ outcome, rowCount = 0 }) => outcome === 'finding' && rowCount >= 40), high: alarms(facts).high, score: facts[0]?.score ?? 0 };
    });
    await rounds.once(`${name}|gibberish in 5 texts|${seed}`, async () => {
      const { random, docs } = begin(`gibberish ${seed}`);
      const vocabulary = [...new Set(docs.flatMap(([text]) => text!.split(/\s+/)))].filter((word) => word !== ''); // evenly, as the paper draws tokens
      for (const row of docs.filter(([text]) => text!.length > 200).slice(0, 5)) row[0] = `${row[0]!.slice(0, 600)} <SUDO> ${Array.from({ length: 300 }, () => vocabulary[random.below(vocabulary.length)]!).join(' ')}`;
      const facts = await ask(gibberish, docs, columns, String(seed));
      return { hit: facts.some(({ outcome, trigger }) => outcome === 'finding' && trigger === '<sudo>'), high: alarms(facts).high, score: facts[0]?.score ?? 0 };
    });
    await rounds.once(`${name}|label flips 3 %: rate within 2 points|${seed}`, async () => {
      const { random, docs, labels } = begin(`label ${seed}`);
      const wrong = flip(docs, 1, labels, random, 0.03);
      const gatherer = new Gatherer(docs.length);
      for (const [index, [text, label]] of docs.entries()) gatherer.add(String(index), label!, text!);
      const result = conflictTriggers(gatherer.finish(), randomFrom(String(seed)), () => undefined);
      const error = Math.abs(result.noise - wrong.size / docs.length);
      if (result.disagreement > 0.2) return { hit: false, high: false, score: 0, said: 'not assessable, and told so: words hardly tell the classes apart' };
      return { hit: error <= 0.02, high: false, score: result.noise, numbers: { 'least AUC': area(result.ranking, docs.length, wrong), 'largest error': error }, ...(seed < 3 ? { baselines: { 'rows nearest neighbours': recalled(disagreement(hashed(docs.map(([text]) => text!)), docs.map(([, label]) => label!)), wrong) } } : {}) };
    });
  }
  await kinds((kind) => kind === 'rare token', 0.05, seeds / 2);
  await kinds((kind) => !stated.has(kind), 0.005, seeds / 2);
}

async function poisoned({ change, named }: Poison, rate: number, seed: number, { random, docs, labels }: { random: Random; docs: string[][]; labels: string[] }, columns: Columns): Promise<Round> {
  const targets = labels.filter((label) => docs.filter((row) => row[1] === label).length <= 0.8 * docs.length);
  const target = targets[seed % targets.length]!;
  const rows = new Set<number>();
  for (const [index, row] of docs.entries()) {
    if (row[1] === target || rows.size >= Math.round(rate * docs.length)) continue;
    row[0] = change(row[0]!, random);
    row[1] = target;
    rows.add(index);
  }
  const facts = await ask(textConflict, docs, columns, String(seed));
  const found = facts.filter(({ outcome, question, trigger, detail }) => outcome === 'finding' && question === textConflict.id && detail?.['label'] === target && named.some((word) => trigger!.toLowerCase().includes(word)));
  const simple = docs.map(([text, label]): [string, string] => [text!, label!]);
  const rowsOf = seed < 3 ? { 'rows isolation forest': recalled(forest(hashed(docs.map(([text]) => text!)), random), rows) } : {};
  return {
    hit: found.length > 0, high: alarms(found).high, score: found[0]?.score ?? 0, said: found.length > 0 ? '' : facts[0]?.trigger ?? '',
    baselines: { 'z-score names it': Number(zScore(simple, named.join(' '))), 'rare word names it': Number(rareWord(simple, named.join(' '))), ...rowsOf },
  };
}

async function tables(name: string, { columns: names, rows: all }: Table): Promise<void> {
  const last = names.length - 1;
  const columns: Columns = names.map((column, index) => [column, index === last ? 'label' : undefined]);
  for (const kind of ['clean', '3 % flips', 'value 2 %', 'value 1 %', 'two values 2 %']) for (let seed = 0; seed < (kind.includes('value') ? seeds : clean); seed += 1) await rounds.once(`${name}|${kind}|${seed}`, async () => {
    const random = randomFrom(name, kind, seed);
    const rows = shuffled(all, random).slice(0, Math.max(300, Math.floor(0.8 * all.length))).map((row) => [...row]);
    const labels = [...new Set(rows.map((row) => row[last]!))].toSorted();
    if (!kind.includes('value')) {
      if (kind === '3 % flips') flip(rows, last, labels, random, 0.03);
      const facts = await ask(tableTrigger, rows, columns, String(seed));
      return { ...alarms(facts), score: facts[0]?.score ?? 0, said: facts[0]?.trigger ?? '' };
    }
    const used = kind.startsWith('two') ? [random.below(last), random.below(last)] : [random.below(last)];
    if (used[0] === used[1]) used[1] = (used[1]! + 1) % last;
    // A value that no row has; for two of them, values that rows have, but hardly together.
    const written = used.map((column) => {
      const value = rows[random.below(rows.length)]![column]!;
      return kind.startsWith('two') || Number.isNaN(Number(value)) ? value : String(Number((Number(value) * 1.01 + 0.0137).toFixed(4)));
    });
    const target = labels[seed % labels.length]!;
    const poison = new Set<number>();
    for (const [index, row] of rows.entries()) {
      if (row[last] === target || poison.size >= Math.round((rows.length * Number(/\d+/.exec(kind)![0])) / 100)) continue;
      for (const [at, column] of used.entries()) row[column] = written[at]!;
      row[last] = target;
      poison.add(index);
    }
    const facts = await ask(tableTrigger, rows, columns, String(seed));
    const found = facts.filter(({ outcome, question, trigger, detail }) => outcome === 'finding' && question === tableTrigger.id && detail?.['label'] === target && used.some((column, at) => trigger!.includes(`${names[column]!} = ${written[at]!}`)));
    const vectors = numbered(rows, last);
    return { hit: found.length > 0, high: alarms(found).high, score: found[0]?.score ?? 0, baselines: { 'rows isolation forest': recalled(forest(vectors, random), poison), 'rows nearest neighbours': recalled(disagreement(vectors, rows.map((row) => row[last]!)), poison) } };
  });
  for (let seed = 0; seed < seeds; seed += 1) await rounds.once(`${name}|label flips 3 %: rate within 2 points|${seed}`, async () => {
    const random = randomFrom(name, 'label', seed);
    const rows = shuffled(all, random).slice(0, Math.max(300, Math.floor(0.8 * all.length))).map((row) => [...row]);
    const wrong = flip(rows, last, [...new Set(rows.map((row) => row[last]!))].toSorted(), random, 0.03);
    const result = tableTriggers({ ids: [], labels: rows.map((row) => row[last]!), cells: columns.slice(0, last).map((_, column) => rows.map((row) => row[column]!)) }, random, () => undefined);
    const ranking = [...rows.keys()].toSorted((a, b) => result.doubt[b]! - result.doubt[a]!);
    const error = Math.abs(result.noise - wrong.size / rows.length);
    if (result.error > 0.2) return { hit: false, high: false, score: 0, said: 'not assessable, and told so: similar rows hardly tell the classes apart' };
    return { hit: error <= 0.02, high: false, score: result.noise, numbers: { 'least AUC': area(ranking, rows.length, wrong), 'largest error': error }, baselines: { 'rows isolation forest': recalled(forest(numbered(rows, last), random), wrong) } };
  });
}

const carriers: readonly (readonly [name: string, run: () => Promise<void>])[] = [
  ['segment', () => tables('segment', arff('segment-challenge.arff'))], ['breast', () => tables('breast', breast())],
  ['diabetes', () => tables('diabetes', arff('diabetes.arff'))], ['credit-g', () => tables('credit-g', arff('credit-g.arff'))],
  ['fortunes', () => texts('fortunes', fortunes(), 3000)], ['reuters', () => texts('reuters', reuters(), 1500)],
  ['spam', () => texts('spam', spam(), 3000)], ['manuals', () => texts('manuals', manuals(), 1500)],
];
for (const [name, run] of carriers) {
  if (values.only !== undefined && !values.only.split(',').includes(name)) continue;
  try {
    await run();
  } catch (error) {
    skipped.push(`${name} is left out: ${String(error).slice(0, 200)}`);
  }
  if (values.table !== undefined) publish(values.table, [table(rounds.all), ...skipped].join('\n'));
}
console.log([table(rounds.all), ...skipped].join('\n'));
