// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { refusePointer } from '../../src/bytes/pointer.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { isObject, parseJson, type JsonDocument } from '../../src/grammar/json.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';
import { scanner, type Recognition, type Sample } from '../../src/model/scanner.ts';
import { longestHeader, readTensor, type TensorHeader } from './header.ts';

type Said = FactOf<'claim' | 'region' | 'tensor' | 'link' | 'malformed'>;

export default scanner({
  id: 'safetensors',
  title: 'safetensors weights',
  extensions: ['.safetensors'],
  parts: true,
  holds: 'weights',
  says: ['claim', 'region', 'tensor', 'link', 'malformed'],
  recognise,
  inspect,
});

function recognise({ name, size, head }: Sample): Recognition {
  if (/\.safetensors$/i.test(name)) return 'yes'; // whatever it is, it must not pass for weights unread
  if (size < 10 || head.length < 10 || head[8] !== 0x7b) return 'no';
  const length = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
  if (length < 2n || length > BigInt(longestHeader) || length > BigInt(size - 8)) return 'no';
  for (const byte of head.subarray(9, 64)) {
    if (byte === 0x22 || byte === 0x7d) return 'yes'; // a key or '}': a lone '{' also stands in one of 256 other files
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return 'no';
  }
  return 'no';
}

async function* inspect(source: ByteSource, { head }: Sample): AsyncGenerator<Said> {
  refusePointer(head);
  if (source.size < 8) throw new Malformed('safetensors/truncated', `file of ${source.size} bytes ends inside the header length (8 bytes)`, 0);
  const prefix = await source.read(0, 8);
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(source.size - 8)) throw new Malformed('safetensors/header-length', `header of ${length} bytes passes the end of the file (${source.size} bytes)`, 0);
  if (length > BigInt(longestHeader)) throw new Malformed('safetensors/header-length', `header has ${length} bytes, allowed ${longestHeader}`, 0);
  const data = 8 + Number(length);
  const bytes = await source.read(8, Number(length));
  if (bytes[0] !== 0x7b) throw new Malformed('safetensors/header-start', `header begins with the byte ${bytes[0] ?? 'none'}, where '{' must`, 8);
  const document = parseJson(bytes, { format: 'safetensors', base: 8 });
  yield { kind: 'region', name: 'header', at: [0, data] };
  yield* oddJson(document);
  if (!isObject(document.value)) return; // it began with '{'
  const complaints = new Complaints();
  const tensors: TensorHeader[] = [];
  let seen = 0;
  let claimed: string | undefined;
  for (const [name, value] of Object.entries(document.value)) {
    if ((seen += 1) % 4096 === 0) source.budget.tick();
    if (name === '__metadata__') {
      yield* metadata(value, complaints);
      claimed = isObject(value) ? hashClaimed(value['modelspec.hash_sha256']) : undefined;
      continue;
    }
    const tensor = readTensor(name, value, (code, what) => complaints.add(code, `tensor ${clip(name, 80)} ${clip(what, 300)}`));
    yield* place(tensor, data, source.size, tensors, complaints);
  }
  layout(tensors, source.size - data, data, complaints);
  if (claimed !== undefined) yield* compared(claimed, source, data);
  yield* complaints.facts();
}

/** 'modelspec.hash_sha256' (github.com/Stability-AI/ModelSpec): SHA-256 of all bytes behind the header, in hex, mostly behind '0x'. */
function hashClaimed(value: unknown): string | undefined {
  return typeof value === 'string' ? /^(?:0x)?([0-9a-fA-F]{64})$/.exec(value)?.[1]?.toLowerCase() : undefined;
}

async function* compared(claimed: string, source: ByteSource, data: number): AsyncGenerator<Said> {
  const found = await source.slice(data, source.size).digest();
  if (found === claimed) return;
  yield { kind: 'malformed', code: 'safetensors/hash', what: `the header gives ${claimed} as SHA-256 of the tensors, they have ${found}`, at: [data, source.size] };
}

function* oddJson(document: JsonDocument): Generator<Said> {
  for (const { pointer, at } of document.duplicates.slice(0, shown)) {
    yield { kind: 'malformed', code: 'safetensors/duplicate-key', what: `header names ${clip(pointer, 120)} twice; readers disagree on which one counts`, at: [at, at + 1] };
  }
  if (document.duplicateCount > shown) {
    yield { kind: 'malformed', code: 'safetensors/duplicate-key', what: `header names ${document.duplicateCount - shown} further keys twice` };
  }
  const odd = document.nonStandard[0];
  if (odd !== undefined) {
    yield { kind: 'malformed', code: 'safetensors/json-non-standard', what: `header holds ${odd.what} at ${odd.at}, which JSON does not allow`, at: [odd.at, odd.at + 1] };
  }
}

/** The tensor as declared, with its bytes where they lie inside the file. */
function* place(tensor: TensorHeader, data: number, size: number, tensors: TensorHeader[], complaints: Complaints): Generator<Said> {
  const { name, dtype, shape, begin, end, bytes } = tensor;
  const inside = begin !== undefined && end !== undefined && data + end <= size;
  yield {
    kind: 'tensor', name: clip(name), dtype: clip(dtype, 32), shape,
    ...(inside ? { at: [data + begin, data + end] as const } : {}),
  };
  if (begin === undefined || end === undefined) return;
  if (!inside) {
    complaints.add('outside', `tensor ${clip(name, 80)} lies outside the data (${begin}..${end} of ${size - data})`);
    return;
  }
  if (bytes !== undefined && bytes !== BigInt(end - begin)) {
    complaints.add('size-differs', `tensor ${clip(name, 80)} has ${end - begin} bytes, but ${dtype} [${shape.join(', ')}] needs ${bytes}`, [data + begin, data + end]);
  }
  tensors.push(tensor);
}

/** The data must be covered from its first byte to the last without overlap or hole (format, "Notes"). */
function layout(tensors: TensorHeader[], size: number, data: number, complaints: Complaints): void {
  let reached = 0;
  let before = '';
  for (const { name, begin = 0, end = 0 } of tensors.toSorted((a, b) => a.begin! - b.begin! || a.end! - b.end!)) {
    if (begin > reached) complaints.add('hole', `bytes ${reached}..${begin} of the data belong to no tensor`, [data + reached, data + begin]);
    if (begin < reached && end > begin) {
      complaints.add('overlap', `tensors ${clip(before, 80)} and ${clip(name, 80)} share the bytes ${begin}..${Math.min(end, reached)} of the data`, [data + begin, data + Math.min(end, reached)]);
    }
    if (end > reached) {
      reached = end;
      before = name;
    }
  }
  if (reached < size) complaints.add('tail-bytes', `bytes ${reached}..${size} of the data belong to no tensor`, [data + reached, data + size]);
}

/** Keys of https://github.com/Stability-AI/ModelSpec and of common trainers. */
const known: Readonly<Record<string, ClaimField>> = {
  'modelspec.title': 'name', 'modelspec.author': 'author', 'modelspec.license': 'licence', 'modelspec.description': 'description',
  'modelspec.architecture': 'architecture', 'modelspec.tags': 'tag', 'modelspec.hash_sha256': 'checksum', 'modelspec.resolution': 'hyperparameter',
  name: 'name', author: 'author', license: 'licence', licence: 'licence', description: 'description', version: 'version', total_size: 'total-size',
  format: 'library', ss_base_model_version: 'model-type', ss_output_name: 'name',
};
const models = new Set(['base_model', 'base_model_name_or_path', 'ss_sd_model_name', 'modelspec.merged_from']);
const libraries: Readonly<Record<string, string>> = { pt: 'pytorch', tf: 'tensorflow', np: 'numpy', flax: 'flax', mlx: 'mlx' };

function* metadata(value: unknown, complaints: Complaints): Generator<Said> {
  if (!isObject(value)) {
    complaints.add('metadata', '__metadata__ is no object of strings');
    return;
  }
  const entries = Object.entries(value);
  for (const [key, text] of entries.slice(0, mostMetadata)) {
    if (typeof text !== 'string') {
      complaints.add('metadata', `__metadata__ key ${clip(key, 80)} holds a ${text === null ? 'null' : typeof text}, allowed strings only`);
      continue;
    }
    yield { kind: 'claim', field: 'metadata', value: clip(`${clip(key, 80)}=${text}`) };
    const field = Object.hasOwn(known, key) ? known[key] : undefined;
    if (field !== undefined && text !== '') yield { kind: 'claim', field, value: clip(field === 'library' && Object.hasOwn(libraries, text) ? libraries[text]! : text) };
    if (models.has(key) && text !== '') yield { kind: 'link', target: clip(text), role: 'base-model' };
  }
  if (entries.length > mostMetadata) complaints.add('metadata', `__metadata__ has ${entries.length} keys, looked at ${mostMetadata}`);
}

const mostMetadata = 1000;
/** Facts of one code; a hostile header can hold a million complaints. */
const shown = 20;

class Complaints {
  readonly #facts: Said[] = [];
  readonly #counts = new Map<string, number>();

  add(code: string, what: string, at?: readonly [number, number]): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= shown) this.#facts.push({ kind: 'malformed', code: `safetensors/${code}`, what, ...(at === undefined || at[0] === at[1] ? {} : { at: [at[0], at[0]] as const }) });
  }

  *facts(): Generator<Said> {
    yield* this.#facts;
    for (const [code, count] of this.#counts) {
      if (count > shown) yield { kind: 'malformed', code: `safetensors/${code}`, what: `${count - shown} more of the same` };
    }
  }
}
