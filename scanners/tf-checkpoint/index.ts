// SPDX-License-Identifier: Apache-2.0
// Tensor bundle (tensorflow/core/util/tensor_bundle, tensor_bundle.proto): the index of a checkpoint of version 2.
import { clip } from '../../src/bytes/clip.ts';
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import { MemorySource, type ByteSource } from '../../src/bytes/source.ts';
import { ProtoReader, unsigned } from '../../src/grammar/protobuf.ts';
import { dataType, readShape, sizeOf } from '../../src/grammar/tensorflow.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner, type Sample } from '../../src/model/scanner.ts';
import { uncovered, type Span } from '../../src/model/span.ts';
import { entriesOf, mark, type Entry } from './table.ts';

type Said = FactOf<'claim' | 'region' | 'tensor' | 'link' | 'malformed' | 'gap'>;

const shown = 20;

export default scanner({
  id: 'tf-checkpoint',
  title: 'TensorFlow checkpoint, index',
  extensions: ['.index'],
  holds: 'weights',
  says: ['claim', 'region', 'tensor', 'link', 'malformed', 'gap'],
  // Other programs keep other things in such tables.
  recognise: ({ name, tail }) => (!(tail.length >= 48 && mark.every((byte, i) => tail[tail.length - 8 + i] === byte)) ? 'no' : /\.index$|ckpt/i.test(name) ? 'yes' : 'maybe'),
  inspect,
});

interface Bundle {
  dtype: number;
  dims: bigint[] | undefined;
  shard: number;
  offset: number;
  size: number;
  crc: number | undefined;
  slices: number;
}

async function* inspect(source: ByteSource, { name }: Sample): AsyncGenerator<Said> {
  const counts = new Map<string, number>();
  const wrong: Said[] = [];
  const complain = (code: string, what: string, at: number): void => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    if (count <= shown) wrong.push({ kind: 'malformed', code: `tf-checkpoint/${code}`, what: clip(what, 400), at: [at, at] });
  };
  const spans: Span[] = [];
  const shards = new Map<number, Span[]>();
  let count = 1;
  let begun = false;
  for await (const entry of entriesOf(source, complain, spans)) {
    if (entry.key.length > 0 && !begun) throw new Malformed('tf-checkpoint/header', 'table has no header for a checkpoint', entry.at[0]);
    begun = true;
    if (entry.key.length === 0) {
      const version = await header(entry, source);
      if (version === undefined) {
        yield { kind: 'gap', what: 'TensorFlow checkpoint of version 1: no reader for it', why: 'unsupported', holds: 'weights', format: 'tensorflow-checkpoint' };
        return;
      }
      count = version;
      yield { kind: 'claim', field: 'format-version', value: 'tensor bundle' };
      continue;
    }
    const label = clip(Buffer.from(entry.key).toString('utf8').replaceAll(/[^\x20-\x7e]/g, '?'), 200);
    const bundle = await read(entry, source);
    const { name: dtype, bits } = dataType(bundle.dtype);
    const shape = (bundle.dims ?? []).slice(0, 64).map(Number);
    if (bundle.slices > 0) {
      // A tensor in slices: its parts have entries of their own, and this one no bytes.
      yield { kind: 'tensor', name: label, dtype, shape };
      continue;
    }
    const [begin, end] = [bundle.offset, bundle.offset + bundle.size];
    if (!(bundle.shard >= 0 && bundle.shard < count)) complain('shard', `tensor ${label} lies in part ${bundle.shard} of ${count}`, entry.at[0]);
    if (!Number.isSafeInteger(end)) {
      complain('range', `tensor ${label} lies at ${bundle.offset} with ${bundle.size} bytes, beyond 2^53`, entry.at[0]);
      continue;
    }
    const needed = bits === undefined || bits === 0 || bundle.dims === undefined ? undefined : sizeOf(bundle.dims, bits);
    if (typeof needed === 'string') complain('size', `tensor ${label} ${needed}`, entry.at[0]);
    else if (needed !== undefined && needed.bytes !== BigInt(bundle.size)) complain('size', `tensor ${label} has ${bundle.size} bytes, but ${dtype} [${shape.join(', ')}] needs ${needed.bytes}`, entry.at[0]);
    const list = shards.get(bundle.shard);
    if (list === undefined) shards.set(bundle.shard, [[begin, end]]);
    else list.push([begin, end]);
    const file = shardName(name, bundle.shard, count);
    yield { kind: 'tensor', name: label, dtype, shape, outside: { file, at: [begin, end], ...(bundle.crc === undefined || bits === 0 ? {} : { crc32c: bundle.crc }) } };
  }
  for (const [shard, used] of [...shards].toSorted(([a], [b]) => a - b)) yield link(name, shard, count, used, complain);
  yield* wrong;
  for (const [code, many] of counts) if (many > shown) yield { kind: 'malformed', code: `tf-checkpoint/${code}`, what: `and ${many - shown} more of the same` };
  for (const at of merged(spans, source.size)) yield { kind: 'region', name: 'table', at };
}

/** BundleHeaderProto: num_shards 1, endianness 2, version 3. Undefined for what version 1 has there. */
async function header({ value, at }: Entry, source: ByteSource): Promise<number | undefined> {
  const reader = new ProtoReader(new MemorySource(value, source.budget), 'tf-checkpoint');
  const range = { offset: 0, end: value.length };
  let [shards, bigEndian] = [0, false];
  for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
    if (field.number === 1 && field.wire === 2) return undefined; // SavedTensorSlices
    if (field.number === 1) shards = unsigned(field);
    else if (field.number === 2) bigEndian = unsigned(field) === 1;
  }
  if (bigEndian) throw new Unsupported('TensorFlow checkpoint with the high byte first');
  if (!(shards >= 1 && shards <= 99_999)) throw new Malformed('tf-checkpoint/header', `header says ${shards} parts, allowed 1 to 99999`, at[0]);
  return shards;
}

/** BundleEntryProto: dtype 1, shape 2, shard_id 3, offset 4, size 5, crc32c 6, slices 7. */
async function read({ value }: Entry, source: ByteSource): Promise<Bundle> {
  const reader = new ProtoReader(new MemorySource(value, source.budget), 'tf-checkpoint');
  const range = { offset: 0, end: value.length };
  const out: Bundle = { dtype: 0, dims: [], shard: 0, offset: 0, size: 0, crc: undefined, slices: 0 };
  for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
    if (field.number === 1) out.dtype = unsigned(field);
    else if (field.number === 2) out.dims = await readShape(reader, reader.enter(field));
    else if (field.number === 3) out.shard = unsigned(field);
    else if (field.number === 4) out.offset = unsigned(field);
    else if (field.number === 5) out.size = unsigned(field);
    else if (field.number === 6) out.crc = field.low;
    else if (field.number === 7) out.slices += 1;
  }
  return out;
}

function shardName(index: string, shard: number, count: number): string {
  const number = (value: number): string => String(value).padStart(5, '0');
  return `${index.replace(/\.index$/, '')}.data-${number(shard)}-of-${number(count)}`;
}

/** What is used of one part: from where to where, and how many bytes in between belong to no tensor. */
function link(index: string, shard: number, count: number, used: Span[], complain: (code: string, what: string, at: number) => void): FactOf<'link'> {
  used.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let to = 0;
  let twice = 0;
  for (const [begin, end] of used) {
    if (begin < to && end > begin) twice += 1;
    to = Math.max(to, end);
  }
  if (twice > 0) complain('overlap', `${twice} tensors in part ${shard} begin inside another one`, 0);
  const unused = uncovered(used, to).reduce((sum, [begin, end]) => sum + end - begin, 0);
  return { kind: 'link', target: clip(shardName(index, shard, count)), role: 'external-data', detail: `offset=0 length=${to} tensors=${used.length} unused=${unused}` };
}

/** Adjoining spans as one. */
function merged(spans: readonly Span[], size: number): Span[] {
  const holes = uncovered(spans, size);
  const out: Span[] = [];
  let begin = 0;
  for (const [from, to] of holes) {
    if (from > begin) out.push([begin, from]);
    begin = to;
  }
  if (size > begin) out.push([begin, size]);
  return out;
}
