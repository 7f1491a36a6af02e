// SPDX-License-Identifier: Apache-2.0
// Copies: floods of nearly the same text, the same text under different labels, and test rows that stand in the training part.
import { clip } from '../../bytes/clip.ts';
import { detached, Numbered, RowIds, Table } from '../compact.ts';
import { fingerprint, groups, signature } from '../../sketch/minhash.ts';
import type { Cell } from '../../model/scanner.ts';
import { columnOf, columnsOf, labelOf, notAssessable, textOf, type Asking, type DataSet, type Question, type Row, type StudyFact } from '../question.ts';
import { masked } from '../text/secrets.ts';
import { thinning } from './words.ts';

const mostDocuments = 200_000;
const mostRows = 1_000_000;
const contents = ['text', 'prompt', 'response', 'chosen', 'code'] as const;
const evaluating = /^(?:test|valid|validation|val|dev|eval|evaluation|holdout)/i;

export const flood: Question = {
  id: 'near-duplicate-flood',
  title: 'Many texts that are nearly the same',
  blind: 'Paraphrases that share fewer than about two thirds of their three-word sequences, texts of fewer than eight words, and pictures are not seen here.',
  needs: (set) => (columnsOf(set, ...contents).length > 0 ? true : 'no column holds running text'),
  begin(set, context): Asking {
    const columns = columnsOf(set, ...contents);
    const wanted = thinning(context, mostDocuments);
    const signatures: (Uint32Array | undefined)[] = [];
    const ids = new RowIds();
    const starts: string[] = [];
    return {
      batch({ rows }) {
        for (const { id, cells } of rows) {
          if (signatures.length >= mostDocuments || !wanted()) continue;
          const text = columns.map(({ index }) => textOf(cells[index]) ?? '').join('\n').slice(0, 50_000);
          signatures.push(signature(text));
          ids.add(id);
          starts.push(signatures.at(-1) === undefined ? '' : detached(text.slice(0, 80)));
        }
        context.tick();
      },
      *end(): Iterable<StudyFact> {
        const n = signatures.length;
        if (n < 50) {
          yield notAssessable(flood, set, `${n} texts are too few, 50 are needed`);
          return;
        }
        const clusters = groups(signatures, 0.6, () => context.tick()).toSorted((a, b) => b.length - a.length);
        const base = { kind: 'study', question: flood.id, of: set.name, ...context.seen(), n, blind: flood.blind } as const;
        const copies = clusters.reduce((sum, { length }) => sum + length - 1, 0);
        const found: number[][] = [];
        for (const [at, cluster] of clusters.entries()) {
          // Against the next group that is natural: several floods may lie beside each other.
          const natural = clusters[at + 1]?.length ?? 1;
          const rest = clusters[Math.min(clusters.length - 1, Math.max(at + 1, 8))]?.length ?? 1;
          if (cluster.length < 20 || cluster.length < 3 * Math.min(natural, rest) || at >= 8) break;
          found.push(cluster);
        }
        const natural = clusters[found.length]?.length ?? 1;
        const about = `${copies} of ${n} texts are near copies of another one; the largest natural group has ${natural}`;
        if (found.length === 0) yield { ...base, outcome: 'assessed', score: clusters[0]?.length ?? 0, what: `no group of near copies stands out: ${about}` };
        for (const cluster of found) {
          const rows = cluster.map((index) => ids.get(index));
          const start = masked(starts[cluster[0]!]!.replaceAll(/\s+/g, ' '));
          yield {
            ...base, outcome: 'finding', score: cluster.length, null: { max: natural, trials: 1 }, trigger: clip(start, 60),
            what: `${cluster.length} texts are nearly the same, beginning ${JSON.stringify(clip(start, 60))}; ${about}`, rows: rows.slice(0, 64), rowCount: rows.length,
            excerpts: cluster.slice(0, 4).map((index) => clip(`${ids.get(index)}: ${JSON.stringify(masked(starts[index]!))}`, 256)), detail: { natural, copies },
          };
        }
      },
    };
  },
};

/** What of a row makes it the same as another: all that is content, without labels, ids and splits. */
export function contentOf(set: DataSet): ((row: Row) => number | undefined) | undefined {
  const texts = columnsOf(set, ...contents);
  const aside = new Set(columnsOf(set, 'label', 'id', 'split', 'source', 'path').map(({ index }) => index));
  const columns = texts.length > 0 ? texts.map(({ index }) => index).filter((index) => !aside.has(index)) : set.columns.map((_, index) => index).filter((index) => !aside.has(index) && set.columns[index]!.distinct > 1);
  const varied = columns.some((index) => set.columns[index]!.distinct > 20);
  if (set.kind !== 'table' && texts.length === 0) return undefined;
  if (columns.length === 0 || (texts.length === 0 && (columns.length < 4 || !varied))) return undefined;
  return ({ cells }) => {
    const text = columns.map((index) => plain(cells[index])).join('\u001f');
    return texts.length > 0 && text.length < 20 ? undefined : fingerprint(text);
  };
}

function plain(cell: Cell | undefined): string {
  return typeof cell === 'string' ? cell : typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean' ? String(cell) : '';
}

export const copies: Question = {
  id: 'conflicting-duplicates',
  title: 'Rows that are the same with different labels, and test rows in the training part',
  blind: 'Only exact copies, white space aside; copies that were changed a little are seen by near-duplicate-flood when there are many. Of sets with more rows than fit, a sample is compared.',
  needs: (set) => (contentOf(set) === undefined ? 'too few columns of content to tell that two rows are the same' : columnOf(set, 'label') === undefined && set.splits.length < 2 && columnOf(set, 'split') === undefined ? 'no labels and no parts to compare' : true),
  begin(set, context): Asking {
    const content = contentOf(set)!;
    const label = columnOf(set, 'label');
    const known = new Table(Math.min(mostRows, Math.max(65_536, 2 * (context.expected ?? mostRows))));
    const ids = new RowIds();
    const labels = new Numbered();
    const splits = new Numbered();
    const conflicts: string[] = [];
    const leaks: string[] = [];
    const parts = new Map<string, number>();
    let [conflicting, leaking, tested, compared] = [0, 0, 0, 0];
    const told = new Map<string, number>();
    return {
      batch({ rows }) {
        for (const row of rows) {
          const key = content(row);
          if (key === undefined) continue;
          compared += 1;
          const split = row.split;
          parts.set(split, (parts.get(split) ?? 0) + 1);
          if (evaluating.test(split)) tested += 1;
          const of = label === undefined ? undefined : labelOf(row.cells[label.index]);
          const at = known.place(key);
          if (at === -1) continue;
          const place = known.valueAt(at);
          if (place === 0) {
            known.set(at, key, labels.of(of), splits.of(split));
            ids.add(row.id);
            continue;
          }
          const other = { id: ids.get(place - 1), label: labels.get(known.labelAt(at)), split: splits.get(known.splitAt(at)) ?? '' };
          if (of !== undefined && other.label !== undefined && of !== other.label) {
            conflicting += 1;
            if (conflicts.length < 64) conflicts.push(`${other.id} = ${row.id}`);
            const pair = `${clip(other.label, 30)} / ${clip(of, 30)}`;
            if (told.size < 64 || told.has(pair)) told.set(pair, (told.get(pair) ?? 0) + 1);
          }
          if (split !== other.split && evaluating.test(split) !== evaluating.test(other.split)) {
            leaking += 1;
            if (leaks.length < 64) leaks.push(`${other.id} = ${row.id}`);
          }
        }
        context.tick();
      },
      *end(): Iterable<StudyFact> {
        const seen = context.seen();
        const base = { kind: 'study', of: set.name, ...seen, blind: copies.blind } as const;
        if (label === undefined || compared < 20) yield notAssessable(copies, set, label === undefined ? 'no column is known to hold labels' : `${compared} rows with enough content are too few, 20 are needed`);
        else {
          const top = [...told].toSorted((a, b) => b[1] - a[1])[0];
          const finding = conflicting >= 3 && conflicting >= 0.001 * compared;
          yield {
            ...base, question: copies.id, outcome: finding ? 'finding' : 'assessed', score: conflicting, what: conflicting === 0 ? `no row stands twice with different labels among ${compared}` : `${conflicting} rows of ${compared} repeat an earlier one under another label, most often ${top![0]} (${top![1]})`,
            ...(conflicting === 0 ? {} : { rows: conflicts, rowCount: conflicting, detail: { compared } }),
          };
        }
        const leakage = { ...base, question: 'split-leakage' } as const;
        if (tested < 20 || tested === compared) yield { ...leakage, outcome: 'not-assessable', what: `${tested} of ${compared} rows are known to be for testing: both parts are needed` };
        else {
          const finding = leaking >= 3 && leaking >= 0.01 * tested;
          yield { ...leakage, outcome: finding ? 'finding' : 'assessed', score: Number((leaking / tested).toFixed(4)), what: `${leaking} of ${tested} test rows stand in the training part too`, ...(leaking === 0 ? {} : { rows: leaks, rowCount: leaking, detail: { tested } }) };
        }
      },
    };
  },
};
