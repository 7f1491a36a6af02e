// SPDX-License-Identifier: Apache-2.0
// Weights as numbers: what is counted in every tensor that lies in one piece in an artefact, whatever its format.
import { clip } from '../bytes/clip.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Fact, FactOf } from '../model/fact.ts';
import { countWindow, counters, lawBreak, layouts, windowLength, type Layout, type Window } from './bits.ts';
import { findHidden } from './magic.ts';
import { numbersOf, type Numbers } from './numbers.ts';
import { lawPicture } from './picture.ts';
import { add, plain, type Plain } from './plain.ts';

export type Depth = 'full' | 'sample' | 'auto';
type Study = FactOf<'study'>;

/** Bytes of tensors in one artefact up to which 'auto' reads them all. */
export const wholeUpTo = 64 << 20;
/** Bytes that a sample takes of an artefact, in blocks at even distances. */
export const sampled = 32 << 20;
const blockBytes = 1 << 20;
/** Tensors of one artefact that are looked at one by one. */
const mostTensors = 20_000;
/** Findings of one question. */
const shown = 8;
const fewest = 20_000;

const blind = {
  health: 'wrong numbers that are finite and of ordinary size',
  bits: 'encrypted data in up to 16 low bits of 32-bit floats, payloads below 48 KB, data spread over many weights a few bits at a time',
  files: 'encrypted payloads, files in other orders of bits, and files that do not begin near the beginning of one of the first tensors',
} as const;

interface Piece {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly elements: number;
  readonly numbers: Numbers;
}

/** What the numbers of an artefact's tensors say. Reads only where `tensor` facts say that they lie. */
export async function* weigh(source: ByteSource, facts: readonly Fact[], depth: Depth = 'auto'): AsyncGenerator<Study> {
  const tensors = facts.filter((fact): fact is FactOf<'tensor'> => fact.kind === 'tensor' && fact.outside === undefined);
  const pieces: Piece[] = [];
  const unread = new Set<string>();
  for (const tensor of tensors.slice(0, mostTensors)) {
    const piece = pieceOf(tensor);
    if (typeof piece === 'string') unread.add(piece);
    else if (piece.elements > 0) pieces.push(piece);
  }
  if (tensors.length > mostTensors) unread.add(`${tensors.length - mostTensors} further tensors`);
  if (pieces.length > 0 && (await bigEndian(source))) {
    pieces.length = 0;
    unread.add('numbers with the high byte first');
  }
  if (unread.size > 0) {
    const what = `not weighed: ${[...unread].slice(0, 6).join(', ')}`;
    yield { kind: 'study', question: 'tensor-numbers', outcome: 'not-assessable', of: 'tensors', what: clip(what), n: 0, among: tensors.length, blind: 'the numbers in these tensors' };
  }
  if (pieces.length === 0) return;
  const total = pieces.reduce((sum, piece) => sum + bytesOf(piece), 0);
  const share = depth === 'full' || (depth === 'auto' && total <= wholeUpTo) ? 1 : Math.min(1, sampled / total);
  const tally = new Tally(pieces.reduce((sum, { elements }) => sum + elements, 0));
  for (const piece of pieces) await weighOne(source, piece, share, tally);
  yield* tally.studies();
}

function pieceOf({ name, dtype, shape, at }: FactOf<'tensor'>): Piece | string {
  const numbers = numbersOf(dtype);
  if (numbers === undefined) return clip(`type ${dtype}`, 40);
  if (at === undefined) return 'tensors that do not lie in this file';
  let elements = 1;
  for (const size of shape) elements *= size;
  const room = at[1] - at[0];
  if (!Number.isSafeInteger(elements) || Math.ceil(elements / numbers.elements) * numbers.bytes !== room) return 'tensors whose bytes are not what type and shape ask for';
  return { name, dtype, shape, begin: at[0], elements, numbers };
}

function bytesOf({ elements, numbers }: Piece): number {
  return Math.ceil(elements / numbers.elements) * numbers.bytes;
}

/** `tensor` facts do not tell the order of bytes: numpy writes it into the header, and a GGUF file shows it in its version. */
async function bigEndian(source: ByteSource): Promise<boolean> {
  const head = Buffer.from(await source.read(0, Math.min(256, source.size)));
  if (head.subarray(1, 6).toString('latin1') === 'NUMPY') return /['"]descr['"]: ['"]>/.test(head.toString('latin1'));
  return head.toString('latin1', 0, 4) === 'GGUF' && head.length >= 8 && head.readUInt16LE(4) === 0;
}

async function weighOne(source: ByteSource, piece: Piece, share: number, tally: Tally): Promise<void> {
  const bytes = bytesOf(piece);
  const layout = layouts[piece.dtype];
  const unit = Math.max(1, Math.floor(blockBytes / piece.numbers.bytes)) * piece.numbers.bytes;
  const blocks = Math.ceil(bytes / unit);
  // A sample holds the first block, where encoders begin, and others at even distances. Small tensors are read whole: a payload
  // is not spread over them, and they cost little.
  const taken = share === 1 ? blocks : Math.max(1, Math.ceil(blocks * share));
  const stats = plain();
  const windows: Window[] = [];
  let hidden: ReturnType<typeof findHidden>;
  const room = new Float64Array(layout === undefined ? Math.min(unit, bytes) / piece.numbers.bytes * piece.numbers.elements : 0);
  for (let i = 0; i < taken; i += 1) {
    const from = Math.floor((i * blocks) / taken) * unit;
    const block = await source.read(piece.begin + from, Math.min(unit, bytes - from));
    const length = Math.min((block.length / piece.numbers.bytes) * piece.numbers.elements, piece.elements - (from / piece.numbers.bytes) * piece.numbers.elements);
    if (layout === undefined) {
      piece.numbers.decode(block, room);
      if (/^F|Q|MX/.test(piece.dtype)) add(stats, room, length);
      else stats.count += length; // whole numbers are neither NaN nor too large
      continue;
    }
    const aligned = block.byteOffset % 4 === 0 ? block : new Uint8Array(block); // a Buffer's slice() would be no copy
    const words = layout.bits === 32 ? new Uint32Array(aligned.buffer, aligned.byteOffset, length) : new Uint16Array(aligned.buffer, aligned.byteOffset, length);
    if (piece.dtype === 'F32') add(stats, new Float32Array(aligned.buffer, aligned.byteOffset, length), length);
    else if (piece.dtype === 'F16') add(stats, new Float16Array(aligned.buffer, aligned.byteOffset, length), length);
    else addBfloat(stats, words as Uint16Array, tally.wide);
    for (let w = 0; w + fewestInWindow <= length; w += windowLength) windows.push(countWindow(words.subarray(w, w + windowLength), layout, tally.counters));
    if (i === 0 && tally.streams(length)) hidden = findHidden(words.subarray(0, streamLength), layout.bits); // published encoders begin with a tensor
  }
  tally.take(piece, stats, windows, layout, hidden);
}

/** A shorter rest of a tensor is not counted. */
const fewestInWindow = 4096;
/** Elements at a tensor's beginning that are put together to streams of bits: enough for any header. */
const streamLength = 16_384;
/** Elements of one artefact that are put together so: twenty streams cost more than everything else. */
const streamedInAll = 4 << 20;

function addBfloat(stats: Plain, words: Uint16Array, wide: Uint32Array): void {
  const numbers = new Float32Array(wide.buffer);
  for (let i = 0; i < words.length; i += 1) wide[i] = words[i]! << 16;
  add(stats, numbers, words.length);
}

interface Placed {
  readonly window: Window;
  readonly piece: Piece;
}

/** Share of different numbers in a window below which they are steps (quantised, rounded), for which the law does not hold. */
const leastDistinct: Readonly<Record<string, number>> = { F32: 0.85, F16: 0.5, BF16: 0.3 };

/** Gathers what was found in the tensors of one artefact. */
class Tally {
  readonly counters = counters();
  readonly wide = new Uint32Array(blockBytes / 2);
  readonly #among: number;
  readonly #found: Study[] = [];
  readonly #counts = new Map<string, number>();
  readonly #pooled = new Map<string, Placed[]>();
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

  take(piece: Piece, stats: Plain, windows: readonly Window[], layout: Layout | undefined, hidden: ReturnType<typeof findHidden>): void {
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
    for (const window of usable) pooled.push({ window, piece });
    this.#pooled.set(piece.dtype, pooled);
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
