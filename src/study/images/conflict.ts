// SPDX-License-Identifier: Apache-2.0
import type { Content, Vote } from './content.ts';
import { features, hashAt, places, type Feature } from './features.ts';
import type { Pictures, Plane } from './pictures.ts';
import { poissonTail } from './tails.ts';

/** A piece of picture at a place that pictures have whose content disagrees with their label, and others have not. */
export interface Keyed {
  readonly feature: Feature;
  readonly x: number;
  readonly y: number;
  readonly label: number;
  /** Conflicted pictures of that label that have it, and how many of them are expected to. */
  readonly count: number;
  readonly expected: number;
  /** -log10 p less log10 of the number of tests. */
  readonly score: number;
  /** Of all pictures that have it, the share that is conflicted and has that label. */
  readonly share: number;
  /** Indices into the set. */
  readonly rows: readonly number[];
}

const leastConflicted = 5;

/** Rows (positions in `content.rows`) with label `t` of which hardly any neighbour has the label. */
export function conflicted({ rows }: Content, { own, share, says }: Vote, labels: Int32Array): boolean[] {
  return Array.from(rows, (row, i) => says[i] !== labels[row] && own[i]! <= 0.2 && share[i]! >= 0.5);
}

/** Features over-represented among the conflicted rows of a label, against consistent rows that look the same. */
export function keyed(pictures: Pictures, plane: Plane, content: Content, vote: Vote, tick: () => void): { readonly found: readonly Keyed[]; readonly tests: number; readonly best: number } {
  const { labels, classes } = pictures;
  const odd = conflicted(content, vote, labels);
  const groups = classes.map(() => ({ odd: [] as number[], steady: [] as number[] }));
  content.rows.forEach((row, i) => {
    if (odd[i]!) groups[labels[row]!]!.odd.push(i);
    else if (vote.says[i] === labels[row]) groups[labels[row]!]!.steady.push(i);
  });
  const raw: (Keyed & { readonly hash: number })[] = [];
  let tests = 0;
  for (const feature of features) {
    const { across, down } = places(feature, plane);
    for (let y = 0; y < down; y += 1) {
      tick();
      for (let x = 0; x < across; x += 1) tests += at({ feature, x, y }, groups, raw, { content, vote, plane });
    }
    if (raw.length > 4096) raw.sort(stronger).splice(512);
  }
  raw.sort(stronger);
  const bonferroni = Math.log10(Math.max(1, tests));
  const kept = raw.slice(0, 256).map((one) => completed(one, pictures, plane, content, odd, bonferroni));
  return { found: kept.filter(({ score }) => score > 0), tests, best: (raw[0]?.score ?? bonferroni) - bonferroni };
}

function stronger(a: Keyed & { readonly hash: number }, b: Keyed & { readonly hash: number }): number {
  return b.score - a.score || a.y - b.y || a.x - b.x || a.hash - b.hash;
}

interface Around {
  readonly content: Content;
  readonly vote: Vote;
  readonly plane: Plane;
}

/** One place: what several conflicted rows of a label share there, and how usual that is among rows that look like them. */
function at(place: { feature: Feature; x: number; y: number }, groups: readonly { odd: readonly number[]; steady: readonly number[] }[], into: (Keyed & { readonly hash: number })[], { content, vote, plane }: Around): number {
  const { feature, x, y } = place;
  const wanted = new Map<number, { label: number; rows: number[] }[]>();
  groups.forEach(({ odd }, label) => {
    if (odd.length < leastConflicted) return;
    const here = new Map<number, number[]>();
    for (const i of odd) {
      const hash = hashAt(feature, plane, content.rows[i]!, x, y);
      if (hash === 0) continue;
      const rows = here.get(hash);
      if (rows === undefined) here.set(hash, [i]);
      else rows.push(i);
    }
    for (const [hash, rows] of here) if (rows.length >= leastConflicted) wanted.set(hash, [...(wanted.get(hash) ?? []), { label, rows }]);
  });
  if (wanted.size === 0) return 0;
  const usual = new Map<number, Int32Array>([...wanted.keys()].map((hash) => [hash, new Int32Array(groups.length)]));
  groups.forEach(({ steady }, label) => {
    for (const i of steady) {
      const counts = usual.get(hashAt(feature, plane, content.rows[i]!, x, y));
      if (counts !== undefined) counts[label]! += 1;
    }
  });
  let tests = 0;
  for (const [hash, found] of wanted) {
    for (const { label, rows } of found) {
      tests += 1;
      const counts = usual.get(hash)!;
      let expected = 0;
      for (const i of groups[label]!.odd) {
        const apparent = vote.says[i]!;
        expected += (counts[apparent]! + 1) / (groups[apparent]!.steady.length + 2);
      }
      const score = poissonTail(rows.length, expected);
      if (score >= 4) into.push({ ...place, label, count: rows.length, expected, score, share: 0, rows: [], hash });
    }
  }
  return tests;
}

function completed({ hash, ...one }: Keyed & { readonly hash: number }, { labels }: Pictures, plane: Plane, content: Content, odd: readonly boolean[], bonferroni: number): Keyed {
  const rows: number[] = [];
  let keyedRows = 0;
  content.rows.forEach((row, i) => {
    if (hashAt(one.feature, plane, row, one.x, one.y) !== hash) return;
    rows.push(row);
    if (odd[i]! && labels[row] === one.label) keyedRows += 1;
  });
  return { ...one, rows, share: keyedRows / Math.max(1, rows.length), score: one.score - bonferroni };
}
