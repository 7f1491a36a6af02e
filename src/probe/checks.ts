// SPDX-License-Identifier: Apache-2.0
import type { FactOf } from '../model/fact.ts';
import { valuesFor } from './inputs.ts';
import type { Port, Session, Values } from './session.ts';

type Check = FactOf<'check'>;
type Rows = readonly number[] | undefined;

/** Sizes tried for dimensions that a model leaves open, until it takes an input. */
const openSizes = [8, 1, 32, 64, 224, 512];
/** Seconds for all runs, and whom to tell when the first one ended. */
export interface Pace {
  readonly seconds: number;
  readonly ran: () => void;
}

const unhurried: Pace = { seconds: Number.POSITIVE_INFINITY, ran: () => undefined };
const unhurriedOnly = ['repeatable-output', 'row-independence'];
/** Parts of an output's range. Sums in another order stay below the first; scales taken over a whole batch, between the two. */
const rounding = 1e-3;
const quantisation = 0.1;

/**
 * What is asked of a model that is loaded (`runtime-load`: whether it is; `runtime-survives`: whether the process outlived it). `runtime-run`: it takes an input of the types and shapes it declares.
 * `finite-output`: it answers an ordinary input without NaN or infinity. `repeatable-output`: the same input gives the
 * same answer. `row-independence`: a row of a batch is answered the same with another row beside it (a model that fails
 * can leak one user's input into another's answer: architectural backdoors, arXiv 2505.18323).
 */
export async function checks(session: Session, { seconds, ran }: Pace = unhurried): Promise<Check[]> {
  const { inputs } = session;
  const begun = performance.now();
  const odd = inputs.find((port) => valuesFor(port, new Map(), undefined, 1) === undefined);
  if (odd !== undefined) return [{ kind: 'check', name: 'runtime-run', outcome: 'not-assessable', what: `no input of type ${odd.type} can be made up for ${quoted(odd.name)}` }];
  const tried = await firstThatRuns(session);
  if ('error' in tried) return [{ kind: 'check', name: 'runtime-run', outcome: 'not-assessable', what: `no made-up input was taken: ${tried.error}` }];
  ran();
  const { open, first } = tried;
  const known: Check[] = [{ kind: 'check', name: 'runtime-run', outcome: 'held', what: 'takes input of the declared types and shapes' }, finite(first)];
  if (performance.now() - begun > (seconds * 1000) / 3) return [...known, ...unhurriedOnly.map((name): Check => ({ kind: 'check', name, outcome: 'not-assessable', what: 'a run takes too long for more of them' }))];
  const again = repeatable(first, await session.run(feedsFor(inputs, [0], open) ?? {}));
  return [
    ...known,
    again,
    again.outcome === 'held' ? await independent(session, open, first)
      : { kind: 'check', name: 'row-independence', outcome: 'not-assessable', what: 'answers differ from run to run' },
  ];
}

async function firstThatRuns(session: Session): Promise<{ open: number; first: Readonly<Record<string, Values>> } | { error: string }> {
  let error = 'the inputs are too large';
  for (const open of openSizes) {
    const feeds = feedsFor(session.inputs, [0], open);
    if (feeds === undefined) continue;
    try {
      return { open, first: await session.run(feeds) };
    } catch (thrown) {
      error = messageOf(thrown);
    }
  }
  return { error };
}

/** Inputs with one row of made-up values for each number in `rows`; undefined when they would be too large. */
function feedsFor(inputs: readonly Port[], rows: Rows, open: number): Record<string, Values> | undefined {
  const feeds: Record<string, Values> = {};
  // A size that leads one input is the number of rows wherever it is named (recurrent states have it second).
  const named = new Map(inputs.flatMap(({ shape: [size] }) => (typeof size === 'string' && size !== '' ? [[size, rows?.length ?? 1] as const] : [])));
  for (const port of inputs) {
    const values = valuesFor(port, named, typeof port.shape[0] === 'number' ? undefined : rows, open);
    if (values === undefined) return undefined;
    feeds[port.name] = values;
  }
  return feeds;
}

function finite(outputs: Readonly<Record<string, Values>>): Check {
  for (const [name, { type, data }] of byName(outputs)) {
    if (!type.startsWith('float')) continue;
    const bad = count(data, (value, index) => (data instanceof Uint16Array ? (data[index]! & 0x7c00) === 0x7c00 : !Number.isFinite(value)));
    if (bad > 0) return { kind: 'check', name: 'finite-output', outcome: 'broken', what: `${bad} of ${data.length} values of output ${quoted(name)} are NaN or infinite for an ordinary input` };
  }
  return { kind: 'check', name: 'finite-output', outcome: 'held', what: 'no output is NaN or infinite for an ordinary input' };
}

function repeatable(first: Readonly<Record<string, Values>>, again: Readonly<Record<string, Values>>): Check {
  for (const [name, { data }] of byName(first)) {
    const other = again[name]?.data;
    const same = other !== undefined && count(data, (value, index) => !Object.is(value, other[index])) === 0;
    if (!same) return { kind: 'check', name: 'repeatable-output', outcome: 'broken', what: `output ${quoted(name)} differs between two runs on the same input` };
  }
  return { kind: 'check', name: 'repeatable-output', outcome: 'held', what: 'the same input gives the same output' };
}

/** The answer to row 0 alone, and beside another row. */
async function independent(session: Session, open: number, alone: Readonly<Record<string, Values>>): Promise<Check> {
  const say = (outcome: Check['outcome'], what: string): Check => ({ kind: 'check', name: 'row-independence', outcome, what });
  const { inputs } = session;
  if (inputs.length === 0 || !inputs.every(({ shape }) => shape.length > 0 && typeof shape[0] === 'string')) return say('not-assessable', 'the model takes no batches of open size');
  const feeds = feedsFor(inputs, [0, 1], open);
  if (feeds === undefined) return say('not-assessable', 'a batch of two would be too large');
  let pair: Readonly<Record<string, Values>>;
  try {
    pair = await session.run(feeds);
  } catch (error) {
    return say('not-assessable', `a batch of two was refused: ${messageOf(error)}`);
  }
  let compared = 0;
  for (const [name, one] of byName(alone)) {
    const both = pair[name];
    if (both === undefined || !/^(float32|float64|u?int)/.test(one.type) || one.dims[0] !== 1 || both.dims[0] !== 2 || both.data.length !== 2 * one.data.length) continue;
    compared += 1;
    const worst = worstDifference(one.data, both.data);
    if (!(worst > rounding)) continue;
    const what = `output ${quoted(name)} for a row changes by up to ${worst.toPrecision(2)} of its range when another row stands beside it`;
    return worst > quantisation ? say('broken', what) : say('not-assessable', `${what}, as dynamic quantisation makes it`);
  }
  return compared === 0 ? say('not-assessable', 'no output has a row for each row of the input') : say('held', 'a row is answered the same alone and beside another one');
}

function worstDifference(one: Values['data'], both: Values['data']): number {
  let largest = 1e-6;
  let worst = 0;
  for (let i = 0; i < one.length; i += 1) {
    const [a, b] = [Number(one[i]), Number(both[i])];
    if (Object.is(a, b)) continue;
    largest = Math.max(largest, Math.abs(a));
    worst = Math.max(worst, Number.isFinite(a - b) ? Math.abs(a - b) : Number.POSITIVE_INFINITY);
  }
  return worst / largest;
}

function count(data: Values['data'], is: (value: number | bigint | boolean | string, index: number) => boolean): number {
  let found = 0;
  for (let i = 0; i < data.length; i += 1) if (is(data[i]!, i)) found += 1;
  return found;
}

function byName(outputs: Readonly<Record<string, Values>>): [string, Values][] {
  return Object.entries(outputs).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 63)}…` : name);
}

/** First line of a runtime's message, without the paths of this machine. */
export function messageOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replaceAll(/(?:[A-Za-z]:)?[\\/](?:[^\s'":]*[\\/])+/g, '…/');
  const [first = ''] = text.split('\n');
  const line = first.replace(/^\S+\.(?:cc|cpp|h):\d+ [^)]{0,400}\) (?:\[[^\]]{0,200}\] )?/, ''); // where in the runtime's own source
  return line.length > 240 ? `${line.slice(0, 239)}…` : line;
}
