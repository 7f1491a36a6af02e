// SPDX-License-Identifier: Apache-2.0
import { keyed, type Keyed } from './conflict.ts';
import { voteWithout, type Content, type Vote } from './content.ts';
import type { Feature } from './features.ts';
import { overlays, type Overlays } from './overlay.ts';
import type { Pictures, Plane } from './pictures.ts';
import { leastPictures, similar, spikes, type Spikes, type Stamp } from './spike.ts';
import { binomialTail, poissonTail, seeded } from './tails.ts';

/** Which view of the pictures a place refers to. */
export type View = 'whole' | 'corners';

/**
 * `trigger`: a mark that is keyed to one label as an attack would be. `shortcut`: so large a part of one class has it that it is
 * rather how that class was made; a model learns it all the same. `watermark`: it goes with no label.
 */
export type Kind = 'trigger' | 'shortcut' | 'watermark';

export interface Mark {
  readonly kind: Kind;
  readonly view: View;
  readonly feature: Feature;
  readonly x: number;
  readonly y: number;
  readonly rows: readonly number[];
  /** Positional evidence: -log10 p after Bonferroni. */
  readonly score: number;
  readonly beside: number;
  /** The label most of the rows have, their share, and what part of that class they are; undefined in a set without labels. */
  readonly label?: number;
  readonly purity?: number;
  readonly ofClass?: number;
  /** Share of rows whose neighbours (outside the group) show another class, what is usual for the class, and -log10 p of that. */
  readonly conflict?: number;
  readonly usual?: number;
  readonly conflictScore?: number;
}

export const enough = 5;
const pure = 0.9;
/** A mark on more than this part of a class, whose content fits the label, is how the class was made. */
const attackMost = 0.25;
/** Beyond this part of a class its rows cannot be left out of the vote: too few would be left to vote. */
const voteMost = 0.6;
const asked = 300;

/** Classes with what is usual in them. */
export interface Known {
  readonly pictures: Pictures;
  readonly content: Content;
  readonly vote: Vote;
  /** Position in `content.rows` by index into the set; -1 where it is not in the sample. */
  readonly place: Int32Array;
  readonly sizes: readonly number[];
}

export function known(pictures: Pictures, content: Content, vote: Vote): Known {
  const place = new Int32Array(pictures.count).fill(-1);
  content.rows.forEach((row, i) => (place[row] = i));
  const sizes = pictures.classes.map(() => 0);
  for (const label of pictures.labels) if (label >= 0) sizes[label]! += 1;
  return { pictures, content, vote, place, sizes };
}

/** Whether the rows of a group are about something else than their label says. Group members do not vote. */
export function disagreement({ pictures, content, vote, place, sizes }: Known, rows: readonly number[], label: number): { readonly share: number; readonly usual: number; readonly score: number } | undefined {
  const members = rows.map((row) => place[row]!).filter((i) => i >= 0);
  const mine = members.filter((i) => pictures.labels[content.rows[i]!] === label);
  const step = Math.max(1, Math.ceil(mine.length / asked));
  const sample = mine.filter((_, n) => n % step === 0);
  if (sample.length < 3 || mine.length > voteMost * sizes[label]! * (content.rows.length / pictures.count)) return undefined;
  const group = new Set(members);
  const odd = sample.filter((i) => voteWithout(content, pictures.labels, sizes.length, i, group) !== label).length;
  let [others, wrong] = [0, 0];
  content.rows.forEach((row, i) => {
    if (pictures.labels[row] !== label || group.has(i)) return;
    others += 1;
    if (vote.says[i] !== label) wrong += 1;
  });
  const usual = Math.min(0.95, (wrong + 1) / (others + 2));
  return { share: odd / sample.length, usual, score: binomialTail(odd, sample.length, usual) };
}

/** Far more disagree than usual, and most do. */
export function disagrees(found: ReturnType<typeof disagreement>): boolean {
  return found !== undefined && found.share >= Math.max(0.6, found.usual + 0.25) && found.score >= enough;
}

/** Judges a stamp by the labels of the pictures that have it. */
export function markOf(stamp: Stamp, view: View, known: Known | undefined, nullMax: number, first: Int32Array, alone: boolean): Mark | undefined {
  const { feature, x, y, rows, beside, count } = stamp;
  // Copies of one picture have all their pieces in common: they count once.
  const different = new Set(rows.map((row) => first[row]!)).size;
  if (different < leastPictures) return undefined;
  const score = stamp.score - poissonTail(count, 1.5 * Math.max(1, beside)) + poissonTail(different, 1.5 * Math.max(1, beside));
  const base = { view, feature, x, y, rows, score, beside };
  if (known === undefined) return alone && score >= enough ? { ...base, kind: 'watermark' } : undefined;
  const { pictures: { labels }, sizes } = known;
  const tally = sizes.map(() => 0);
  let labelled = 0;
  for (const row of rows) {
    if (labels[row]! < 0) continue;
    tally[labels[row]!]! += 1;
    labelled += 1;
  }
  const label = tally.indexOf(Math.max(...tally));
  const purity = tally[label]! / Math.max(1, labelled);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const telling = purity >= pure && binomialTail(tally[label]!, labelled, sizes[label]! / all) >= 3;
  const ofClass = tally[label]! / Math.max(1, sizes[label]!);
  const about = telling ? disagreement(known, rows, label) : undefined;
  const dirty = disagrees(about);
  const full = { ...base, label, purity, ofClass, ...(about === undefined ? {} : { conflict: about.share, usual: about.usual, conflictScore: about.score }) };
  if (dirty) return { ...full, kind: 'trigger' };
  if (score < enough || !alone) return undefined;
  if (!telling) return { ...full, kind: 'watermark' };
  if (ofClass > attackMost) return { ...full, kind: 'shortcut' };
  return score > nullMax ? { ...full, kind: 'trigger' } : undefined;
}

/** Stamps of both views with their judgement, strongest first, one for each group of rows. */
export function marks(pictures: Pictures, about: Known | undefined, first: Int32Array, tick: () => void): { readonly marks: readonly Mark[]; readonly best: number; readonly tests: number; readonly null: { readonly max: number; readonly trials: number } } {
  const views: [View, Plane][] = [['whole', pictures.whole], ...(pictures.corners === undefined ? [] : [['corners', pictures.corners] as [View, Plane]])];
  const seen = views.map(([view, plane]) => [view, spikes(plane, pictures.count, tick)] as const);
  const moved = movedNull(pictures.whole, pictures.count, tick);
  const found = seen.flatMap(([view, { stamps }]) => stamps.map((stamp) => ({ view, stamp, alone: standsAlone(stamp, view === 'whole' ? pictures.whole : pictures.corners!, pictures.count) })));
  // What goes with no label is coincidence of this set, unless so much has it that it is a watermark: a trigger by its place alone must beat it.
  const coincidence = found.filter(({ stamp, alone }) => alone && about !== undefined && stamp.rows.length <= 0.1 * pictures.count && !isPure(stamp, about));
  const natural = (shape: Feature['shape']): number => coincidence.filter(({ stamp }) => stamp.feature.shape === shape).reduce((most, { stamp }) => Math.max(most, stamp.score), moved.max);
  const max = { block: natural('block'), spot: natural('spot') };
  const judged = found.flatMap(({ view, stamp, alone }) => markOf(stamp, view, about, max[stamp.feature.shape], first, alone) ?? []);
  return { marks: judged.toSorted((a, b) => order(a) - order(b) || b.score - a.score), best: Math.max(...seen.map(([, { best }]) => best)), tests: seen.reduce((sum, [, { tests }]: readonly [View, Spikes]) => sum + tests, 0), null: { max: max.block, trials: moved.trials } };
}

/** Few pictures have something similar there, and hardly more the same than those that were counted. */
function standsAlone(stamp: Stamp, plane: Plane, count: number): boolean {
  const { same, similar: others } = similar(stamp, plane, count);
  return others <= (stamp.feature.shape === 'spot' ? 0.5 : 2) * stamp.rows.length && same <= 3 * stamp.rows.length;
}

function order({ kind }: Mark): number {
  return kind === 'trigger' ? 0 : kind === 'shortcut' ? 1 : 2;
}

function isPure({ rows }: Stamp, { pictures: { labels } }: Known): boolean {
  const tally = new Map<number, number>();
  for (const row of rows) tally.set(labels[row]!, (tally.get(labels[row]!) ?? 0) + 1);
  return Math.max(...tally.values()) >= pure * rows.length;
}

const trials = 20;
const moved = 600;

/** The null: the same pictures, a sample of them, each moved by up to a pixel. Texture stays; what kept to its place does not. */
function movedNull(plane: Plane, count: number, tick: () => void): { readonly max: number; readonly trials: number } {
  const { width, height, channels, pixels } = plane;
  if (width < 6 || height < 6 || count < 50) return { max: 0, trials: 0 };
  const next = seeded(11);
  const each = width * height * channels;
  const inner = { width: width - 2, height: height - 2 };
  const size = Math.min(count, moved);
  let max = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const out = new Uint8Array(size * inner.width * inner.height * channels);
    for (let n = 0; n < size; n += 1) {
      const row = Math.floor(next() * count);
      const [left, top] = [Math.floor(next() * 3), Math.floor(next() * 3)];
      for (let y = 0; y < inner.height; y += 1) {
        const from = row * each + ((y + top) * width + left) * channels;
        out.set(pixels.subarray(from, from + inner.width * channels), (n * inner.height + y) * inner.width * channels);
      }
    }
    max = Math.max(max, spikes({ ...inner, channels, pixels: out }, size, tick, [{ shape: 'block', size: 3, offset: 0 }]).best);
  }
  return { max, trials };
}

/** A feature that conflicted rows of a label share, with its group's own judgement. */
export interface Key extends Keyed {
  readonly view: View;
  readonly conflict: number;
  readonly usual: number;
}

export interface Conflicts {
  readonly keys: readonly Key[];
  readonly overlays: Overlays;
  readonly best: number;
  readonly tests: number;
}

const overlayEnough = 8;
const shareLeast = 0.7;

/** The conflict engine: features and overlays that rows share whose content disagrees with their label. */
export function conflicts(about: Known, tick: () => void): Conflicts {
  const { pictures, content, vote } = about;
  const views: [View, Plane][] = [['whole', pictures.whole], ...(pictures.corners === undefined ? [] : [['corners', pictures.corners] as [View, Plane]])];
  const keys: Key[] = [];
  let [best, tests] = [0, 0];
  for (const [view, plane] of views) {
    const { found, tests: some, best: most } = keyed(pictures, plane, content, vote, tick);
    best = Math.max(best, most);
    tests += some;
    for (const one of found) if (one.score >= enough) keys.push(...keyOf(one, view, about, keys));
  }
  const laid = overlays(pictures, content, vote, tick);
  return { keys: keys.toSorted((a, b) => b.score - a.score), overlays: { ...laid, found: laid.found.filter(({ score, count, odd }) => score >= overlayEnough && count >= 8 && count >= 0.3 * odd) }, best, tests };
}

function keyOf(one: Keyed, view: View, about: Known, keys: readonly Key[]): Key[] {
  const rows = new Set(one.rows);
  if (keys.some((key) => key.label === one.label && key.rows.filter((row) => rows.has(row)).length >= 0.5 * Math.min(rows.size, key.rows.length))) return [];
  const { pictures: { labels } } = about;
  const same = one.rows.filter((row) => labels[row] === one.label).length;
  if (same < shareLeast * one.rows.length) return [];
  const found = disagreement(about, one.rows, one.label);
  if (found === undefined || !(one.share >= shareLeast || disagrees(found))) return [];
  if (one.share < shareLeast && found.share * (same / one.rows.length) < shareLeast) return [];
  return [{ ...one, view, conflict: found.share, usual: found.usual }];
}
