// SPDX-License-Identifier: Apache-2.0
// Values that do not belong to their column: gross outliers, sentinels, and texts among numbers. A matter of quality, and now and then of
// a row that somebody slipped in.
import type { Cell } from '../../model/scanner.ts';
import { notAssessable, numberOf, type Asking, type Placed, type Question, type StudyFact } from '../question.ts';
import type { Random } from '../../sketch/random.ts';

const blind = 'Values that are wrong but ordinary. Columns are judged one by one, so that rows that are odd only in combination are not seen. Heavy tails are judged on a logarithmic scale.';

/** Values kept of a column to know its middle and spread, and extreme ones kept with their rows. */
const kept = { sample: 8192, extremes: 16, columns: 512 } as const;
/** A robust z from which a value is gross, and the gap (in MADs) that must lie between it and the next one. */
const gross = { z: 8, gap: 3 } as const;

const absent = /^(?:na|n\/a|#n\/a|nan|null|none|nil|missing|unknown|undefined|\?|-+|\.+|inf|-inf|infinity|-infinity)$/i;
const sentinels: ReadonlySet<number> = new Set([-1, -9, -99, -999, -9999, -99_999, -32_768, 99, 999, 9999, 99_999, 999_999, 9_999_999, 65_535, 32_767, 2_147_483_647, -2_147_483_648, 1e20, -1e20]);

interface Extreme {
  readonly value: number;
  readonly id: string;
}

class Numbers {
  readonly column: Placed;
  readonly sample: number[] = [];
  readonly high: Extreme[] = [];
  readonly low: Extreme[] = [];
  readonly sentinels = new Map<number, { count: number; first: string }>();
  readonly words: string[] = [];
  readonly wordRows: string[] = [];
  count = 0;
  texts = 0;
  epochs = 0;
  dates = 0;
  epochRow = '';
  readonly #random: Random;

  constructor(column: Placed, random: Random) {
    this.column = column;
    this.#random = random;
  }

  add(cell: Cell | undefined, id: string): void {
    if (cell === null || cell === undefined || cell === '' || typeof cell === 'boolean' || typeof cell === 'object') return;
    const value = numberOf(cell);
    if (value === undefined || !Number.isFinite(value)) {
      if (typeof cell === 'string') this.#text(cell, id);
      return;
    }
    this.count += 1;
    if (this.sample.length < kept.sample) this.sample.push(value);
    else {
      const place = this.#random.below(this.count);
      if (place < kept.sample) this.sample[place] = value;
    }
    if (sentinels.has(value)) {
      const known = this.sentinels.get(value);
      if (known === undefined) this.sentinels.set(value, { count: 1, first: id });
      else known.count += 1;
    }
    keepExtreme(this.high, { value, id }, (a, b) => b - a);
    keepExtreme(this.low, { value, id }, (a, b) => a - b);
  }

  #text(text: string, id: string): void {
    if (/^\d{4}-\d\d-\d\d/.test(text)) {
      this.dates += 1;
      if (/^(?:1970-01-01|1900-01-01|0001-01-01|9999-12-31)/.test(text)) {
        this.epochs += 1;
        this.epochRow ||= id;
      }
      return;
    }
    if (text.length > 256 || absent.test(text.trim())) return;
    this.texts += 1;
    if (this.words.length < 8) {
      this.words.push(text.slice(0, 64));
      this.wordRows.push(id);
    }
  }
}

function keepExtreme(list: Extreme[], one: Extreme, order: (a: number, b: number) => number): void {
  if (list.length === kept.extremes && order(one.value, list.at(-1)!.value) >= 0) return;
  list.push(one);
  list.sort((a, b) => order(a.value, b.value));
  if (list.length > kept.extremes) list.pop();
}

interface Oddity {
  readonly what: string;
  readonly rows: readonly string[];
  readonly count: number;
  readonly score: number;
}

export const values: Question = {
  id: 'value-anomalies',
  title: 'Gross outliers, sentinels and texts among numbers',
  blind,
  needs: (set) => (set.kind === 'table' && set.columns.some(({ type }) => ['int', 'float', 'mixed', 'string'].includes(type)) ? true : 'no column holds numbers or dates'),
  begin(set, context): Asking {
    const columns = set.columns.flatMap((column, index) => (column.roles.some((role) => role === 'id' || role === 'text' || role === 'code' || role === 'prompt' || role === 'response') ? [] : [{ ...column, index }]))
      .slice(0, kept.columns).map((column) => new Numbers(column, context.random(column.name)));
    return {
      batch({ rows }) {
        for (const { id, cells } of rows) for (const one of columns) one.add(cells[one.column.index], id);
      },
      *end(): Iterable<StudyFact> {
        const { n, among } = context.seen();
        const looked = columns.filter(({ count, dates }) => count >= 20 || dates >= 20);
        if (looked.length === 0) {
          yield notAssessable(values, set, 'no column has 20 numbers or dates');
          return;
        }
        const odd = looked.flatMap((one) => [...oddities(one)]);
        yield {
          kind: 'study', question: values.id, outcome: odd.length === 0 ? 'assessed' : 'finding', of: set.name, n, ...(among === undefined ? {} : { among }), blind,
          what: odd.length === 0 ? `${looked.length} columns of numbers or dates hold nothing gross` : odd.slice(0, 8).map(({ what }) => what).join('; ') + (odd.length > 8 ? `; and ${odd.length - 8} more` : ''),
          ...(odd.length === 0 ? {} : { score: Number(Math.max(...odd.map(({ score }) => score)).toPrecision(4)), rows: odd.flatMap(({ rows }) => rows).slice(0, 64), rowCount: odd.reduce((sum, { count }) => sum + count, 0) }),
        };
      },
    };
  },
};

function* oddities(one: Numbers): Generator<Oddity> {
  const name = one.column.name.slice(0, 64);
  const sorted = one.sample.toSorted((a, b) => a - b);
  const marks = [...one.sentinels].filter(([value, { count }]) => isSentinel(value, count, one.count, sorted));
  for (const [value, { count, first }] of marks) yield { what: `${name} holds ${value} in ${count} rows, far outside all other values: a sentinel, not a measurement`, rows: [first], count, score: count / one.count };
  if (one.count >= 20) yield* outliers(one, name, sorted.filter((value) => !marks.some(([mark]) => mark === value)), new Set(marks.map(([value]) => value)));
  if (one.texts > 0 && one.texts <= 0.01 * one.count && one.texts <= 64) {
    yield { what: `${name} holds ${one.count} numbers and ${one.texts} texts, such as ${JSON.stringify(one.words[0])}`, rows: one.wordRows, count: one.texts, score: one.texts };
  }
  if (one.epochs >= 5 && one.epochs <= 0.5 * one.dates) yield { what: `${name} holds the first or last day of a calendar in ${one.epochs} of ${one.dates} rows: a sentinel, not a date`, rows: [one.epochRow], count: one.epochs, score: one.epochs / one.dates };
}

/** Five rows or more at one of the usual values, outside the range of the others by a tenth of that range at least. */
function isSentinel(value: number, count: number, all: number, sorted: readonly number[]): boolean {
  if (count < 5 || count > 0.5 * all) return false;
  const others = sorted.filter((one) => one !== value);
  if (others.length < 20) return false;
  const [low, high] = [at(others, 0.01), at(others, 0.99)];
  const room = Math.max((high - low) * (Math.abs(value) < 10 ? 0.001 : 0.5), 1e-12);
  const [least, most] = [others[0]!, others.at(-1)!];
  return value < low - room && value < least ? true : value > high + room && value > most;
}

/** Values beyond a gap that lies outside everything else, raw and, where all are positive, on a logarithmic scale too. */
function* outliers(one: Numbers, name: string, sorted: readonly number[], marks: ReadonlySet<number>): Generator<Oddity> {
  if (sorted.length < 20) return;
  const positive = sorted[0]! > 0;
  for (const [list, side] of [[one.high, 'above'], [one.low, 'below']] as const) {
    const extremes = list.filter(({ value }) => !marks.has(value));
    const beyond = gapAt(extremes.map(({ value }) => value), sorted, (value) => value);
    const logged = positive && extremes.every(({ value }) => value > 0) ? gapAt(extremes.map(({ value }) => value), sorted, Math.log) : beyond;
    const count = Math.min(beyond.count, logged.count);
    if (count === 0 || count > Math.max(2, 0.001 * one.count)) continue;
    const rows = extremes.slice(0, count);
    yield {
      what: `${name} holds ${count === 1 ? `the value ${rows[0]!.value}` : `${count} values such as ${rows[0]!.value}`} far ${side} all others (median ${Number(at(sorted, 0.5).toPrecision(4))}, robust z ${Number(Math.min(beyond.z, logged.z).toPrecision(3))})`,
      rows: rows.map(({ id }) => id), count, score: Math.min(beyond.z, logged.z),
    };
  }
}

/** How many of the extremes lie beyond a gap of 3 MADs with a robust z from 8 on, and the z of the least of them. */
function gapAt(extremes: readonly number[], sorted: readonly number[], scale: (value: number) => number): { count: number; z: number } {
  const scaled = sorted.map(scale);
  const middle = at(scaled, 0.5);
  const deviations = scaled.map((value) => Math.abs(value - middle)).toSorted((a, b) => a - b);
  const mad = 1.4826 * at(deviations, 0.5);
  if (!(mad > 0)) return { count: 0, z: 0 };
  let found = { count: 0, z: 0 };
  for (let i = 0; i + 1 < extremes.length; i += 1) {
    const [value, next] = [scale(extremes[i]!), scale(extremes[i + 1]!)];
    const z = Math.abs(value - middle) / mad;
    if (z < gross.z) break;
    if (Math.abs(value - next) >= gross.gap * mad && Math.abs(value - next) >= 0.5 * Math.abs(next - middle)) found = { count: i + 1, z };
  }
  return found;
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
