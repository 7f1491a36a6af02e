// SPDX-License-Identifier: Apache-2.0
// `node bench/poisonbench/images.ts [--seeds 20] [--clean 20] [--nasty 20] [--only TEXT] [--out FILE.json] [--table FILE.md]`: how many poisoned sets
// of pictures are found, and how many clean ones raise an alarm. Carriers come from Debian packages, and are left out where absent.
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { factsOf } from '../../src/study/images/facts.ts';
import { contentOf, votes } from '../../src/study/images/content.ts';
import { noiseOf } from '../../src/study/images/noise.ts';
import type { Pictures } from '../../src/study/images/pictures.ts';
import type { StudyFact } from '../../src/study/question.ts';
import { simple as simpleOn } from './baselines-images.ts';
import { interval, publish, simple } from './rounds.ts';
import { digits, fashion, photos, resample, type Labelled } from './carriers-images.ts';
import { flips, flooded, jpeg, marked, poisons, type Poisoned } from './poisons-images.ts';

const { values } = parseArgs({ options: {
  seeds: { type: 'string', default: '20' }, clean: { type: 'string', default: '20' }, nasty: { type: 'string', default: '20' }, only: { type: 'string', default: '' },
  out: { type: 'string' }, table: { type: 'string' }, cache: { type: 'string', default: join(homedir(), '.cache/assay-poisonbench') },
} });

interface Result {
  readonly carrier: string;
  readonly n: number;
  readonly poison: string;
  readonly rate: number;
  readonly seeds: number;
  /** Sets with a finding of the question; for clean sets, false alarms at `high`. */
  readonly found: number;
  /** Of these, sets whose trigger or class and rows are the ones that were planted. */
  readonly named: number;
  /** Exact 95 % interval of `found` / `seeds` (Clopper and Pearson). */
  readonly interval: readonly [number, number];
  /** Sets of these with a finding of any severity. */
  readonly any?: number;
  /** Sets with a finding, by question. */
  readonly by?: Readonly<Record<string, number>>;
  readonly numbers?: Readonly<Record<string, number>>;
  /** What the simple detectors found in the first three rounds. */
  readonly baselines?: readonly Readonly<Record<string, number>>[];
  /** Seconds of the study, without the simple detectors. */
  readonly seconds: number;
}

const results: Result[] = [];
const alarming = new Set(['image-stamp', 'image-conflict-trigger']);

function pictures(set: Labelled): Pictures {
  const count = set.labels.length;
  return { count, among: count, whole: set, labels: set.labels, classes: set.classes, id: String };
}

function study(set: Labelled): StudyFact[] {
  return [...factsOf(pictures(set), 'set', () => {})].filter(({ outcome }) => outcome === 'finding');
}

/** Whether a finding names what was planted: the label, and rows of which four in five are poisoned. */
function names(fact: StudyFact, { rows, target, classes }: Poisoned): boolean {
  const meant = new Set(rows.map(String));
  const listed = fact.rows ?? [];
  return (target === undefined || fact.detail?.['label'] === classes[target]) && listed.length > 0 && listed.filter((row) => meant.has(row)).length >= 0.8 * listed.length;
}

async function measure(carrier: string, n: number, poison: string, rate: number, seeds: number, make: (seed: number) => Promise<Poisoned | Labelled | undefined>, counts: (fact: StudyFact) => boolean): Promise<void> {
  if (seeds === 0 || !`${carrier} ${poison}`.includes(values.only)) return;
  let [found, named, any, spent] = [0, 0, 0, 0];
  const baselines: Record<string, number>[] = [];
  const by: Record<string, number> = {};
  for (let seed = 1; seed <= seeds; seed += 1) {
    const set = await make(seed);
    if (set === undefined) return;
    const begin = performance.now();
    const facts = study(set);
    spent += performance.now() - begin;
    if (facts.length > 0) any += 1;
    for (const question of new Set(facts.map((fact) => fact.question))) by[question] = (by[question] ?? 0) + 1;
    const hits = facts.filter(counts);
    if (hits.length > 0) found += 1;
    if (!('rows' in set) || set.rows.length === 0) continue;
    if (hits.some((fact) => names(fact, set))) named += 1;
    if (seed <= 3) baselines.push(simpleOn(set, seed));
  }
  add({ carrier, n, poison, rate, seeds, found, named, interval: exact(found, seeds), any, by, baselines, seconds: Math.round(spent / 1000) });
}

function add(result: Result): void {
  results.push(result);
  console.log(JSON.stringify(result));
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(results, undefined, 1)}\n`);
  if (values.table !== undefined) publish(values.table, table());
}

function exact(hits: number, n: number): readonly [number, number] {
  const [low, high] = interval(hits, n);
  return [Number(low.toFixed(3)), Number(high.toFixed(3))];
}

function auc(scores: Float32Array, positive: (i: number) => boolean): number {
  const order = Array.from(scores, (score, i) => ({ score, hit: positive(i) })).toSorted((a, b) => a.score - b.score);
  let [ranks, hits] = [0, 0];
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (j < order.length && order[j]!.score === order[i]!.score) j += 1;
    for (let k = i; k < j; k += 1) {
      if (!order[k]!.hit) continue;
      ranks += (i + j + 1) / 2;
      hits += 1;
    }
    i = j;
  }
  return (ranks - (hits * (hits + 1)) / 2) / (hits * (order.length - hits));
}

interface Carrier {
  readonly name: string;
  readonly n: number;
  readonly draw: (seed: number, n?: number) => Promise<Labelled | undefined>;
  readonly rates: readonly number[];
}

async function carriers(): Promise<Carrier[]> {
  const [cloth, hand] = [fashion(values.cache), digits(values.cache)];
  const list: Carrier[] = [];
  if (hand !== undefined) list.push({ name: 'digits 8×8', n: 1600, rates: [0.01], draw: async (seed, n = 1600) => resample(hand, n, seed) });
  if (cloth !== undefined) list.push({ name: 'Fashion-MNIST 28×28', n: 6000, rates: [0.01], draw: async (seed, n = 6000) => resample(cloth, n, seed) });
  if ((await photos(values.cache, 10, 1)) !== undefined) list.push({ name: 'photograph pieces 32×32 RGB', n: 3000, rates: [0.01], draw: (seed, n = 3000) => photos(values.cache, n, seed) });
  for (const [name, here] of [['dataset-fashion-mnist', cloth], ['python3-sklearn', hand]] as const) if (here === undefined) console.log(`left out: package ${name} could not be fetched`);
  return list;
}

const alarm = (fact: StudyFact): boolean => alarming.has(fact.question);

async function all(): Promise<void> {
  const [seeds, clean, nasty] = [Number(values.seeds), Number(values.clean), Number(values.nasty)];
  for (const { name, n, draw, rates } of await carriers()) {
    const mapped = async (seed: number, change: (set: Labelled) => Labelled | Poisoned): Promise<Labelled | undefined> => {
      const set = await draw(seed);
      return set === undefined ? undefined : change(set);
    };
    await measure(name, n, 'none', 0, clean, (seed) => draw(1000 + seed), alarm);
    await measure(name, n, 'none; random flips', 0.03, clean, (seed) => mapped(1000 + seed, (set) => ({ ...flips(set, 0.03, seed), rows: [] })), alarm);
    await measure(name, n, 'none; watermark on one class', 0, nasty, (seed) => mapped(2000 + seed, (set) => marked(set, (label) => label === seed % set.classes.length, false)), alarm);
    await measure(name, n, 'none; watermark on one class, random flips', 0.03, nasty, (seed) => mapped(2000 + seed, (set) => ({ ...flips(marked(set, (label) => label === seed % set.classes.length, false), 0.03, seed), rows: [] })), alarm);
    await measure(name, n, 'none; frames on half of the pictures', 0, nasty, (seed) => mapped(3000 + seed, (set) => marked(set, (_, i) => (i * 7 + seed) % 2 === 0, true)), alarm);
    for (const rate of rates) for (const [kind, poison] of Object.entries(poisons)) await measure(name, n, kind, rate, seeds, async (seed) => mapped(seed, (set) => poison(set, rate, seed)), alarm);
    await measure(name, n, 'flood of 50', 50 / n, seeds, (seed) => mapped(seed, (set) => flooded(set, 50, seed)), ({ question }) => question === 'image-near-duplicates');
    await labelFlips(name, n, draw, seeds);
    if (name.startsWith('Fashion')) await atTenThousand(name, draw, seeds);
  }
}

/** What is stated for 10,000 pictures: 20 poisoned ones, and 50 that are saved as JPEG. */
async function atTenThousand(name: string, draw: Carrier['draw'], seeds: number): Promise<void> {
  for (const kind of ['white 3×3', 'white 3×3, clean label', 'checkerboard 3×3', 'checkerboard 3×3, clean label', 'noise 4×4, clean label']) {
    await measure(name, 10_000, kind, 0.002, seeds, async (seed) => poisons[kind]!((await draw(seed, 10_000))!, 0.002, seed), alarm);
  }
  for (const quality of [95, 85]) {
    await measure(name, 10_000, `white 3×3, JPEG ${quality}`, 0.005, Math.min(seeds, 10), async (seed) => jpeg(poisons['white 3×3']!((await draw(seed, 10_000))!, 0.005, seed), quality), alarm);
  }
  await measure(name, 10_000, 'none; JPEG 95', 0, Math.min(seeds, 10), async (seed) => jpeg((await draw(4000 + seed, 10_000))!, 95), alarm);
}

async function labelFlips(carrier: string, n: number, draw: Carrier['draw'], seeds: number): Promise<void> {
  const rate = 0.03;
  if (!`${carrier} label flips`.includes(values.only)) return;
  const begin = performance.now();
  const rates: number[] = [];
  const areas: number[] = [];
  const baselines: Record<string, number>[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    const set = await draw(seed);
    if (set === undefined) return;
    const flipped = flips(set, rate, seed);
    const content = contentOf(pictures(flipped), () => {});
    const noise = noiseOf(content, votes(content, flipped.labels, set.classes.length), flipped.labels, set.classes.length);
    const wrong = new Set(flipped.rows);
    rates.push(noise.rate - flipped.rows.length / flipped.labels.length);
    areas.push(auc(noise.suspicion, (i) => wrong.has(content.rows[i]!)));
    if (seed <= 3) baselines.push(simpleOn(flipped, seed));
  }
  const found = rates.filter((error) => Math.abs(error) <= 0.02).length;
  add({
    carrier, n, poison: 'label flips', rate, seeds, found, named: areas.filter((area) => area >= 0.95).length, interval: exact(found, seeds), baselines,
    numbers: { 'least AUC': Number(Math.min(...areas).toFixed(3)), 'largest error of the rate': Number(Math.max(...rates.map(Math.abs)).toFixed(4)) }, seconds: Math.round((performance.now() - begin) / 1000),
  });
}

function table(): string {
  const lines = results.map(({ carrier, n, poison, rate, seeds, found, named, interval: [low, high], numbers, baselines = [] }) => {
    const more = numbers === undefined ? '' : Object.entries(numbers).map(([key, value]) => `${key} ${value}`).join(', ');
    return `| ${carrier} | ${n} | ${poison} | ${(100 * rate).toFixed(1)} % | ${found} of ${seeds} | ${poison.startsWith('none') ? '' : `${named} of ${seeds}`} | ${low} to ${high} | ${simple(baselines)} | ${more} |`;
  });
  return ['| carrier | pictures | poison | rate | found | named | 95 % interval | simple detectors | |', '|---|---|---|---|---|---|---|---|---|', ...lines, ''].join('\n');
}

await all();
