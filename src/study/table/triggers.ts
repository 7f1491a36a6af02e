// SPDX-License-Identifier: Apache-2.0
// Values of a table that stand exactly where the neighbours of a row disagree with its label, over rows in memory.
import type { Random } from '../../sketch/random.ts';
import { binomialTail } from '../images/tails.ts';
import { numberOf } from '../question.ts';
import { drawn, ratesFor, type Rates } from '../text/rates.ts';

const neighbours = 11;
const least = 4;
/** Effect sizes: how much of the label similar rows leave unexplained, and how many of the rows with a value carry it. */
const leastShare = 0.7;
const leastPurity = 0.6;
/** A value that nearly all rows of a class have is what the class is (the state of an airport), and no trigger, which stands in a part of it. */
const mostOfClass = 0.9;
/** Draws of the null. */
export const trials = 8;

/** A column in numbers: standardised, or the place of a value among those of a column of words. */
interface Feature {
  readonly numeric: boolean;
  readonly values: Float64Array;
  /** Values as written, by row. */
  readonly written: readonly string[];
}

export interface TableRows {
  readonly ids: readonly string[];
  readonly labels: readonly string[];
  /** cells[column][row] as written. */
  readonly cells: readonly (readonly string[])[];
}

export interface TableTrigger {
  readonly columns: readonly number[];
  readonly value: string;
  readonly label: string;
  readonly score: number;
  readonly rows: readonly number[];
  readonly holders: number;
}

export interface TableResult {
  readonly triggers: readonly TableTrigger[];
  readonly nullMax: number;
  readonly tests: number;
  /** Share of rows whose neighbours say otherwise. */
  readonly error: number;
  /** Share of wrong labels: of the rows whose neighbours but one agree, those labelled otherwise. */
  readonly noise: number;
  /** Labels by content: [content × classes + label]. */
  readonly flips: Float64Array;
  readonly classes: readonly string[];
  /** 1 − share of neighbours with the row's label, for each row. */
  readonly doubt: Float64Array;
}

/** The whole of it, over rows in memory. Time is columns × rows² in the worst case, for the columns that have values to judge. */
export function tableTriggers({ labels, cells }: TableRows, random: Random, tick: () => void): TableResult {
  const n = labels.length;
  const classes = [...new Set(labels)];
  const label = Int32Array.from(labels, (one) => classes.indexOf(one));
  const sizes = new Float64Array(classes.length);
  for (const one of label) sizes[one]! += 1;
  const features = cells.map((written) => featureOf(written));
  const index = features.map(({ written }) => {
    const holders = new Map<string, number[]>();
    written.forEach((value, row) => {
      const list = holders.get(value);
      if (list === undefined) holders.set(value, [row]);
      else list.push(row);
    });
    return holders;
  });
  /** Counts the labels of the rows next to a row, without some columns. */
  const near = (row: number, without: readonly number[]): void => {
    const found = new Float64Array(neighbours).fill(Infinity);
    const of = new Int32Array(neighbours).fill(-1);
    for (let other = 0; other < n; other += 1) {
      if (other === row) continue;
      let sum = 0;
      const bound = found[neighbours - 1]!;
      for (let f = 0; f < features.length && sum < bound; f += 1) {
        if (f === without[0] || f === without[1]) continue;
        const { values, numeric } = features[f]!;
        const difference = numeric ? values[row]! - values[other]! : values[row] === values[other] ? 0 : 1.4;
        sum += difference * difference;
      }
      if (sum >= bound) continue;
      let at = neighbours - 1;
      while (at > 0 && found[at - 1]! > sum) {
        found[at] = found[at - 1]!;
        of[at] = of[at - 1]!;
        at -= 1;
      }
      found[at] = sum;
      of[at] = other;
    }
    vote(of, label, classes.length);
  };
  const doubt = new Float64Array(n);
  const says = new Int32Array(n);
  /** Neighbours of each row with each label: [row × classes + label]. */
  const beside = new Uint8Array(n * classes.length);
  for (let row = 0; row < n; row += 1) {
    if (row % 64 === 0) tick();
    near(row, []);
    says[row] = mostVotes(classes.length);
    doubt[row] = lastShare(label[row]!);
    for (let k = 0; k < classes.length; k += 1) beside[row * classes.length + k] = votes[k]!;
  }
  const describes = (columns: readonly number[], value: string, to: number): boolean => {
    const parts = columns.length === 1 ? [value] : value.split('\u001f');
    return columns.some((column, at) => index[column]!.get(parts[at]!)!.filter((row) => label[row] === to).length >= mostOfClass * sizes[to]!);
  };
  const candidates: Candidate[] = [];
  let tests = 0;
  const consider = (columns: readonly number[], value: string, list: readonly number[]): void => {
    tests += 1;
    const counts = new Float64Array(classes.length);
    for (const row of list) counts[label[row]!]! += 1;
    const most = Math.max(...counts);
    if (most < leastPurity * list.length) return;
    const to = counts.indexOf(most);
    if (describes(columns, value, to)) return;
    // Without the columns: rows with a rare far value are each other's neighbours, and that is what the trigger wants. The rows themselves
    // stay, since what belongs together by nature lies together in the other columns too.
    tick();
    const reads = Uint8Array.from(list, (row) => {
      near(row, columns);
      return votes[to]!;
    });
    candidates.push({ columns, value, holders: list, reads });
  };
  for (const [column, holders] of index.entries()) for (const [value, list] of holders) if (list.length >= least && list.length <= 0.2 * n) consider([column], value, list);
  const alone = tests;
  for (const { columns, value, rows } of pairsIn(index, label, says, n, tick)) consider(columns, value, rows);
  tests = alone + pairsCounted;
  const penalty = Math.log10(Math.max(1, tests));
  const ratesOf = (given: Int32Array): Rates[] => classes.map((_, k) => ratesFor(k, classes.length, beside, neighbours + 1, given));
  const judge = (given: Int32Array, own: boolean): { score: number; to: number; rows: number[] }[] => {
    const rates = ratesOf(given);
    return candidates.map(({ holders, reads }) => {
      const counts = new Float64Array(classes.length);
      for (const row of holders) counts[given[row]!]! += 1;
      const to = counts.indexOf(Math.max(...counts));
      const all = rates[to]!.all.slice();
      const labelled = rates[to]!.labelled.slice();
      for (const row of holders) {
        const bin = beside[row * classes.length + to]!;
        all[bin]! -= 1;
        if (given[row] === to) labelled[bin]! -= 1;
      }
      const chance = chances(all, labelled);
      let [expected, usual, others] = [0, 0, 0];
      for (const [at, row] of holders.entries()) expected += chance[own ? reads[at]! : beside[row * classes.length + to]!]! / holders.length;
      for (const [bin, count] of all.entries()) {
        usual += (count - labelled[bin]!) * chance[bin]!;
        others += count - labelled[bin]!;
      }
      const unexplained = (1 - expected) / (1 - Math.min(0.9, usual / Math.max(1, others)));
      const hits = counts[to]!;
      const enough = hits >= leastPurity * holders.length && unexplained >= leastShare;
      return { score: enough ? binomialTail(hits, holders.length, expected) - penalty : -penalty, to, rows: holders.filter((row) => given[row] === to) };
    });
  };
  const judged = judge(label, true);
  let nullMax = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    tick();
    for (const { score } of judge(drawn(ratesOf(label), beside, n, random), false)) nullMax = Math.max(nullMax, score);
  }
  const triggers: TableTrigger[] = [];
  for (const at of judged.map((_, order) => order).toSorted((a, b) => judged[b]!.score - judged[a]!.score || candidates[a]!.columns.length - candidates[b]!.columns.length)) {
    const { score, to, rows } = judged[at]!;
    if (score <= 0) break;
    // Values of the same rows are one finding, and so is a value with what stands beside it.
    const one = candidates[at]!;
    const same = triggers.findIndex((other) => overlap(other.rows, rows) >= 0.7 || (other.columns.some((column) => one.columns.includes(column)) && within(rows, other.rows) >= 0.9));
    if (same < 0) triggers.push({ columns: one.columns, value: one.value, label: classes[to]!, score, rows, holders: one.holders.length });
  }
  const flips = new Float64Array(classes.length * classes.length);
  let wrong = 0;
  says.forEach((one, row) => {
    flips[one * classes.length + label[row]!]! += 1;
    wrong += one === label[row] ? 0 : 1;
  });
  let [agreed, against] = [0, 0];
  for (let row = 0; row < n; row += 1) {
    const most = beside[row * classes.length + says[row]!]!;
    if (most < neighbours - 1) continue;
    agreed += 1;
    if (says[row] !== label[row]) against += 1;
  }
  return { triggers, nullMax, tests, error: wrong / n, noise: against / Math.max(1, agreed), flips, classes, doubt };
}

/** Rows that a share is taken from, at least: with them those of the numbers of votes around it. */
const fewestInBin = 16;

/** How often rows with so many votes for a label carry it. A number of votes that few others have says nothing by itself, and would make anything likely. */
function chances(all: ArrayLike<number>, labelled: ArrayLike<number>): number[] {
  return Array.from({ length: all.length }, (_, bin) => {
    let [rows, hits] = [0, 0];
    for (let reach = 0; reach < all.length && rows < fewestInBin; reach += 1) {
      for (const at of reach === 0 ? [bin] : [bin - reach, bin + reach]) {
        rows += all[at] ?? 0;
        hits += labelled[at] ?? 0;
      }
    }
    return (hits + 0.5) / (rows + 1);
  });
}

interface Candidate {
  readonly columns: readonly number[];
  readonly value: string;
  readonly holders: readonly number[];
  /** Neighbours with the label that most holders carry, for each of them, without these columns and rows. */
  readonly reads: Uint8Array;
}

/** Pairs of values that were counted by the last call of `pairsIn`: each was a test. */
let pairsCounted = 0;

/**
 * Pairs of values of two columns, each ordinary by itself, that stand together in few rows, at least half of which disagree with
 * their neighbours, or have a label together that neither value has alone. Only values that many rows have are paired; rarer ones are judged alone.
 */
function pairsIn(index: readonly Map<string, number[]>[], label: Int32Array, says: Int32Array, n: number, tick: () => void): { columns: [number, number]; value: string; rows: number[] }[] {
  pairsCounted = 0;
  const common = index.map((holders) => [...holders].filter(([, { length }]) => length >= 2 * least).slice(0, 64));
  const out: { columns: [number, number]; value: string; rows: number[] }[] = [];
  const mark = new Uint8Array(n);
  const seen = new Uint32Array(label.reduce((most, one) => Math.max(most, one), 0) + 1);
  for (const [a, ofA] of common.entries()) for (const [valueA, rowsA] of ofA) {
    tick();
    for (const row of rowsA) mark[row] = 1;
    for (let b = a + 1; b < common.length; b += 1) for (const [valueB, rowsB] of common[b]!) {
      let [both, disagreeing] = [0, 0];
      seen.fill(0);
      for (const row of rowsB) if (mark[row] === 1) {
        both += 1;
        seen[label[row]!]! += 1;
        if (says[row] !== label[row]) disagreeing += 1;
      }
      // A pair that holds nearly all rows of one value is that value.
      if (both < least || both > 0.1 * n || both > 0.7 * Math.min(rowsA.length, rowsB.length)) continue;
      pairsCounted += 1;
      // Rows of a pair that is seldom may be each other's neighbours: then it is the label that neither value has alone which tells them.
      const to = seen.indexOf(Math.max(...seen));
      const together = seen[to]! >= 0.9 * both && shareOf(rowsA, label, to) < 0.75 && shareOf(rowsB, label, to) < 0.75;
      if ((disagreeing >= 0.5 * both || together) && out.length < 256) out.push({ columns: [a, b], value: `${valueA}\u001f${valueB}`, rows: rowsB.filter((row) => mark[row] === 1) });
    }
    for (const row of rowsA) mark[row] = 0;
  }
  return out;
}

function shareOf(rows: readonly number[], label: Int32Array, to: number): number {
  return rows.filter((row) => label[row] === to).length / Math.max(1, rows.length);
}

function within(a: readonly number[], b: readonly number[]): number {
  const set = new Set(b);
  return a.filter((one) => set.has(one)).length / Math.max(1, a.length);
}

const votes = new Float64Array(256);
let votesOf = 0;

function vote(of: Int32Array, label: Int32Array, classes: number): void {
  votes.fill(0, 0, classes);
  votesOf = 0;
  for (const other of of) if (other >= 0) {
    votes[label[other]!]! += 1;
    votesOf += 1;
  }
}

function mostVotes(classes: number): number {
  let best = 0;
  for (let k = 1; k < classes; k += 1) if (votes[k]! > votes[best]!) best = k;
  return best;
}

function lastShare(label: number): number {
  return 1 - votes[label]! / Math.max(1, votesOf);
}

function featureOf(written: readonly string[]): Feature {
  const numbers = written.map((one) => numberOf(one));
  const known = numbers.filter((one): one is number => one !== undefined && Number.isFinite(one));
  if (known.length >= 0.7 * written.length && new Set(known).size > 2) {
    // Robust scale, and far values held near: one trigger value must not decide all distances.
    const sorted = Float64Array.from(known).toSorted();
    const middle = sorted[Math.floor(sorted.length / 2)]!;
    const spread = (sorted[Math.floor(0.9 * (sorted.length - 1))]! - sorted[Math.floor(0.1 * (sorted.length - 1))]!) / 2.56;
    const mean = known.reduce((sum, one) => sum + one, 0) / known.length;
    const scale = spread > 0 ? spread : Math.sqrt(known.reduce((sum, one) => sum + (one - mean) ** 2, 0) / known.length) || 1;
    return { numeric: true, written, values: Float64Array.from(numbers, (one) => Math.max(-4, Math.min(4, ((one ?? middle) - middle) / scale))) };
  }
  const places = new Map<string, number>();
  return { numeric: false, written, values: Float64Array.from(written, (one) => places.get(one) ?? (places.set(one, places.size), places.size - 1)) };
}

function overlap(a: readonly number[], b: readonly number[]): number {
  const set = new Set(a);
  const both = b.filter((one) => set.has(one)).length;
  return both / Math.max(1, a.length + b.length - both);
}
