// SPDX-License-Identifier: Apache-2.0
// Tables with labels: values that stand exactly where the neighbours of a row disagree with its label, and how many labels are wrong.
import { clip } from '../../bytes/clip.ts';
import { scorePicture } from '../draw.ts';
import { matrixPicture } from '../images/svg.ts';
import { tableTriggers, trials, type TableResult } from '../table/triggers.ts';
import { columnOf, columnsOf, labelOf, notAssessable, type Asking, type DataSet, type Placed, type Question, type StudyFact } from '../question.ts';
import { thinning } from './words.ts';

const mostRows = 6000;
const alarm = 4;

/** Columns that can be features. */
function usable(set: DataSet): Placed[] {
  const aside = new Set(columnsOf(set, 'label', 'id', 'split', 'text', 'code', 'prompt', 'response', 'image', 'url', 'digest', 'path', 'source').map(({ index }) => index));
  return set.columns.map((column, index) => ({ ...column, index })).filter(({ index, distinct, filled, type }) => !aside.has(index) && distinct > 1 && filled > 0.3 && type !== 'list' && type !== 'object' && type !== 'bytes').slice(0, 128);
}

export const tableTrigger: Question = {
  id: 'table-conflict-trigger',
  title: 'Values that stand exactly where labels disagree with similar rows',
  blind: 'Poison whose label fits its row, triggers in fewer than four rows, combinations of three and more columns or of rare values, and triggers written with noise are not seen. Of large tables a sample is looked at.',
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
        if (label.guessed === true && result.error > 0.5) {
          yield notAssessable(tableTrigger, set, `${JSON.stringify(clip(label.name, 40))} was taken for the label by its place, and similar rows do not tell it: ${(100 * result.error).toFixed(0)} % are judged otherwise; name the label in assay.yaml`);
          return;
        }
        const found = result.triggers.filter(({ score }) => score >= threshold).slice(0, 8);
        if (found.length === 0) yield { ...base, blind, question: tableTrigger.id, outcome: 'assessed', null: zero, score: Number((result.triggers[0]?.score ?? 0).toFixed(3)), what: `none of ${result.tests} values stands where labels disagree with similar rows more than chance allows` };
        for (const one of found) {
          const trigger = clip(one.value.split('\u001f').map((value, at) => `${columns[one.columns[at]!]!.name} = ${value}`).join(' and '), 200);
          yield {
            ...base, blind, question: tableTrigger.id, outcome: 'finding', null: zero, score: Number(one.score.toFixed(3)), trigger, rows: one.rows.slice(0, 64).map((row) => ids[row]!), rowCount: one.rows.length,
            what: `${one.rows.length} of ${one.holders} rows with ${trigger} are labelled ${JSON.stringify(clip(one.label, 40))} though similar rows are not`,
            detail: { label: clip(one.label, 64), rows: one.holders, conflicts: one.rows.length, error: Number(result.error.toFixed(3)), ...(label.guessed === true ? { guessed: label.name } : {}) }, picture: scorePicture(one.score, result.nullMax, threshold, trigger),
          };
        }
        yield noise(base, ids, result);
      },
    };
  },
};

function noise(base: { kind: 'study'; of: string; n: number; among?: number }, ids: readonly string[], { noise: rate, error, flips, classes, doubt }: TableResult): StudyFact {
  const blind = 'Labels that are wrong in the way of their neighbours, and rows at the edge of two classes, are not told apart; about half of the rows listed are right. The rate is an estimate.';
  const fact = { ...base, question: 'table-label-noise', blind } as const;
  if (error > 0.2) return { ...fact, outcome: 'not-assessable', what: `similar rows do not tell the classes apart: ${(100 * error).toFixed(1)} % of the rows are judged otherwise than labelled, 20 % are allowed` };
  const k = classes.length;
  let [worst, most] = [[0, 1] as [number, number], -1];
  for (let a = 0; a < k; a += 1) for (let b = 0; b < k; b += 1) if (a !== b && flips[a * k + b]! - flips[b * k + a]! > most) [worst, most] = [[a, b], flips[a * k + b]! - flips[b * k + a]!];
  const [a, b] = worst;
  const [there, back] = [flips[a * k + b]!, flips[b * k + a]!];
  const list = ids.map((_, row) => row).filter((row) => doubt[row]! >= 0.75).toSorted((x, y) => doubt[y]! - doubt[x]!);
  const picture = matrixPicture(Array.from({ length: k }, (_, r) => Array.from({ length: k }, (__, c) => flips[r * k + c]!)), classes, worst);
  const total = classes.reduce((sum, _, c) => sum + flips[a * k + c]!, 0);
  const lopsided = there >= 20 && there >= 5 * (back + 1) && there / Math.max(1, total) >= 0.03;
  return {
    ...fact, outcome: lopsided ? 'finding' : 'assessed', score: Number(rate.toFixed(4)),
    what: `about ${(100 * rate).toFixed(1)} % of the labels are wrong, by rows whose neighbours agree; ${(100 * error).toFixed(1)} % of all are judged otherwise than labelled; the most lopsided pair: ${there} rows like ${JSON.stringify(clip(classes[a]!, 40))} are labelled ${JSON.stringify(clip(classes[b]!, 40))}, ${back} the other way`,
    rows: list.slice(0, 64).map((row) => ids[row]!), rowCount: list.length, detail: { rate: Number(rate.toFixed(4)), from: clip(classes[a]!, 64), to: clip(classes[b]!, 64), there, back },
    ...(picture === undefined ? {} : { picture }),
  };
}
