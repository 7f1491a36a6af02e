// SPDX-License-Identifier: Apache-2.0
// Tables with labels: values that stand exactly where the neighbours of a row disagree with its label, and how many labels are wrong.
import { clip } from '../../bytes/clip.ts';
import type { Random } from '../../sketch/random.ts';
import { scorePicture } from '../draw.ts';
import { matrixPicture } from '../images/svg.ts';
import { poissonTail } from '../images/tails.ts';
import { columnOf, columnsOf, labelOf, notAssessable, numberOf, type Asking, type DataSet, type Placed, type Question, type StudyFact } from '../question.ts';
import { thinning } from './words.ts';

const mostRows = 6000;
const neighbours = 11;
const least = 6;
const alarm = 4;
const trials = 8;

/** A column in numbers: standardised, or the place of a value among those of a column of words. */
interface Feature {
  readonly column: Placed;
  readonly numeric: boolean;
  readonly values: Float64Array;
  /** Values as written, by row. */
  readonly written: readonly string[];
}

/** Columns that can be features. */
function usable(set: DataSet): Placed[] {
  const aside = new Set(columnsOf(set, 'label', 'id', 'split', 'text', 'code', 'prompt', 'response', 'image', 'url', 'digest', 'path').map(({ index }) => index));
  return set.columns.map((column, index) => ({ ...column, index })).filter(({ index, distinct, filled, type }) => !aside.has(index) && distinct > 1 && filled > 0.3 && type !== 'list' && type !== 'object' && type !== 'bytes').slice(0, 128);
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
  const features = cells.map((written) => featureOf(written));
  // Squared distances need all columns but one: the sum is kept, and each column is taken off again.
  const nearestWithout = (without: number, row: number): number => {
    const found = new Float64Array(neighbours).fill(Infinity);
    const of = new Int32Array(neighbours).fill(-1);
    for (let other = 0; other < n; other += 1) {
      if (other === row) continue;
      let sum = 0;
      const bound = found[neighbours - 1]!;
      for (let f = 0; f < features.length && sum < bound; f += 1) {
        if (f === without) continue;
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
    return vote(of, label, classes.length);
  };
  const doubt = new Float64Array(n);
  const says = new Int32Array(n);
  for (let row = 0; row < n; row += 1) {
    if (row % 64 === 0) tick();
    says[row] = nearestWithout(-1, row);
    doubt[row] = lastShare(label[row]!);
  }
  const flipsOf = (given: Int32Array): Float64Array => {
    const out = new Float64Array(classes.length * classes.length);
    says.forEach((one, row) => (out[one * classes.length + given[row]!]! += 1));
    return out;
  };
  const candidates: { column: number; value: string; holders: number[]; says: Int32Array }[] = [];
  let tests = 0;
  for (const [column, feature] of features.entries()) {
    const holders = new Map<string, number[]>();
    feature.written.forEach((value, row) => {
      const list = holders.get(value);
      if (list === undefined) holders.set(value, [row]);
      else list.push(row);
    });
    for (const [value, list] of holders) {
      if (list.length < least || list.length > 0.2 * n) continue;
      tests += 1;
      const counts = new Float64Array(classes.length);
      for (const row of list) counts[label[row]!]! += 1;
      if (Math.max(...counts) < 0.6 * list.length) continue;
      // Rows with a rare far value are each other's neighbours, and that is what the trigger wants: the column is left out.
      tick();
      candidates.push({ column, value, holders: list, says: Int32Array.from(list, (row) => nearestWithout(column, row)) });
    }
  }
  const penalty = Math.log10(Math.max(1, tests * classes.length));
  const judge = (given: Int32Array): { score: number; to: number; conflicts: number[] }[] => {
    const flips = flipsOf(given);
    const totals = classes.map((_, a) => classes.reduce((sum, __, b) => sum + flips[a * classes.length + b]!, 0));
    return candidates.map(({ holders, says: said }) => {
      let best = { score: -penalty, to: 0, conflicts: [] as number[] };
      for (let to = 0; to < classes.length; to += 1) {
        const conflicts = holders.filter((row, at) => given[row] === to && said[at] !== to);
        if (conflicts.length < 4 || conflicts.length < 0.7 * holders.length) continue;
        let expected = 0;
        for (const one of said) if (one !== to) expected += (flips[one * classes.length + to]! + 0.5) / (totals[one]! + 1);
        const score = poissonTail(conflicts.length, expected) - penalty;
        if (score > best.score) best = { score, to, conflicts };
      }
      return best;
    });
  };
  const judged = judge(label);
  let nullMax = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    tick();
    for (const { score } of judge(permuted(says, label, random))) nullMax = Math.max(nullMax, score);
  }
  const triggers: TableTrigger[] = [];
  for (const at of judged.map((_, index) => index).toSorted((a, b) => judged[b]!.score - judged[a]!.score)) {
    const { score, to, conflicts } = judged[at]!;
    if (score <= 0) break;
    const same = triggers.findIndex(({ rows }) => overlap(rows, conflicts) >= 0.7);
    if (same >= 0) triggers[same] = { ...triggers[same]!, columns: [...triggers[same]!.columns, candidates[at]!.column] };
    else triggers.push({ columns: [candidates[at]!.column], value: candidates[at]!.value, label: classes[to]!, score, rows: conflicts, holders: candidates[at]!.holders.length });
  }
  let wrong = 0;
  says.forEach((one, row) => (wrong += one === label[row] ? 0 : 1));
  return { triggers, nullMax, tests, error: wrong / n, flips: flipsOf(label), classes, doubt };
}

const votes = new Float64Array(256);
let votesOf = 0;

function vote(of: Int32Array, label: Int32Array, classes: number): number {
  votes.fill(0, 0, classes);
  votesOf = 0;
  for (const other of of) if (other >= 0) {
    votes[label[other]!]! += 1;
    votesOf += 1;
  }
  let best = 0;
  for (let k = 1; k < classes; k += 1) if (votes[k]! > votes[best]!) best = k;
  return best;
}

function lastShare(label: number): number {
  return 1 - votes[label]! / Math.max(1, votesOf);
}

function featureOf(written: readonly string[]): Pick<Feature, 'numeric' | 'values' | 'written'> {
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

function permuted(says: Int32Array, label: Int32Array, random: Random): Int32Array {
  const lists = new Map<number, number[]>();
  says.forEach((one, row) => (lists.get(one) ?? lists.set(one, []).get(one)!).push(row));
  const out = label.slice();
  for (const list of lists.values()) {
    for (let i = list.length - 1; i > 0; i -= 1) {
      const j = random.below(i + 1);
      [out[list[i]!], out[list[j]!]] = [out[list[j]!]!, out[list[i]!]!];
    }
  }
  return out;
}

function overlap(a: readonly number[], b: readonly number[]): number {
  const set = new Set(a);
  const both = b.filter((one) => set.has(one)).length;
  return both / Math.max(1, a.length + b.length - both);
}

export const tableTrigger: Question = {
  id: 'table-conflict-trigger',
  title: 'Values that stand exactly where labels disagree with similar rows',
  blind: 'Poison whose label fits its row, triggers in fewer than six rows or spread over combinations of columns that are ordinary each for itself, and triggers written with noise are not seen. Of large tables a sample is looked at.',
  needs: (set) => (set.kind !== 'table' ? 'no table' : columnOf(set, 'label') === undefined ? 'no column is known to hold labels; name one in assay.yaml' : usable(set).length < 2 ? 'fewer than two columns of features' : columnsOf(set, 'text').length > 0 && usable(set).length < 4 ? 'the content is text' : true),
  begin(set, context): Asking {
    const label = columnOf(set, 'label')!;
    const columns = usable(set);
    const wanted = thinning(context, mostRows);
    const ids: string[] = [];
    const labels: string[] = [];
    const cells: string[][] = columns.map(() => []);
    return {
      batch({ rows }) {
        for (const row of rows) {
          const of = labelOf(row.cells[label.index]);
          if (of === undefined || ids.length >= mostRows || !wanted()) continue;
          ids.push(row.id);
          labels.push(of);
          for (const [at, { index }] of columns.entries()) cells[at]!.push(labelOf(row.cells[index]) ?? '');
        }
        context.tick();
      },
      *end(): Iterable<StudyFact> {
        const n = ids.length;
        const classes = new Set(labels).size;
        if (n < 100 || classes < 2 || classes > 64) {
          yield notAssessable(tableTrigger, set, n < 100 ? `${n} labelled rows are too few, 100 are needed` : `${classes} different labels: from 2 to 64 can be judged`);
          return;
        }
        const result = tableTriggers({ ids, labels, cells }, context.random('table'), () => context.tick());
        const seen = context.seen();
        const base = { kind: 'study', of: set.name, ...seen, n, ...(n < seen.n ? { among: seen.among ?? seen.n } : {}) } as const;
        const blind = tableTrigger.blind;
        const threshold = Math.max(alarm, result.nullMax);
        const zero = { max: Number(result.nullMax.toFixed(3)), trials };
        const found = result.triggers.filter(({ score }) => score >= threshold).slice(0, 8);
        if (found.length === 0) yield { ...base, blind, question: tableTrigger.id, outcome: 'assessed', null: zero, score: Number((result.triggers[0]?.score ?? 0).toFixed(3)), what: `none of ${result.tests} values stands where labels disagree with similar rows more than chance allows` };
        for (const one of found) {
          const trigger = clip(`${one.columns.map((column) => columns[column]!.name).join(' and ')} = ${one.value}`, 200);
          yield {
            ...base, blind, question: tableTrigger.id, outcome: 'finding', null: zero, score: Number(one.score.toFixed(3)), trigger, rows: one.rows.slice(0, 64).map((row) => ids[row]!), rowCount: one.rows.length,
            what: `${one.rows.length} of ${one.holders} rows with ${trigger} are labelled ${JSON.stringify(clip(one.label, 40))} though similar rows are not`,
            detail: { label: clip(one.label, 64), rows: one.holders, conflicts: one.rows.length }, picture: scorePicture(one.score, result.nullMax, threshold, trigger),
          };
        }
        yield noise(base, ids, result);
      },
    };
  },
};

function noise(base: { kind: 'study'; of: string; n: number; among?: number }, ids: readonly string[], { error, flips, classes, doubt }: TableResult): StudyFact {
  const blind = 'Labels that are wrong in the way of their neighbours, and rows at the edge of two classes, are not told apart; about half of the rows listed are right. The rate is an estimate.';
  const fact = { ...base, question: 'table-label-noise', blind } as const;
  if (error > 0.2) return { ...fact, outcome: 'not-assessable', what: `similar rows do not tell the classes apart: ${(100 * error).toFixed(1)} % of the rows are judged otherwise than labelled, 20 % are allowed` };
  const k = classes.length;
  let [worst, most] = [[0, 1] as [number, number], -1];
  for (let a = 0; a < k; a += 1) for (let b = 0; b < k; b += 1) if (a !== b && flips[a * k + b]! - flips[b * k + a]! > most) [worst, most] = [[a, b], flips[a * k + b]! - flips[b * k + a]!];
  const [a, b] = worst;
  const [there, back] = [flips[a * k + b]!, flips[b * k + a]!];
  const sure = doubt.filter((one) => one >= 0.75).length;
  const list = ids.map((_, row) => row).filter((row) => doubt[row]! >= 0.75).toSorted((x, y) => doubt[y]! - doubt[x]!);
  const picture = matrixPicture(Array.from({ length: k }, (_, r) => Array.from({ length: k }, (__, c) => flips[r * k + c]!)), classes, worst);
  const total = classes.reduce((sum, _, c) => sum + flips[a * k + c]!, 0);
  const lopsided = there >= 20 && there >= 5 * (back + 1) && there / Math.max(1, total) >= 0.03;
  return {
    ...fact, outcome: lopsided ? 'finding' : 'assessed', score: Number((sure / ids.length).toFixed(4)),
    what: `about ${(100 * sure / ids.length).toFixed(1)} % of the labels disagree with similar rows; the most lopsided pair: ${there} rows like ${JSON.stringify(clip(classes[a]!, 40))} are labelled ${JSON.stringify(clip(classes[b]!, 40))}, ${back} the other way`,
    rows: list.slice(0, 64).map((row) => ids[row]!), rowCount: list.length, detail: { rate: Number((sure / ids.length).toFixed(4)), from: clip(classes[a]!, 64), to: clip(classes[b]!, 64), there, back },
    ...(picture === undefined ? {} : { picture }),
  };
}
