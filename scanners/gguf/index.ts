// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import { LimitReached, Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { ByteWindow } from '../../src/bytes/window.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner, type Child, type Recognition, type Sample } from '../../src/model/scanner.ts';
import { claims } from './claims.ts';
import { readTensor, type TensorInfo } from './tensors.ts';
import { readKeyValue, readLength, type KeyValue } from './values.ts';

type Said = FactOf<'claim' | 'region' | 'tensor' | 'link' | 'malformed'>;

export default scanner({
  id: 'gguf',
  title: 'GGUF model (llama.cpp)',
  extensions: ['.gguf'],
  parts: true,
  holds: 'anything',
  says: ['claim', 'region', 'tensor', 'link', 'malformed'],
  recognise,
  inspect,
});

function recognise({ head }: Sample): Recognition {
  return head.length >= 8 && head[0] === 0x47 && head[1] === 0x47 && head[2] === 0x55 && head[3] === 0x46 ? 'yes' : 'no';
}

interface Header {
  readonly version: number;
  readonly tensors: number;
  readonly pairs: number;
}

async function* inspect(source: ByteSource): AsyncGenerator<Said | Child> {
  const window = new ByteWindow(source, 'gguf');
  const header = await readHeader(window);
  yield { kind: 'claim', field: 'format-version', value: `${header.version}${window.littleEndian ? '' : ', big-endian'}`, at: [0, window.offset] };
  const complaints = new Complaints();
  let alignment = 32;
  const keys = new Set<string>();
  for (let i = 0; i < header.pairs; i += 1) {
    const entry = await readKeyValue(window, header.version, complaints.add);
    if (keys.has(entry.key)) complaints.add('duplicate-key', `key ${clip(entry.key, 80)} stands twice; readers disagree on which one counts`, entry.at[0]);
    keys.add(entry.key);
    if (entry.key === 'general.alignment') alignment = readAlignment(entry, alignment, complaints);
    yield* say(entry, i, source);
    yield* complaints.drain();
  }
  const tensors: TensorInfo[] = [];
  const names = new Set<string>();
  for (let i = 0; i < header.tensors; i += 1) {
    if (i % 4096 === 0) source.budget.tick();
    const at = window.offset;
    const tensor = await readTensor(window, header.version, complaints.add);
    if (names.has(tensor.name)) complaints.add('duplicate-tensor', `tensor ${clip(tensor.name, 80)} stands twice; readers disagree on which one counts`, at);
    names.add(tensor.name);
    tensors.push(tensor);
    yield* complaints.drain();
  }
  const data = Math.min(aligned(window.offset, alignment), source.size);
  yield { kind: 'region', name: 'header', at: [0, data - window.offset <= mostPadding ? data : window.offset] };
  yield* layout(tensors, data, source.size, alignment, complaints);
  yield* complaints.drain();
}

/** Magic 'GGUF', u32 version, counts of tensors and of key-value pairs (u32 in version 1, u64 since). */
async function readHeader(window: ByteWindow): Promise<Header> {
  await window.load(8, 'header');
  window.offset += 4;
  let version = window.u32();
  if ((version & 0xffff) === 0 && version !== 0) {
    window.littleEndian = false; // the spec names no mark; llama.cpp tells it from the version like this
    window.offset -= 4;
    version = window.u32();
  }
  if (version < 1 || version > 3) throw new Unsupported(`GGUF version ${version}, known 1..3`);
  const tensors = await readLength(window, version, 'number of tensors');
  const pairs = await readLength(window, version, 'number of keys');
  const [leastPair, leastTensor] = version === 1 ? [9, 20] : [13, 24];
  if (pairs * leastPair + tensors * leastTensor > window.left) {
    throw new Malformed('gguf/count', `${pairs} keys and ${tensors} tensors need at least ${pairs * leastPair + tensors * leastTensor} bytes, but ${window.left} are left`, 8);
  }
  if (pairs > mostPairs) throw new LimitReached('facts', `${pairs} keys, allowed ${mostPairs}`);
  return { version, tensors, pairs };
}

function readAlignment(entry: KeyValue, before: number, complaints: Complaints): number {
  const value = Number(entry.value);
  const isPower = Number.isSafeInteger(value) && value >= 8 && value <= 2 ** 31 && Number.isInteger(Math.log2(value));
  if (!isPower || entry.type === 9) {
    complaints.add('alignment', `alignment is ${clip(String(entry.value), 40)}, allowed powers of two from 8`, entry.at[0]);
    return before;
  }
  return value;
}

function* say(entry: KeyValue, i: number, source: ByteSource): Generator<Said | Child> {
  yield* claims(entry);
  const isTemplate = entry.text !== undefined && entry.key.startsWith('tokenizer.chat_template');
  if (isTemplate) {
    yield { kind: 'child', name: `${clip(entry.key, 200)}.jinja`, source: source.slice(...entry.text), at: entry.text };
  } else if (typeof entry.value !== 'object' && i < mostMetadata) {
    yield { kind: 'claim', field: 'metadata', value: clip(`${clip(entry.key, 80)}=${String(entry.value)}`), at: entry.at };
  }
}

/** Places the tensors; llama.cpp wants them without hole or overlap, each padded to the alignment. */
function* layout(tensors: readonly TensorInfo[], data: number, size: number, alignment: number, complaints: Complaints): Generator<Said> {
  const sorted = tensors.toSorted((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
  let reached = data;
  for (const [i, { name, dtype, shape, offset, bytes, knownType }] of sorted.entries()) {
    const fact = { kind: 'tensor', name: clip(name), dtype, shape } as const;
    const begin = data + (offset ?? 0);
    const next = data + (sorted[i + 1]?.offset ?? size - data);
    const length = bytes ?? (knownType ? undefined : Math.max(0, Math.min(next, size) - begin)); // an unknown type reaches to the next tensor
    if (offset === undefined || length === undefined) {
      yield fact;
      continue;
    }
    if (offset % alignment !== 0) complaints.add('offset-alignment', `tensor ${clip(name, 80)} begins at ${offset}, no multiple of the alignment ${alignment}`, Math.min(begin, size));
    const end = begin + length;
    if (!(end <= size && begin <= size)) {
      complaints.add('outside', `tensor ${clip(name, 80)} lies outside the data (${offset}..${offset + length} of ${size - data})`, size);
      yield fact;
      continue;
    }
    yield { ...fact, at: [begin, end] };
    if (begin < reached && length > 0) complaints.add('overlap', `tensor ${clip(name, 80)} begins at ${begin}, inside the one before, which ends at ${reached}`, begin);
    if (begin > reached) {
      if (begin - reached < alignment && begin - reached <= mostPadding) yield { kind: 'region', name: 'padding', at: [reached, begin] };
      else complaints.add('hole', `bytes ${reached}..${begin} belong to no tensor`, reached);
    }
    reached = Math.max(reached, end);
  }
  if (size > reached && size <= aligned(reached, alignment) && size - reached <= mostPadding) yield { kind: 'region', name: 'padding', at: [reached, size] };
}

function aligned(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

const mostMetadata = 500;
/** Their names are held in memory. */
const mostPairs = 1_000_000;
/** Padding that is taken on trust; longer runs are unclaimed and looked at. */
const mostPadding = 4096;
/** Facts of one code. */
const shown = 20;

class Complaints {
  readonly #facts: Said[] = [];
  readonly #counts = new Map<string, number>();

  readonly add = (code: string, what: string, at: number): void => {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= shown) this.#facts.push({ kind: 'malformed', code: `gguf/${code}`, what, at: [at, at] });
    else if (count === shown + 1) this.#facts.push({ kind: 'malformed', code: `gguf/${code}`, what: 'and more of the same' });
  };

  /** What was added since; said before anything can be thrown. */
  *drain(): Generator<Said> {
    if (this.#facts.length > 0) yield* this.#facts.splice(0);
  }
}
