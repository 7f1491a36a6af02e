// SPDX-License-Identifier: Apache-2.0
// One tensor against the one of the same name in the base: equal, or how far apart and in how many directions.
import { asBuffer } from '../bytes/as-buffer.ts';
import type { ByteSource } from '../bytes/source.ts';
import { numbersOf, type Numbers } from '../weigh/numbers.ts';
import type { Placed } from './models.ts';
import { Sketch, width } from './spectrum.ts';

/** How a tensor differs from its counterpart. */
export interface Change {
  readonly name: string;
  readonly shape: readonly number[];
  /** `other`: shape or type cannot be compared. */
  readonly kind: 'identical' | 'low-rank' | 'dense' | 'rows' | 'other';
  /** Frobenius norm of the difference by that of the base. */
  readonly relative: number;
  /** Cosine between the two tensors. */
  readonly cosine: number;
  /** Directions that hold nearly all of the difference; absent where it is more than eight, or the tensor is no matrix. */
  readonly rank?: number;
  /** Rows that differ, the first of them by number, where few do. */
  readonly rows?: { readonly n: number; readonly among: number; readonly first: readonly number[] };
}

const blockNumbers = 1 << 17;
/** Share of the energy that counts as all of it: rounding to 16 bits adds a little in every direction. Four of sixteen directions hold less than half where there is no rank, eight up to three quarters. */
const nearlyAll = (rank: number): number => (rank <= 4 ? 0.8 : 0.9);
const highestRank = width / 2;
const listedRows = 16;
/** Columns of a matrix whose sketch is taken: 16 numbers are kept for each. */
const mostColumns = 1 << 20;

/** Rounds to what a type can hold, so that a copy in fewer bits is the same. */
const rounding: Readonly<Record<string, (x: number) => number>> = { F32: Math.fround, F16: (x) => Math.f16round(x), BF16: bfloat };
const precision = ['BF16', 'F16', 'F32', 'F64'];

function bfloat(x: number): number {
  const [word] = new Uint32Array(Float32Array.of(x).buffer) as unknown as [number];
  return new Float32Array(Uint32Array.of((word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000).buffer)[0]!;
}

/** Reads both, block by block. Throws what the sources throw. */
export async function compare(mine: Placed, base: Placed, sources: { readonly mine: ByteSource; readonly base: ByteSource }): Promise<Change> {
  const none = { name: mine.name, shape: mine.shape, relative: 0, cosine: 1 };
  const [ours, theirs] = [numbersOf(mine.dtype), numbersOf(base.dtype)];
  const elements = mine.shape.reduce((product, size) => product * size, 1);
  const fits = (numbers: Numbers, { begin, end }: Placed): boolean => Math.ceil(elements / numbers.elements) * numbers.bytes === end - begin;
  if (ours === undefined || theirs === undefined || !Number.isSafeInteger(elements) || elements === 0 || !sameShape(mine.shape, base.shape) || !fits(ours, mine) || !fits(theirs, base)) return { ...none, kind: 'other' };
  if (mine.dtype === base.dtype && await sameBytes(mine, base, sources)) return { ...none, kind: 'identical' };
  const columns = mine.shape.length >= 2 ? elements / mine.shape[0]! : 0;
  const sums = new Sums(columns, mine.dtype === base.dtype ? undefined : rounding[coarser(mine.dtype, base.dtype)]);
  const step = blockSize(columns, ours, theirs);
  const [a, b] = [new Float64Array(step + 256), new Float64Array(step + 256)];
  for (let from = 0; from < elements; from += step) {
    const length = Math.min(step, elements - from);
    await Promise.all([decode(sources.mine, mine, ours, from, length, a), decode(sources.base, base, theirs, from, length, b)]);
    sums.add(a, b, length);
  }
  return sums.told(none, mine.shape);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function coarser(a: string, b: string): string {
  return precision.find((dtype) => dtype === a || dtype === b) ?? a;
}

/** Whole rows, whole quantised blocks. */
function blockSize(columns: number, ours: Numbers, theirs: Numbers): number {
  const unit = Math.max(columns, 1);
  const block = Math.max(ours.elements, theirs.elements);
  const rows = Math.max(1, Math.floor(blockNumbers / unit));
  const size = unit > blockNumbers * 8 ? blockNumbers : unit * rows;
  return Math.ceil(size / block) * block;
}

async function sameBytes(mine: Placed, base: Placed, sources: { readonly mine: ByteSource; readonly base: ByteSource }): Promise<boolean> {
  const size = mine.end - mine.begin;
  const block = 1 << 20;
  for (let from = 0; from < size; from += block) {
    const length = Math.min(block, size - from);
    const [a, b] = await Promise.all([sources.mine.read(mine.begin + from, length), sources.base.read(base.begin + from, length)]);
    if (!asBuffer(a).equals(b)) return false;
  }
  return true;
}

async function decode(source: ByteSource, { begin, end }: Placed, { bytes, elements, decode: into }: Numbers, from: number, length: number, to: Float64Array): Promise<void> {
  const at = begin + (from / elements) * bytes;
  const block = await source.read(at, Math.min(Math.ceil(length / elements) * bytes, end - at));
  into(block, to);
}

/** Everything that is added up over two tensors. */
class Sums {
  readonly #columns: number;
  readonly #round: ((x: number) => number) | undefined;
  readonly #sketch: Sketch | undefined;
  readonly #rows: number[] = [];
  #changedRows = 0;
  #row = 0;
  #difference = 0;
  #ours = 0;
  #theirs = 0;
  #dot = 0;

  constructor(columns: number, round: ((x: number) => number) | undefined) {
    this.#columns = columns;
    this.#round = round;
    this.#sketch = columns >= 2 && columns <= mostColumns ? new Sketch(columns) : undefined;
  }

  /** `ours` becomes the difference. Blocks hold whole rows where there is a sketch. */
  add(ours: Float64Array, theirs: Float64Array, length: number): void {
    const round = this.#round;
    let [difference, own, their, dot] = [0, 0, 0, 0];
    for (let i = 0; i < length; i += 1) {
      let [x, y] = [ours[i]!, theirs[i]!];
      if (round !== undefined) [x, y] = [round(x), round(y)];
      const d = Number.isFinite(x) && Number.isFinite(y) ? x - y : 0; // what is not finite is told elsewhere
      ours[i] = d;
      difference += d * d;
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      own += x * x;
      their += y * y;
      dot += x * y;
    }
    this.#difference += difference;
    this.#ours += own;
    this.#theirs += their;
    this.#dot += dot;
    if (this.#columns > 0) this.#addRows(ours, length);
  }

  #addRows(d: Float64Array, length: number): void {
    const columns = this.#columns;
    for (let from = 0; from + columns <= length; from += columns, this.#row += 1) {
      let changed = false;
      for (let j = 0; j < columns && !changed; j += 1) changed = d[from + j] !== 0;
      if (!changed) continue;
      this.#changedRows += 1;
      if (this.#rows.length < listedRows) this.#rows.push(this.#row);
      this.#sketch?.add(d, from);
    }
  }

  told(none: { readonly name: string; readonly shape: readonly number[]; readonly relative: number; readonly cosine: number }, shape: readonly number[]): Change {
    if (this.#difference === 0) return { ...none, kind: 'identical' };
    const relative = Math.sqrt(this.#difference / (this.#theirs || 1));
    const cosine = this.#dot / (Math.sqrt(this.#ours * this.#theirs) || 1);
    const all = shape[0] ?? 0;
    const few = this.#columns > 0 && all >= 64 && this.#changedRows <= Math.max(2, all / 100);
    const rows = few ? { rows: { n: this.#changedRows, among: all, first: this.#rows } } : {};
    const rank = this.#sketch === undefined ? undefined : rankOf(this.#sketch.shares(), Math.min(all, this.#columns));
    return { ...none, relative, cosine, ...rows, ...(rank === undefined ? {} : { rank }), kind: few ? 'rows' : rank === undefined ? 'dense' : 'low-rank' };
  }
}

/** A rank says something only where the matrix has many times as many directions. */
function rankOf(shares: Float64Array, directions: number): number | undefined {
  let sum = 0;
  for (let rank = 1; rank <= highestRank && rank * 8 <= directions; rank += 1) {
    sum += shares[rank - 1]!;
    if (sum >= nearlyAll(rank)) return rank;
  }
  return undefined;
}
