// SPDX-License-Identifier: Apache-2.0
import type { StudyFact } from '../question.ts';
import { contentOf, votes, type Content, type Vote } from './content.ts';
import { firstOf, flood, looks } from './duplicates.ts';
import type { Feature } from './features.ts';
import { leaks } from './leaks.ts';
import { noiseOf } from './noise.ts';
import type { Pictures } from './pictures.ts';
import { matrixPicture, meanPicture, panels } from './svg.ts';
import { conflicts, known, marks, type Known, type Mark, type View } from './trigger.ts';

/** What each question cannot see. */
export const blind = {
  'image-stamp': 'marks that move from picture to picture, that JPEG below quality 85 has blurred, on fewer than 8 pictures, or without any sharp edge; pictures larger than 64 × 64 are seen scaled down and at their four corners',
  'image-shortcut': 'what a class has in common that is no mark at a fixed place: backgrounds, colours, framing',
  'image-conflict-trigger': 'poison whose content fits its label, patterns that differ from picture to picture, fewer than 5 pictures of a label, sets whose classes no plain comparison of pixels tells apart',
  'image-label-noise': 'mistakes between classes that look alike, and poison so dense that it is its own nearest neighbour',
  'image-near-duplicates': 'copies that were cropped, turned or shifted by more than a few percent',
  'image-conflicting-duplicates': 'copies that were cropped, turned or shifted by more than a few percent',
  'image-split-leakage': 'copies that were cropped, turned or shifted by more than a few percent; splits that the set does not name',
  'image-scaling': 'attacks on area and Lanczos scaling, which read all pixels; sizes other than the usual inputs of models',
} as const;

export type ImageQuestion = keyof typeof blind;

const fewest = 200;
/** Beyond this share of wrong answers by neighbours, disagreement says nothing. */
const errorMost = 0.5;

/** Puts all questions to a set of pictures. `tick` may throw. */
export function* factsOf(pictures: Pictures, of: string, tick: () => void): Generator<StudyFact> {
  const classes = pictures.classes.length;
  const base = { kind: 'study' as const, of, n: pictures.count, ...(pictures.among > pictures.count ? { among: pictures.among } : {}) };
  const say = (question: ImageQuestion, outcome: StudyFact['outcome'], what: string, more: Partial<StudyFact> = {}): StudyFact => (
    { ...base, question, outcome, what, blind: blind[question], ...more }
  );
  const labelled = pictures.labels.reduce((sum, label) => sum + (label >= 0 ? 1 : 0), 0);
  const why = labelled < fewest ? `${labelled} pictures have a label, ${fewest} are wanted` : classes < 2 ? 'all pictures have the same label' : classes > 2000 ? `${classes} labels are too many to compare` : undefined;
  const copies = flood(pictures, looks(pictures), tick);
  const first = firstOf(pictures.count, [...copies.strictest.clusters, ...(copies.flood === undefined ? [] : [copies.flood.cluster])]);
  let about: Known | undefined;
  let content: Content | undefined;
  let vote: Vote | undefined;
  if (why === undefined) {
    content = contentOf(pictures, tick, first);
    vote = votes(content, pictures.labels, classes);
    about = known(pictures, content, vote);
  }
  const spoken: (readonly number[])[] = [];
  if (pictures.count < fewest) {
    for (const question of ['image-stamp', 'image-shortcut'] as const) yield say(question, 'not-assessable', `${pictures.count} pictures, ${fewest} are wanted`);
  } else yield* stampFacts(pictures, about, first, tick, say, spoken);
  if (about === undefined || content === undefined || vote === undefined) {
    for (const question of ['image-conflict-trigger', 'image-label-noise'] as const) yield say(question, 'not-assessable', why ?? '');
  } else {
    yield* conflictFacts(about, tick, say, spoken);
    yield noiseFact(about, say);
  }
  yield* copyFacts(pictures, copies, say);
}

type Say = (question: ImageQuestion, outcome: StudyFact['outcome'], what: string, more?: Partial<StudyFact>) => StudyFact;

function* stampFacts(pictures: Pictures, about: Known | undefined, first: Int32Array, tick: () => void, say: Say, spoken: (readonly number[])[]): Generator<StudyFact> {
  const { marks: found, best, tests, null: zero } = marks(pictures, about, first, tick);
  const numbers = { score: rounded(best), null: { max: rounded(zero.max), trials: zero.trials }, detail: { tests } };
  const triggers = found.filter(({ kind }) => kind === 'trigger').slice(0, 8);
  const others = found.filter(({ kind }) => kind !== 'trigger').slice(0, 4);
  for (const mark of triggers) {
    spoken.push(mark.rows);
    yield say('image-stamp', 'finding', markWords(pictures, mark), { ...numbers, ...markMore(pictures, mark) });
  }
  if (triggers.length === 0) yield say('image-stamp', 'assessed', others.length === 0 ? `no piece of picture keeps to one place and one label: largest score ${rounded(best)}, where 5 would count` : 'what keeps to one place is no trigger by the labels it goes with (image-shortcut has it)', numbers);
  for (const mark of others) yield say('image-shortcut', 'finding', markWords(pictures, mark), { ...numbers, ...markMore(pictures, mark) });
  if (others.length === 0) yield say('image-shortcut', 'assessed', 'no large part of a class, and no mixture of classes, has the same piece of picture at one place', numbers);
}

function markWords({ classes, count }: Pictures, mark: Mark): string {
  const { kind, rows, label, purity, ofClass, conflict } = mark;
  const shape = `${shapeOf(mark.feature)} ${placeOf(mark.view, mark)}`;
  const where = `${rows.length} of ${count} pictures have the same ${shape}; one pixel aside ${mark.beside} have`;
  if (label === undefined || purity === undefined || ofClass === undefined) return `${where}; there are no labels to compare it with`;
  const part = `${percent(purity)} of them are labelled ${quoted(classes[label]!)}`;
  if (kind === 'watermark') return `${where}; it goes with no label (${part})`;
  if (kind === 'shortcut') return `${where}; ${part}, ${percent(ofClass)} of that class: the class was made so, and a model will learn the mark`;
  const shows = conflict === undefined ? '' : conflict >= 0.6 ? `, though ${percent(conflict)} of them look like another class` : ', and look like it';
  return `${where}; ${part}${shows}`;
}

function markMore(pictures: Pictures, mark: Mark): Partial<StudyFact> {
  const { classes } = pictures;
  const plane = mark.view === 'whole' ? pictures.whole : pictures.corners!;
  const rest = Array.from({ length: Math.min(pictures.count, 2000) }, (_, i) => i);
  const box = { x: mark.x, y: mark.y, size: mark.feature.size };
  const picture = panels([
    { title: 'mean of the pictures found', ...plane, pixels: meanPicture(plane, mark.rows), box },
    { title: 'one of them', ...plane, pixels: meanPicture(plane, mark.rows.slice(0, 1)), box },
    { title: 'mean of the set', ...plane, pixels: meanPicture(plane, rest) },
  ], `${shapeOf(mark.feature)} ${placeOf(mark.view, mark)}`);
  return {
    score: rounded(Math.max(mark.score, mark.conflictScore ?? 0)),
    trigger: `${shapeOf(mark.feature)} ${placeOf(mark.view, mark)}`,
    ...rowsOf(pictures, mark.rows),
    detail: {
      kind: mark.kind, x: mark.x, y: mark.y, size: mark.feature.size, view: mark.view, beside: mark.beside, position: rounded(mark.score),
      ...(mark.label === undefined ? {} : { label: classes[mark.label]!, purity: rounded(mark.purity!), 'of-class': rounded(mark.ofClass!) }),
      ...(mark.conflict === undefined ? {} : { conflict: rounded(mark.conflict), 'usual-conflict': rounded(mark.usual!) }),
    },
    ...(picture === undefined ? {} : { picture }),
  };
}

function* conflictFacts(about: Known, tick: () => void, say: Say, spoken: (readonly number[])[]): Generator<StudyFact> {
  const { pictures, content, vote } = about;
  const wrong = content.rows.reduce((sum, row, i) => sum + (vote.says[i] === pictures.labels[row] ? 0 : 1), 0) / content.rows.length;
  const size = { n: content.rows.length, ...(pictures.among > content.rows.length ? { among: pictures.among } : {}) };
  if (wrong > errorMost) {
    yield say('image-conflict-trigger', 'not-assessable', `neighbours are wrong about ${percent(wrong)} of the labels, more than ${percent(errorMost)}: plain pixels do not tell these classes apart`, size);
    return;
  }
  const { keys, overlays, best, tests } = conflicts(about, tick);
  const zero = { null: { max: rounded(overlays.null.max), trials: overlays.null.trials } };
  let told = 0;
  for (const key of keys) {
    const same = overlaps(key.rows, spoken);
    if (same && told > 0) continue;
    spoken.push(key.rows);
    told += 1;
    const trigger = `${shapeOf(key.feature)} ${placeOf(key.view, key)}`;
    const label = pictures.classes[key.label]!;
    const plane = key.view === 'whole' ? pictures.whole : pictures.corners!;
    const picture = panels([
      { title: 'mean of the pictures found', ...plane, pixels: meanPicture(plane, key.rows), box: { ...key, size: key.feature.size } },
      { title: 'one of them', ...plane, pixels: meanPicture(plane, key.rows.slice(0, 1)), box: { ...key, size: key.feature.size } },
    ], trigger);
    yield say('image-conflict-trigger', 'finding', `${key.rows.length} pictures have the same ${trigger}; they are labelled ${quoted(label)}, and ${percent(key.conflict)} of them look like another class (usual there: ${percent(key.usual)})`, {
      ...size, ...zero, score: rounded(key.score), trigger, ...rowsOf(pictures, key.rows), ...(picture === undefined ? {} : { picture }),
      detail: { kind: 'block', label, x: key.x, y: key.y, size: key.feature.size, view: key.view, expected: rounded(key.expected), conflict: rounded(key.conflict), tests, ...(same ? { same: 'image-stamp' } : {}) },
    });
    if (told >= 8) break;
  }
  for (const { label, rows, count, odd, score, pattern, side: [width, height], purity } of overlays.found) {
    if (overlaps(rows, spoken)) continue;
    spoken.push(rows);
    told += 1;
    const name = pictures.classes[label]!;
    const picture = panels([
      { title: 'what they have in common', width, height, channels: 1, pixels: pattern },
      { title: 'mean of the pictures found', ...pictures.whole, pixels: meanPicture(pictures.whole, rows) },
    ], `pattern over pictures labelled ${name}`);
    yield say('image-conflict-trigger', 'finding', `${count} of ${odd} pictures that are labelled ${quoted(name)} and look like another class carry one faint pattern over the whole picture`, {
      ...size, ...zero, score: rounded(score), trigger: 'pattern over the whole picture', ...rowsOf(pictures, rows), ...(picture === undefined ? {} : { picture }),
      detail: { kind: 'overlay', label: name, odd, count, purity: rounded(purity) },
    });
  }
  if (told === 0) yield say('image-conflict-trigger', 'assessed', `nothing in common among pictures that look like another class than their label: largest score ${rounded(Math.max(0, best))} for blocks (from 5 on one counts if most of the pictures that have it disagree with their labels), ${rounded(overlays.best)} for patterns (8 would count)`, { ...size, ...zero, score: rounded(best), detail: { tests, overlay: rounded(overlays.best), 'neighbour-error': rounded(wrong) } });
}

function noiseFact({ pictures, content, vote }: Known, say: Say): StudyFact {
  const { classes } = pictures;
  const noise = noiseOf(content, vote, pictures.labels, classes.length);
  const size = { n: noise.n, ...(pictures.among > noise.n ? { among: pictures.among } : {}) };
  if (noise.error > errorMost || noise.sure < 0.2 * noise.n) {
    return say('image-label-noise', 'not-assessable', `neighbours are wrong about ${percent(noise.error)} of the labels and unanimous for ${noise.sure} of ${noise.n} pictures: plain pixels do not tell these classes apart`, size);
  }
  const { pair } = noise;
  const oneWay = pair !== undefined && pair.score >= 5 && pair.there >= 3 * Math.max(1, pair.back);
  const pairWords = pair === undefined ? '' : `; most one-sided: ${pair.there} that look like ${quoted(classes[pair.from]!)} are labelled ${quoted(classes[pair.to]!)}, ${pair.back} the other way`;
  const picture = matrixPicture(noise.matrix, classes, pair === undefined ? undefined : [pair.from, pair.to]);
  const found = noise.rate >= 0.02 && noise.low >= 0.01;
  const what = `about ${percent(noise.rate)} of the labels are wrong (95 % interval ${percent(noise.low)} to ${percent(noise.high)})${pairWords}`;
  return say('image-label-noise', found ? 'finding' : 'assessed', what, {
    ...size, score: rounded(noise.rate, 4), ...(picture === undefined ? {} : { picture }),
    ...(found ? rowsOf(pictures, noise.ranked.slice(0, Math.max(8, Math.round(noise.rate * noise.n)))) : {}),
    detail: {
      rate: rounded(noise.rate, 4), low: rounded(noise.low, 4), high: rounded(noise.high, 4), 'neighbour-error': rounded(noise.error, 4),
      ...(pair === undefined ? {} : { from: classes[pair.from]!, to: classes[pair.to]!, there: pair.there, back: pair.back, 'one-way': oneWay ? 'yes' : 'no' }),
    },
  });
}

function* copyFacts(pictures: Pictures, { flood: found, strictest, largest }: ReturnType<typeof flood>, say: Say): Generator<StudyFact> {
  const copies = strictest.clusters.reduce((sum, { rows }) => sum + rows.length - 1, 0);
  if (found === undefined) {
    yield say('image-near-duplicates', 'assessed', `${copies} pictures repeat another one; the largest group of look-alikes that stands out has ${largest}, where 20 would count`, { score: largest, detail: { copies, plain: strictest.plain } });
  } else {
    const { cluster, next, limit } = found;
    const [label] = cluster.labels;
    const picture = panels([{ title: 'mean of the group', ...pictures.whole, pixels: meanPicture(pictures.whole, cluster.rows) }, { title: 'one of them', ...pictures.whole, pixels: meanPicture(pictures.whole, cluster.rows.slice(0, 1)) }], `${cluster.rows.length} look-alikes`);
    yield say('image-near-duplicates', 'finding', `${cluster.rows.length} of ${pictures.count} pictures are nearly the same one (${cluster.exact} exactly); the next largest group has ${next}${label === undefined || label[0] < 0 ? '' : `; ${label[1]} are labelled ${quoted(pictures.classes[label[0]]!)}`}`, {
      score: cluster.rows.length, ...rowsOf(pictures, cluster.rows), ...(picture === undefined ? {} : { picture }), detail: { next, limit, copies },
    });
  }
  if (pictures.classes.length >= 2) yield conflictingFact(pictures, strictest.clusters, say);
  yield* leakFacts(pictures, strictest.clusters, say);
}

function conflictingFact(pictures: Pictures, clusters: ReturnType<typeof flood>['strictest']['clusters'], say: Say): StudyFact {
  const torn = clusters.filter(({ labels }) => labels.filter(([label]) => label >= 0).length > 1);
  const rows = torn.flatMap((cluster) => cluster.rows);
  const exact = torn.filter((cluster) => cluster.exact > 0).length;
  if (exact === 0 && torn.length < 3) {
    return say('image-conflicting-duplicates', 'assessed', `${torn.length === 0 ? 'no' : torn.length} of ${clusters.length} groups of copies have different labels${torn.length === 0 ? '' : ', and none of these copies is exact'}`, { score: torn.length });
  }
  const [first] = torn;
  const names = first!.labels.slice(0, 3).map(([label, count]) => `${count} ${quoted(label < 0 ? '' : pictures.classes[label]!)}`).join(', ');
  return say('image-conflicting-duplicates', 'finding', `${torn.length} of ${clusters.length} groups of copies have different labels (the largest: ${names})`, { score: torn.length, ...rowsOf(pictures, rows), detail: { groups: clusters.length, torn: torn.length, exact } });
}

function* leakFacts(pictures: Pictures, clusters: ReturnType<typeof flood>['strictest']['clusters'], say: Say): Generator<StudyFact> {
  const splits = [...new Set(pictures.splits)].filter((split) => split !== undefined && split !== '');
  if (splits.length < 2) {
    yield say('image-split-leakage', 'not-assessable', splits.length === 0 ? 'the set names no splits' : 'the set has one split');
    return;
  }
  const { rows, held, split } = leaks(pictures, clusters);
  const share = rows.length / Math.max(1, held);
  const what = `${rows.length} of ${held} held-out pictures (${percent(share)}) are in the training split too`;
  if (rows.length < 3 || share < 0.002) yield say('image-split-leakage', 'assessed', what, { score: rounded(share, 4) });
  else yield say('image-split-leakage', 'finding', what, { score: rounded(share, 4), ...rowsOf(pictures, rows), detail: { split, held, leaked: rows.length } });
}

/** Whether a group shares more than half of its rows with one that was spoken of. */
function overlaps(rows: readonly number[], spoken: readonly (readonly number[])[]): boolean {
  const mine = new Set(rows);
  return spoken.some((other) => other.reduce((sum, row) => sum + (mine.has(row) ? 1 : 0), 0) >= 0.5 * Math.min(mine.size, other.length));
}

function rowsOf(pictures: Pictures, rows: readonly number[]): Pick<StudyFact, 'rows' | 'rowCount'> {
  return { rows: rows.slice(0, 64).map((row) => pictures.id(row)), rowCount: rows.length };
}

function shapeOf({ shape, size }: Feature): string {
  return shape === 'spot' ? 'bright or dark single pixel' : `${size} × ${size} block`;
}

function placeOf(view: View, { x, y }: { readonly x: number; readonly y: number }): string {
  if (view === 'whole') return `at column ${x}, row ${y}`;
  return `${x < 32 ? `${x} from the left` : `${64 - x} from the right`}, ${y < 32 ? `${y} from the top` : `${64 - y} from the bottom`}`;
}

function quoted(name: string): string {
  return JSON.stringify(name.length <= 48 ? name : `${name.slice(0, 47)}…`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
