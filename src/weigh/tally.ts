// SPDX-License-Identifier: Apache-2.0
// Judges what was counted in the tensors of one artefact: health, overwritten bytes, the law of the bit planes.
import { clip } from '../bytes/clip.ts';
import type { FactOf } from '../model/fact.ts';
import { lawBreak, layouts, windowLength, type Layout, type Window } from './bits.ts';
import { streamLength, type Hidden } from './magic.ts';
import { lawPicture } from './picture.ts';
import type { Plain } from './plain.ts';

type Study = FactOf<'study'>;

/** What a finding says of its tensor. */
interface Piece {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly elements: number;
}

/** Findings of one question. */
const shown = 8;
const fewest = 20_000;
/** Elements of one artefact that are put together to streams: twenty streams cost more than everything else. */
const streamedInAll = 4 << 20;

const blind = {
  health: 'wrong numbers that are finite and of ordinary size',
  bits: 'encrypted data in up to 16 low bits of 32-bit floats, payloads below 48 KB, data spread over many weights a few bits at a time',
  files: 'encrypted payloads, files in other orders of bits, and files that do not begin near the beginning of one of the first tensors',
} as const;

interface Placed {
  readonly window: Window;
  readonly piece: Piece;
}

/** Windows of one type that are kept apart: beyond, neighbours become one, so that memory stays the same for any file. */
const mostPooled = 16_384;

/** Windows that are known again. */
const mostKnown = 32_768;

/** The same windows in pairs. Only what the law asks for is kept right: the bias of the bits, and of how many numbers. */
function coarser(all: readonly Placed[]): Placed[] {
  const out: Placed[] = [];
  for (let i = 0; i < all.length; i += 2) {
    const [one, two] = [all[i]!, all[i + 1]];
    if (two === undefined) out.push(one);
    else {
      const normal = one.window.normal + two.window.normal;
      const planes = one.window.planes.map((bias, k) => (bias * one.window.normal + two.window.planes[k]! * two.window.normal) / normal);
      out.push({ piece: one.piece, window: { ...one.window, all: one.window.all + two.window.all, normal, planes } });
    }
  }
  return out;
}

/** Share of different numbers in a window below which they are steps (quantised, rounded), for which the law does not hold. */
const leastDistinct: Readonly<Record<string, number>> = { F32: 0.85, F16: 0.5, BF16: 0.3 };

/** Gathers what was found in the tensors of one artefact. */
export class Tally {
  readonly #among: number;
  readonly #found: Study[] = [];
  readonly #counts = new Map<string, number>();
  readonly #pooled = new Map<string, Placed[]>();
  readonly #known = new Set<string>();
  #streamed = 0;
  #n = 0;
  #bits = 0;
  #precise = 0;

  constructor(among: number) {
    this.#among = among;
  }

  /** Whether a tensor's beginning is still searched for files. */
  streams(length: number): boolean {
    if (this.#streamed >= streamedInAll || length < 512) return false;
    this.#streamed += Math.min(length, streamLength);
    return true;
  }

  take(piece: Piece, stats: Plain, windows: readonly Window[], layout: Layout | undefined, hidden: Hidden | undefined): void {
    this.#n += stats.count;
    this.#health(piece, stats);
    if (layout === undefined) return;
    if (hidden !== undefined) {
      this.#say(piece, stats.count, 'tensor-hidden-file', `${hidden.bits} of tensor ${clip(piece.name, 80)} hold a ${hidden.format} file from byte ${hidden.at} on`, blind.files, { bits: hidden.bits, format: hidden.format });
    }
    const usable = windows.filter(({ distinct, normal, all }) => distinct > leastDistinct[piece.dtype]! && normal > 0.5 * all);
    const looked = usable.reduce((sum, { all }) => sum + all, 0);
    this.#bits += looked;
    if (piece.dtype === 'F32') this.#precise += looked;
    this.#overwritten(piece, stats.count, usable.filter(({ all }) => all === windowLength));
    const pooled = this.#pooled.get(piece.dtype) ?? [];
    for (const window of usable) if (this.#isNew(piece.dtype, window)) pooled.push({ window, piece });
    this.#pooled.set(piece.dtype, pooled.length > mostPooled ? coarser(pooled) : pooled);
  }

  /** Tied and copied tensors (experts, repeated layers) are evidence once: chance would count as often as they are there. */
  #isNew(dtype: string, { all, normal, distinct, planes }: Window): boolean {
    const key = `${dtype} ${all} ${normal} ${distinct} ${planes.join(' ')}`;
    if (this.#known.has(key)) return false;
    if (this.#known.size < mostKnown) this.#known.add(key);
    return true;
  }

  #health(piece: Piece, stats: Plain): void {
    const { count, nan, positive, negative, zeros, least, greatest } = stats;
    const name = clip(piece.name, 80);
    // Attention masks are made of zeros and -Infinity, and a bound of Clip may be infinite.
    const mask = nan === 0 && ((positive === 0 && negative + zeros === count) || count <= 16);
    if ((nan > 0 || positive > 0 || negative > 0) && !mask) {
      this.#say(piece, count, 'tensor-not-finite', `tensor ${name} holds ${nan} NaN and ${positive + negative} infinite numbers among ${count}`, blind.health, { nan, infinite: positive + negative });
    }
    if (count >= 4096 && zeros === count && piece.shape.length >= 2) this.#say(piece, count, 'tensor-all-zero', `tensor ${name} holds ${count} zeros and nothing else`, blind.health, {});
    const widest = Math.max(-least, greatest);
    if (count >= 4096 && piece.shape.length >= 2 && widest > 1e6 && /^B?F\d/.test(piece.dtype)) {
      this.#say(piece, count, 'tensor-range', `tensor ${name} reaches from ${least.toPrecision(4)} to ${greatest.toPrecision(4)}, where weights stay below 1e6`, blind.health, { least, greatest });
    }
  }

  /** Three of four bytes replaced (EvilModel, arXiv 2107.08590), with or without a fixed exponent: the exponent's last bit goes with them. */
  #overwritten(piece: Piece, n: number, windows: readonly Window[]): void {
    if (piece.dtype !== 'F32') return;
    const random = windows.filter(({ nibble, oddness, distinct }) => nibble < 0.015 && Math.abs(oddness) < 0.05 && distinct > 0.9);
    if (random.length > 0) {
      const [first] = random;
      const forced = random.filter(({ spread }) => spread < 1).length;
      const how = forced > 0 ? `, and in ${forced} the exponent is held to a few values (standard deviation ${first!.spread.toFixed(2)}, natural is above 1.3)` : '';
      this.#say(piece, n, 'tensor-overwritten', `in ${random.length} of ${windows.length} windows of tensor ${clip(piece.name, 80)} the lower three bytes of each number are evenly spread: mantissas that begin with 0000 lead those with 1111 by ${(100 * first!.nibble).toFixed(2)} points, natural is above 1.6${how}`, blind.bits, { windows: random.length, nibble: first!.nibble, bits: '0-23' });
    }
    const texts = windows.filter(({ lowByte, distinct }) => lowByte > 200 && lowByte < 0.8 * windowLength && distinct > 0.95);
    if (texts.length > 0 && random.length === 0) {
      this.#say(piece, n, 'tensor-low-byte', `in ${texts.length} of ${windows.length} windows of tensor ${clip(piece.name, 80)} the lowest byte is far from evenly spread (chi-square ${texts[0]!.lowByte.toFixed(0)} per degree of freedom, natural is below 113), as a program or text in it would be`, blind.bits, { windows: texts.length, bits: '0-7' });
    }
  }

  /** Over all tensors of a type, in their order: a payload runs through many small ones, and a sum of tensors keeps the law too. */
  #law(dtype: string, all: readonly Placed[]): void {
    const layout = layouts[dtype]!;
    const kept = Math.min(7, layout.mantissa);
    // Prefix sums: each part is then judged in no time.
    const sums = [new Float64Array(kept + 1)];
    for (const { window } of all) {
      const next = sums.at(-1)!.slice();
      for (let k = 0; k < kept; k += 1) next[k]! += window.planes[k]! * window.normal;
      next[kept]! += window.normal;
      sums.push(next);
    }
    const reported = new Set<Piece>();
    // About six parts begin in each window, and four bits are tried: one false alarm in a thousand files by chance alone.
    const certain = Math.max(4.8, Math.sqrt(2 * Math.log(24_000 * all.length)));
    for (let length = all.length; length >= 2; length = Math.floor(length / 1.5)) {
      const step = Math.max(1, length >> 1);
      for (let from = 0; from + length <= all.length; from += step) {
        const [before, after] = [sums[from]!, sums[from + length]!];
        const n = after[kept]! - before[kept]!;
        const { piece } = all[from]!;
        if (n < fewest || reported.has(piece)) continue;
        const planes = Array.from({ length: kept }, (_, k) => (after[k]! - before[k]!) / n);
        const found = lawBreak(planes, n, kept, certain);
        if (found === undefined) continue;
        const bits = layout.mantissa - found.plane + 1;
        const last = all[from + length - 1]!.piece;
        for (let i = from; i < from + length; i += 1) reported.add(all[i]!.piece);
        const where = last === piece ? `tensor ${clip(piece.name, 80)}` : `the tensors from ${clip(piece.name, 60)} to ${clip(last.name, 60)}`;
        this.#say(piece, n, 'tensor-bit-law', `from mantissa bit ${found.plane} on, ${(100 * Math.max(0, found.left)).toFixed(0)} % is left of the bias that trained weights have, in ${n} numbers of ${where}: about ${bits} low bits of each ${dtype} carry something else (z = ${found.z.toFixed(0)})`, blind.bits, { bits: `0-${bits - 1}`, z: Math.round(found.z) }, lawPicture(planes));
      }
    }
  }

  #say(piece: Piece, n: number, question: string, what: string, cannot: string, detail: Record<string, string | number>, picture?: string): void {
    const before = this.#counts.get(question) ?? 0;
    this.#counts.set(question, before + 1);
    if (before >= shown) return;
    this.#found.push({
      kind: 'study', question, outcome: 'finding', of: clip(piece.name), what, n, among: piece.elements, blind: cannot,
      detail: { ...detail, dtype: piece.dtype }, ...(picture === undefined ? {} : { picture }),
    });
  }

  *studies(): Generator<Study> {
    for (const [dtype, windows] of this.#pooled) this.#law(dtype, windows);
    yield* this.#found;
    for (const [question, count] of this.#counts) {
      if (count > shown) yield { kind: 'study', question, outcome: 'finding', of: 'further tensors', what: `the same holds for ${count - shown} further tensors`, n: this.#n, among: this.#among, blind: blind.bits };
    }
    const found = (...questions: string[]): boolean => questions.some((question) => this.#counts.has(question));
    if (!found('tensor-not-finite', 'tensor-all-zero', 'tensor-range')) {
      yield { kind: 'study', question: 'tensor-health', outcome: 'assessed', of: 'tensors', what: 'no NaN, no infinite number, no large tensor of zeros', n: this.#n, among: this.#among, blind: blind.health };
    }
    if (this.#bits > 0 && !found('tensor-overwritten', 'tensor-low-byte', 'tensor-bit-law', 'tensor-hidden-file')) {
      yield { kind: 'study', question: 'tensor-hidden-data', outcome: 'assessed', of: 'tensors', what: 'the bits of the floats look like those of weights', n: this.#bits, among: this.#among, blind: blind.bits };
    }
    if (this.#precise > 0) {
      yield { kind: 'study', question: 'tensor-low-bits', outcome: 'not-assessable', of: 'tensors', what: 'whether up to 16 low bits of the 32-bit floats carry encrypted data cannot be told without the original weights: all statistics would be the same', n: this.#precise, among: this.#among, blind: blind.bits };
    }
  }
}
