// SPDX-License-Identifier: Apache-2.0
// A data set of pictures and a model that was trained on it: how the model itself groups the pictures of each class. Pictures that bear
// a trigger reach the class by another way than the rest, and stand apart in what the last layer is given (arXiv 1811.03728).
import { readFileSync } from 'node:fs';
import { clip } from '../../bytes/clip.ts';
import { LimitReached, Malformed } from '../../bytes/errors.ts';
import { Budget } from '../../bytes/limits.ts';
import { open, type Port, type Session, type Values } from '../../probe/session.ts';
import type { Random } from '../../sketch/random.ts';
import { scaled, type Pictures } from '../images/pictures.ts';
import type { Candidate, StudyFact } from '../question.ts';
import { split, type Split } from './clusters.ts';
import { tapped } from './tap.ts';

const question = 'activation-clusters';
const blind = 'triggers that the model did not learn, pictures that bear one in most of a class, models of which no layer before the last is told, and sizes beyond 64 × 64 pixels';
const largestModel = 256 << 20;
const mostPictures = 6000;
const mostInClass = 1500;
const fewestInClass = 60;
const batch = 64;
const trials = 12;
/** Share of pictures whose label the model has to give, for the two to belong together. */
const agreed = 0.7;
/** Silhouettes: how far above the null, how much further than any other class, and at least. */
const far = { null: 0.12, others: 0.06, least: 0.5 } as const;
const smallestGroup = 0.005;
const largestGroup = 0.35;
const shownRows = 64;

type Note = Omit<StudyFact, 'kind' | 'question' | 'of' | 'blind'>;

/** One fact for each model that was asked, or one that says why none was. */
export async function* activationFacts(pictures: Pictures, set: string, models: readonly Candidate[], random: Random, tick: () => void): AsyncGenerator<StudyFact> {
  const base = { kind: 'study', question, of: set, blind } as const;
  for (const model of models.slice(0, 4)) {
    let said: Note;
    try {
      said = await ask(pictures, model, random, tick);
    } catch (error) {
      if (error instanceof LimitReached) throw error;
      said = { outcome: 'not-assessable', what: `${clip(model.id, 80)}: ${clip((error as Error).message, 120)}`, n: 0 };
    }
    yield { ...base, ...said };
  }
}

async function ask(pictures: Pictures, model: Candidate, random: Random, tick: () => void): Promise<Note> {
  const name = clip(model.id, 80);
  const not = (why: string): Note => ({ outcome: 'not-assessable', what: `${name}: ${why}`, n: 0 });
  if (pictures.classes.length < 2) return not('the pictures have no classes');
  const bytes = readFileSync(model.path);
  if (bytes.length > largestModel) return not(`the model has ${bytes.length} bytes, allowed ${largestModel}`);
  const tap = await tapped(bytes, new Budget(undefined, bytes.length)).catch((error: unknown) => {
    if (error instanceof Malformed) return undefined;
    throw error;
  });
  if (tap === undefined) return not('no last layer with weights is found before its output');
  const session = await open(tap.bytes);
  try {
    const input = session.inputs.length === 1 ? formOf(session.inputs[0]!) : undefined;
    if (input === undefined) return not('its input is no picture of known size');
    const rows = chosen(pictures);
    const read = await understood(session, tap.name, input, pictures, rows, tick);
    if (typeof read === 'string') return not(read);
    return judged(name, pictures, read.activations, rows, random, tick);
  } finally {
    await session.release();
  }
}

interface Form {
  readonly port: Port;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly last: boolean;
}

/** [N, C, H, W] or [N, H, W, C] of float32, as large as what is kept of pictures at most. */
function formOf(port: Port): Form | undefined {
  const sizes = port.shape.map((size) => (typeof size === 'number' ? size : 0));
  if (port.type !== 'float32' || sizes.length !== 4) return undefined;
  const [, a, b, c] = sizes as [number, number, number, number];
  const [channels, height, width, last] = a === 1 || a === 3 ? [a, b, c, false] : [c, a, b, true];
  return (channels === 1 || channels === 3) && height > 0 && width > 0 && height <= 64 && width <= 64 ? { port, width, height, channels, last } : undefined;
}

/** Rows of each class, evenly over the set, at most `mostInClass` of one and `mostPictures` in all. */
function chosen({ labels, classes, splits }: Pictures): number[] {
  const byClass = classes.map((): number[] => []);
  labels.forEach((label, i) => {
    if (label >= 0 && (splits?.[i] === undefined || !/test|valid/i.test(splits[i]))) byClass[label]!.push(i);
  });
  const each = Math.min(mostInClass, Math.floor(mostPictures / classes.length));
  return byClass.flatMap((rows) => (rows.length <= each ? rows : Array.from({ length: each }, (_, k) => rows[Math.floor((k * rows.length) / each)]!)));
}

/** Usual ways to prepare pixels: as they are, to 1, around 0, by the means of ImageNet and of MNIST. */
const preparations: readonly ((value: number, channel: number) => number)[] = [
  (v) => v / 255, (v) => v / 127.5 - 1, (v) => v, (v, c) => (v / 255 - [0.485, 0.456, 0.406][c]!) / [0.229, 0.224, 0.225][c]!, (v) => (v / 255 - 0.1307) / 0.3081, (v) => (v / 255 - 0.2860) / 0.3530,
];

interface Understood {
  readonly activations: readonly Float32Array[];
}

/** The preparation with which the model gives most labels; a reason where no one gives enough. */
async function understood(session: Session, tap: string, form: Form, pictures: Pictures, rows: readonly number[], tick: () => void): Promise<Understood | string> {
  const some = rows.filter((_, i) => i % Math.max(1, Math.floor(rows.length / 300)) === 0);
  let best = { share: -1, of: preparations[0]! };
  for (const prepare of preparations) {
    const { scores } = await run(session, tap, form, pictures, some, prepare, tick);
    if (scores.length === 0) return 'it gives no scores';
    const classes = scores[0]!.length;
    if (classes !== pictures.classes.length) return `it tells ${classes} classes apart, the set has ${pictures.classes.length}`;
    const right = scores.filter((row, i) => row.indexOf(Math.max(...row)) === pictures.labels[some[i]!]).length;
    if (right / some.length > best.share) best = { share: right / some.length, of: prepare };
  }
  if (best.share < agreed) return `it gives ${(100 * best.share).toFixed(0)} % of the labels of this set: it was not trained on it, or wants other pixels`;
  const { activations } = await run(session, tap, form, pictures, rows, best.of, tick);
  return activations.length === 0 || activations[0]!.length < 4 ? 'what its last layer is given has no numbers to group' : { activations };
}

async function run(session: Session, tap: string, form: Form, pictures: Pictures, rows: readonly number[], prepare: (value: number, channel: number) => number, tick: () => void): Promise<{ scores: number[][]; activations: Float32Array[] }> {
  const [scores, activations]: [number[][], Float32Array[]] = [[], []];
  const fixed = typeof form.port.shape[0] === 'number' ? form.port.shape[0] : batch;
  for (let from = 0; from < rows.length; from += fixed) {
    tick();
    const part = rows.slice(from, from + fixed);
    const got = await session.run({ [form.port.name]: inputOf(form, pictures, part, fixed === batch ? part.length : fixed, prepare) });
    const [score, layer] = [Object.entries(got).find(([name]) => name !== tap)?.[1], got[tap]];
    if (score === undefined || layer === undefined) return { scores: [], activations: [] };
    part.forEach((_, i) => {
      scores.push([...rowOf(score, i)]);
      activations.push(rowOf(layer, i));
    });
  }
  return { scores, activations };
}

function rowOf({ dims, data }: Values, row: number): Float32Array {
  const width = dims.slice(1).reduce((product, size) => product * size, 1);
  return Float32Array.from({ length: Math.min(width, 4096) }, (_, j) => Number(data[row * width + j]));
}

function inputOf({ width, height, channels, last }: Form, { whole }: Pictures, rows: readonly number[], count: number, prepare: (value: number, channel: number) => number): Values {
  const size = width * height;
  const data = new Float32Array(count * size * channels);
  const one = whole.width * whole.height * whole.channels;
  rows.forEach((row, i) => {
    const pixels = scaled({ width: whole.width, height: whole.height, channels: whole.channels, pixels: whole.pixels.subarray(row * one, (row + 1) * one) }, width, height, channels);
    for (let p = 0; p < size; p += 1) for (let c = 0; c < channels; c += 1) data[i * size * channels + (last ? p * channels + c : c * size + p)] = prepare(pixels[p * channels + c]!, c);
  });
  return { type: 'float32', dims: last ? [count, height, width, channels] : [count, channels, height, width], data };
}

interface Class extends Split {
  readonly label: number;
  readonly rows: readonly number[];
}

function judged(name: string, pictures: Pictures, activations: readonly Float32Array[], rows: readonly number[], random: Random, tick: () => void): Note {
  const classes: Class[] = [];
  pictures.classes.forEach((_, label) => {
    const members = rows.flatMap((row, i) => (pictures.labels[row] === label ? [i] : []));
    if (members.length < fewestInClass) return;
    tick();
    classes.push({ ...split(members.map((i) => activations[i]!), random, trials), label, rows: members.map((i) => rows[i]!) });
  });
  const n = classes.reduce((sum, { rows: all }) => sum + all.length, 0);
  if (classes.length < 2) return { outcome: 'not-assessable', what: `${name}: fewer than two classes have ${fewestInClass} pictures`, n };
  const excess = (one: Class): number => one.silhouette - one.null;
  const [first, second] = classes.toSorted((a, b) => excess(b) - excess(a));
  const found = first!.silhouette >= far.least && excess(first!) > far.null && excess(first!) > excess(second!) + far.others && first!.share >= smallestGroup && first!.share <= largestGroup;
  const score = Number(first!.silhouette.toFixed(3));
  const detail = { class: clip(pictures.classes[first!.label]!, 60), share: Number(first!.share.toFixed(3)), 'above null': Number(excess(first!).toFixed(3)), 'next class above null': Number(excess(second!).toFixed(3)), model: name };
  const common = { n, among: pictures.among, score, null: { max: Number(first!.null.toFixed(3)), trials }, detail };
  if (!found) return { ...common, outcome: 'assessed', what: `${name}: in no class do the model's own activations fall into two groups far apart (silhouette ${score} in ${detail.class}, ${detail['above null']} above the null)` };
  const ids = first!.members.map((i) => pictures.id(first!.rows[i]!));
  return {
    ...common, outcome: 'finding', rows: ids.slice(0, shownRows), rowCount: ids.length,
    what: `${name}: ${ids.length} of ${first!.rows.length} pictures of class ${detail.class} stand apart from the rest in what the last layer is given (silhouette ${score}, ${detail['above null']} above the null; next class ${detail['next class above null']}): the model takes them for the class by another way`,
  };
}
