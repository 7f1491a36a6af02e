// SPDX-License-Identifier: Apache-2.0
// Weights as numbers: what is counted in every tensor that lies in one piece in an artefact, whatever its format.
import { clip } from '../bytes/clip.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Fact, FactOf } from '../model/fact.ts';
import { layouts, windowLength, windowOf, type Window } from './bits.ts';
import { blockBytes, Kernel, type Format } from './kernel/kernel.ts';
import { findHidden } from './magic.ts';
import { numbersOf, type Numbers } from './numbers.ts';
import { add, merge, plain, type Plain } from './plain.ts';
import { Rows, statisticsOf } from './statistics.ts';
import { Tally } from './tally.ts';

export type Depth = 'full' | 'sample' | 'auto';

/** Bytes of tensors in one artefact up to which 'auto' reads them all. */
export const wholeUpTo = 128 << 20;
/** Bytes that a sample takes of an artefact, in blocks at even distances. */
export const sampled = 64 << 20;
/** Tensors of one artefact that are looked at one by one. */
const mostTensors = 20_000;
/** Tensors of one artefact whose statistics are told. */
const mostTold = 2048;
/** Numbers of a row, at least, where rows are looked at one by one. */
const shortestRow = 64;
/** Rows that the kernel takes at once. */
const rowsAtOnce = 32_768;

/** A tensor whose bytes lie where its type and shape say. */
export interface Piece {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly elements: number;
  readonly numbers: Numbers;
}

/** Kernels that nobody uses. Each holds what it counts of one tensor while the next block is waited for, so that two scans must not share one. */
const idle: Kernel[] = [];

/** What the numbers of an artefact's tensors say. Reads only where `tensor` facts say that they lie. */
export async function* weigh(source: ByteSource, facts: readonly Fact[], depth: Depth = 'auto'): AsyncGenerator<FactOf<'study' | 'statistics'>> {
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
  const kernel = idle.pop() ?? new Kernel();
  let told = 0;
  try {
    for (const piece of pieces) {
      const statistics = layouts[piece.dtype] === undefined ? await weighOther(source, piece, share, tally) : await weighFloats(source, piece, share, tally, kernel);
      if (statistics !== undefined && (told += 1) <= mostTold) yield statistics;
    }
  } finally {
    idle.push(kernel);
  }
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

/** Blocks of a tensor that are read: where each begins, and how long it is. */
function* blocksOf(bytes: number, unit: number, share: number): Generator<readonly [from: number, length: number]> {
  const blocks = Math.ceil(bytes / unit);
  // A sample holds the first block, where encoders begin, and others at even distances. Small tensors are read whole: a payload
  // is not spread over them, and they cost little.
  const taken = share === 1 ? blocks : Math.max(1, Math.round(blocks * share));
  for (let i = 0; i < taken; i += 1) {
    const from = Math.floor((i * blocks) / taken) * unit;
    yield [from, Math.min(unit, bytes - from)];
  }
}

/** Floats of 32 and 16 bits: everything, in the kernel. */
async function weighFloats(source: ByteSource, piece: Piece, share: number, tally: Tally, kernel: Kernel): Promise<FactOf<'statistics'> | undefined> {
  const layout = layouts[piece.dtype]!;
  const [bytes, each] = [bytesOf(piece), layout.bits / 8];
  const length = piece.shape.length >= 2 ? piece.elements / piece.shape[0]! : 0;
  const inRows = length >= shortestRow && length * each <= blockBytes;
  // A sample takes smaller pieces of more tensors.
  const most = share === 1 ? blockBytes : blockBytes / 4;
  const unit = inRows ? Math.max(1, Math.floor(most / (length * each))) * length * each : most;
  const rows = inRows ? new Rows(length) : undefined;
  const stats = plain();
  const windows: Window[] = [];
  let hidden: ReturnType<typeof findHidden>;
  kernel.forget();
  for (const [from, size] of blocksOf(bytes, unit, share)) {
    kernel.take(await source.read(piece.begin + from, size, kernel.room(size)), piece.dtype as Format);
    const { words } = kernel;
    measure(kernel, words.length, stats);
    for (let w = 0; w + 4 <= words.length; w += windowLength) {
      const end = Math.min(words.length, w + windowLength) & ~3;
      const counted = kernel.count(w, end);
      if (end - w >= fewestInWindow) windows.push(windowOf(words.subarray(w, end), layout, counted));
    }
    const whole = rows === undefined ? 0 : Math.floor(words.length / length);
    for (let r = 0; r < whole; r += rowsAtOnce) rows!.add(kernel.rows(r * length, length, Math.min(rowsAtOnce, whole - r)));
    if (from === 0 && tally.streams(words.length)) hidden = findHidden(kernel, layout.bits); // published encoders begin with a tensor
  }
  tally.take(piece, stats, windows, layout, hidden);
  return statisticsOf(piece.name, piece.dtype, piece.elements, stats, kernel, rows);
}

/** The kernel takes four at a time; what is left over, and blocks with NaN or infinities in them, are done one by one. */
function measure(kernel: Kernel, length: number, stats: Plain): void {
  const most = length & ~3;
  const measured = most === 0 ? undefined : kernel.measure(0, most);
  if (measured === undefined || !measured.finite || !Number.isFinite(measured.squares)) {
    add(stats, kernel.numbers, length);
    return;
  }
  merge(stats, measured, most);
  if (most < length) add(stats, kernel.numbers.subarray(most), length - most);
}

/** Doubles, 8-bit floats, whole numbers and quantised blocks: plain statistics of their values. */
async function weighOther(source: ByteSource, piece: Piece, share: number, tally: Tally): Promise<undefined> {
  const { bytes: each, elements, decode } = piece.numbers;
  const bytes = bytesOf(piece);
  const unit = Math.max(1, Math.floor(blockBytes / each)) * each;
  const stats = plain();
  const room = new Float64Array((Math.min(unit, bytes) / each) * elements);
  for (const [from, size] of blocksOf(bytes, unit, share)) {
    const block = await source.read(piece.begin + from, size);
    const length = Math.min((block.length / each) * elements, piece.elements - (from / each) * elements);
    decode(block, room);
    if (/^F|Q|MX/.test(piece.dtype)) add(stats, room, length);
    else stats.count += length; // whole numbers are neither NaN nor too large
  }
  tally.take(piece, stats, [], undefined, undefined);
  return undefined;
}

/** A shorter rest of a tensor is not counted. */
const fewestInWindow = 4096;
