// SPDX-License-Identifier: Apache-2.0
// What the rounds of the benchmark of texts and tables share: putting a question, keeping what came out, and telling it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import conflictRule from '../../src/rules/text-conflict-trigger.ts';
import floodRule from '../../src/rules/near-duplicate-flood.ts';
import gibberishRule from '../../src/rules/gibberish-trigger.ts';
import hiddenRule from '../../src/rules/hidden-unicode.ts';
import injectionRule from '../../src/rules/injection-text.ts';
import secretsRule from '../../src/rules/data-secrets.ts';
import tableRule from '../../src/rules/table-conflict-trigger.ts';
import { randomFrom } from '../../src/sketch/random.ts';
import { binomialTail } from '../../src/study/images/tails.ts';
import type { Context, DataSet, Question, Role, StudyFact } from '../../src/study/question.ts';

export interface Round {
  /** Clean rounds: an alarm of medium or high; others: found, with the trigger and its label named. */
  readonly hit: boolean;
  /** At `high`. */
  readonly high: boolean;
  readonly score: number;
  /** Whether a simple detector names the trigger first (0 or 1), or the share of poisoned rows among as many it suspects most. */
  readonly baselines?: Readonly<Record<string, number>>;
  /** Other measures: area under the curve, error of the rate. */
  readonly numbers?: Readonly<Record<string, number>>;
  /** What was found instead. */
  readonly said?: string;
}

export type Columns = readonly (readonly [name: string, role: Role | undefined])[];

/** Puts one question to rows, as a scan does, with all defaults. */
export async function ask(question: Question, rows: readonly (readonly string[])[], columns: Columns, seed: string): Promise<StudyFact[]> {
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

const rules = [conflictRule, tableRule, gibberishRule, floodRule, hiddenRule, injectionRule, secretsRule];

/** Severities of what the rules make of the facts. */
export function severities(facts: readonly StudyFact[]): string[] {
  return rules.flatMap((rule) => (rule.over === 'artefact' ? [...rule.check({ artefact: {} as never, coverage: 'complete', facts }, {} as never)].map(({ severity = rule.severity }) => severity) : []));
}

export function alarms(facts: readonly StudyFact[]): Pick<Round, 'hit' | 'high'> {
  const all = severities(facts);
  return { hit: all.some((one) => one !== 'low' && one !== 'info'), high: all.includes('high') };
}

/** Rounds that are done, kept beside the cache so that a run which was cut short goes on. */
export class Rounds {
  readonly #file: string;
  readonly all: Record<string, Round>;

  constructor(file: string, anew: boolean) {
    this.#file = file;
    this.all = !anew && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Record<string, Round> : {};
  }

  async once(key: string, work: () => Promise<Round>): Promise<void> {
    if (this.all[key] !== undefined) return;
    this.all[key] = await work();
    writeFileSync(this.#file, `${JSON.stringify(this.all, undefined, 1)}\n`);
  }
}

/** Clopper and Pearson's exact interval of 95 %. */
export function interval(hits: number, n: number): readonly [low: number, high: number] {
  const atLeast = (k: number, p: number): number => (k <= 0 ? 1 : k > n * p ? 10 ** -binomialTail(k, n, p) : 1 - 10 ** -binomialTail(n - k + 1, n, 1 - p));
  const solve = (below: (p: number) => boolean): number => {
    let [low, high] = [0, 1];
    for (let i = 0; i < 50; i += 1) if (below((low + high) / 2)) low = (low + high) / 2; else high = (low + high) / 2;
    return low;
  };
  return [hits === 0 ? 0 : solve((p) => atLeast(hits, p) < 0.025), hits === n ? 1 : solve((p) => atLeast(hits + 1, p) < 0.975)];
}

/** One line for each kind of round. */
export function table(rounds: Readonly<Record<string, Round>>): string {
  const lines = ['| carrier | what was done | found (or alarmed) | at high | 95 % interval | simple detectors | numbers |', '|---|---|---|---|---|---|---|'];
  for (const [kind, list] of Map.groupBy(Object.entries(rounds), ([key]) => key.split('|').slice(0, 2).join('|'))) {
    const [carrier, what] = kind.split('|') as [string, string];
    const done = list.map(([, round]) => round);
    const hits = done.filter(({ hit }) => hit).length;
    const [low, high] = interval(hits, done.length);
    lines.push(`| ${carrier} | ${what} | ${hits} of ${done.length} | ${done.filter((one) => one.high).length} | ${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)} % | ${simple(done.flatMap(({ baselines }) => (baselines === undefined ? [] : [baselines])))} | ${numbers(done) || notAssessable(done)} |`);
  }
  return `${lines.join('\n')}\n`;
}

/** What simple detectors found in some rounds: how often they name the trigger, and their mean share of the poisoned rows. */
export function simple(rounds: readonly Readonly<Record<string, number>>[]): string {
  const names = new Set(rounds.flatMap((round) => Object.keys(round)));
  return [...names].map((name) => {
    const values = rounds.flatMap((round) => round[name] ?? []);
    const sum = values.reduce((total, one) => total + one, 0);
    return name.startsWith('rows') ? `${name.slice(5)} ${(100 * sum / values.length).toFixed(0)} % of the rows` : `${name} ${sum} of ${values.length}`;
  }).join(', ');
}

/** Where it was said that the question cannot be answered. */
function notAssessable(done: readonly Round[]): string {
  const said = done.filter(({ said: words = '' }) => words.startsWith('not assessable')).length;
  return said === 0 ? '' : `told as not assessable in ${said}`;
}

function numbers(done: readonly Round[]): string {
  const names = new Set(done.flatMap((round) => Object.keys(round.numbers ?? {})));
  return [...names].map((name) => {
    const values = done.flatMap((round) => round.numbers?.[name] ?? []);
    return `${name} ${(name.startsWith('least') ? Math.min(...values) : Math.max(...values)).toFixed(3)}`;
  }).join(', ');
}

/** Puts results between the marks of a document, and leaves what people wrote around them; a document without marks is written anew. */
export function publish(file: string, results: string): void {
  const [begin, end] = ['<!-- results -->', '<!-- end of results -->'];
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  writeFileSync(file, from < 0 || to < from ? `${begin}\n${results}\n${end}\n` : `${old.slice(0, from + begin.length)}\n${results}\n${old.slice(to)}`);
}
