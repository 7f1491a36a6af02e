// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { ByteWindow } from '../../src/bytes/window.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner, type Sample } from '../../src/model/scanner.ts';
import type { Span } from '../../src/model/span.ts';
import { blocksNow, blocksThen, layouts, type Block, type Layout, type Magic } from './layouts.ts';

type Said = FactOf<'claim' | 'region' | 'tensor' | 'malformed' | 'gap'>;

export default scanner({
  id: 'ggml',
  title: 'GGML model, older than GGUF',
  extensions: ['.bin', '.ggml'],
  holds: 'weights',
  says: ['claim', 'region', 'tensor', 'malformed', 'gap'],
  recognise: ({ head, size }) => (size >= 16 && magicOf(head) !== undefined ? 'yes' : 'no'),
  inspect,
});

function magicOf(head: Uint8Array): Magic | undefined {
  const text = String.fromCharCode(...head.subarray(0, 4));
  return text === 'lmgg' ? 'ggml' : text === 'fmgg' ? 'ggmf' : text === 'tjgg' ? 'ggjt' : text === 'algg' ? 'ggla' : undefined;
}

interface Header {
  readonly layout: Layout;
  readonly values: readonly number[];
  /** Where the tensors begin. */
  readonly end: number;
}

interface Tensor {
  readonly name: string;
  readonly block: Block;
  readonly shape: readonly number[];
  readonly at: Span;
}

const mostWords = 4_000_000;
const longestWord = 4096;
const longestName = 256;
const mostDimensions = 4;
const mostTensors = 100_000;
/** Bytes in which the first tensor of a layout that is not known is looked for, and places that are tried. */
const mostBefore = 8 << 20;
const mostTried = 256;

async function* inspect(source: ByteSource, { head }: Sample): AsyncGenerator<Said> {
  const magic = magicOf(head) ?? 'ggml';
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const version = magic === 'ggml' ? undefined : view.getUint32(4, true);
  yield { kind: 'claim', field: 'format-version', value: `${magic.toUpperCase()}${version === undefined ? '' : ` ${version}`}` };
  const known = layouts.filter(({ magics, versions }) => magics.includes(magic) && (version === undefined || versions?.includes(version) === true));
  for (const layout of known) {
    const header = await headerOf(source, layout, version === undefined ? 4 : 8);
    // A file of words alone, as tests have them, ends where the tensors would begin.
    const ends = header?.end === source.size && layout.words !== undefined;
    if (header === undefined || (!ends && await tensorAt(source, header.end, magic, blocksNow) === undefined && await tensorAt(source, header.end, magic, blocksThen) === undefined)) continue;
    yield* claims(header);
    yield* tensors(source, header, magic, version);
    return;
  }
  const chained = version === undefined || known.length > 0 ? await chain(source, version === undefined ? 4 : 8, magic) : undefined;
  if (chained !== undefined) {
    yield* claims(chained);
    yield* tensors(source, chained, magic, version);
    return;
  }
  yield { kind: 'gap', what: `GGML model of a layout that is not known${version === undefined ? '' : ` (version ${version})`}: its tensors were not found`, why: 'unsupported', holds: 'weights', format: 'ggml' };
}

/** Numbers, filters and words; undefined where they cannot be what the layout says. */
async function headerOf(source: ByteSource, layout: Layout, begin: number): Promise<Header | undefined> {
  const window = new ByteWindow(source, 'ggml', begin);
  const fits = async (length: number): Promise<boolean> => {
    if (length > window.left) return false;
    await window.load(length, 'header');
    return true;
  };
  const values: number[] = [];
  if (!(await fits(4 * layout.numbers.length))) return undefined;
  for (const _ of layout.numbers) values.push(window.u32());
  if (layout.numbers.some((name, i) => name !== undefined && name !== 'ftype' && !(values[i]! >= 1 && values[i]! <= 10_000_000))) return undefined;
  if (layout.filters === true) {
    if (!(await fits(8))) return undefined;
    const [rows, columns] = [window.u32(), window.u32()];
    if (!(rows >= 1 && rows <= 1024 && columns >= 1 && columns <= 65_536 && 4 * rows * columns <= window.left)) return undefined;
    window.skip(4 * rows * columns, 'filters');
  }
  if (layout.words !== undefined) {
    let count = values[layout.words]!;
    if (layout.again === true) {
      if (!(await fits(4))) return undefined;
      const again = window.u32();
      if (again > count || again === 0) return undefined;
      count = again;
    }
    if (count > mostWords) return undefined;
    for (let i = 0; i < count; i += 1) {
      if (i % 65_536 === 0) source.budget.tick();
      if (!window.has(4) && !(await fits(4))) return undefined;
      const length = window.u32() + (layout.scores === true ? 4 : 0);
      if (length > longestWord || length > window.left) return undefined;
      window.offset += length;
    }
  }
  return { layout, values, end: window.offset };
}

/** Dimensions, length of the name, type, sizes, name; then the numbers, at a multiple of 32 in GGJT and GGLA. Undefined where none can be; a text says what is wrong with one. */
async function tensorAt(source: ByteSource, begin: number, magic: Magic, blocks: ReadonlyMap<number, Block>): Promise<Tensor | string | undefined> {
  if (begin + 12 > source.size) return undefined;
  const bytes = await source.read(begin, Math.min(12 + 4 * mostDimensions + longestName, source.size - begin));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [dims, length, type] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
  if (!(dims >= 1 && dims <= mostDimensions && length >= 1 && length <= longestName) || 12 + 4 * dims + length > bytes.length) return undefined;
  const name = Buffer.from(bytes.subarray(12 + 4 * dims, 12 + 4 * dims + length)).toString('latin1');
  if (/[^\x20-\x7e]/.test(name)) return undefined;
  const block = blocks.get(type);
  if (block === undefined) return type < 64 ? `tensor ${clip(name, 120)} at ${begin} has the type ${type}, which is not known` : undefined;
  const shape = Array.from({ length: dims }, (_, i) => view.getUint32(12 + 4 * i, true));
  const row = shape[0]!; // at least one dimension
  if (row % block.numbers !== 0) return `rows of tensor ${clip(name, 120)} at ${begin} have ${row} numbers, no multiple of ${block.numbers} as ${block.name} needs`;
  const size = (shape.reduce((product, one) => product * BigInt(one), 1n) / BigInt(block.numbers)) * BigInt(block.bytes);
  let from = begin + 12 + 4 * dims + length;
  if (magic === 'ggjt' || magic === 'ggla') from = Math.ceil(from / 32) * 32;
  if (BigInt(from) + size > BigInt(source.size)) return `tensor ${clip(name, 120)} lies outside the file (${from}..${BigInt(from) + size} of ${source.size})`;
  // The fastest dimension comes first in the file.
  return { name, block, shape: shape.toReversed(), at: [from, from + Number(size)] };
}

/** Whatever stands before them: the place from which tensors follow each other exactly to the end of the file. */
async function chain(source: ByteSource, begin: number, magic: Magic): Promise<Header | undefined> {
  const bytes = await source.read(0, Math.min(mostBefore, source.size));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let tried = 0;
  for (let at = begin; at + 12 <= bytes.length && tried < mostTried; at += 1) {
    const dims = view.getUint32(at, true);
    if (dims < 1 || dims > mostDimensions) continue;
    const length = view.getUint32(at + 4, true);
    if (length < 1 || length > longestName || view.getUint32(at + 8, true) > 63) continue;
    tried += 1;
    for (const blocks of [blocksNow, blocksThen]) {
      const { found, reached } = await walk(source, at, magic, blocks);
      if (reached === source.size && found.length >= 2) return { layout: { id: 'not known', magics: [magic], numbers: [] }, values: [], end: at };
    }
  }
  return undefined;
}

function* claims({ layout, values }: Header): Generator<Said> {
  yield { kind: 'claim', field: 'metadata', value: `layout=${layout.id}` };
  for (const [i, name] of layout.numbers.entries()) {
    if (name === 'ftype') yield { kind: 'claim', field: 'metadata', value: `ftype=${values[i]}` };
    else if (name !== undefined) yield { kind: 'claim', field: name, value: String(values[i]) };
  }
}

/** All tensors, with the block sizes of now or of then, whichever leads further. */
async function* tensors(source: ByteSource, { end, layout }: Header, magic: Magic, version: number | undefined): AsyncGenerator<Said> {
  const order = magic === 'ggjt' && version === 3 ? [blocksNow, blocksThen] : magic === 'ggml' || layout.id === 'rwkv' ? [blocksNow, blocksThen] : [blocksThen, blocksNow];
  let best: { readonly found: Tensor[]; readonly reached: number; readonly wrong: string | undefined } | undefined;
  for (const blocks of order) {
    const one = await walk(source, end, magic, blocks);
    if (best === undefined || one.reached > best.reached) best = one;
    if (one.reached === source.size) break;
  }
  const { found, reached, wrong } = best!; // two orders are tried
  const names = new Set<string>();
  for (const { name, block, shape, at } of found) {
    if (names.has(name)) yield { kind: 'malformed', code: 'ggml/duplicate-tensor', what: `tensor ${clip(name, 200)} stands there twice`, at: [at[0], at[0]] };
    names.add(name);
    yield { kind: 'tensor', name, dtype: block.name, shape, at };
  }
  yield { kind: 'region', name: 'model', at: [0, reached] };
  if (wrong !== undefined) throw new Malformed('ggml/tensor', wrong, reached);
}

async function walk(source: ByteSource, begin: number, magic: Magic, blocks: ReadonlyMap<number, Block>): Promise<{ found: Tensor[]; reached: number; wrong: string | undefined }> {
  const found: Tensor[] = [];
  let at = begin;
  while (at < source.size) {
    if (found.length >= mostTensors) return { found, reached: at, wrong: `more than ${mostTensors} tensors` };
    const tensor = await tensorAt(source, at, magic, blocks);
    if (tensor === undefined) return { found, reached: at, wrong: undefined }; // what follows is no tensor, and left unclaimed
    if (typeof tensor === 'string') return { found, reached: at, wrong: tensor };
    found.push(tensor);
    at = tensor.at[1];
  }
  return { found, reached: at, wrong: undefined };
}
