// SPDX-License-Identifier: Apache-2.0
// flax.serialization (https://flax.readthedocs.io/en/latest/api_reference/flax.serialization.html): MessagePack with extension
// types 1 (array: shape, name of the type, bytes), 2 (complex number: two floats) and 3 (NumPy scalar, as 1).
import { clip } from '../../src/bytes/clip.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { refusePointer } from '../../src/bytes/pointer.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { MsgpackReader, type Value } from '../../src/grammar/msgpack.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner, type Child, type Recognition, type Sample } from '../../src/model/scanner.ts';
import { uncovered, type Span } from '../../src/model/span.ts';

type Said = FactOf<'claim' | 'region' | 'tensor' | 'malformed'> | Child;

/** NumPy's and ml_dtypes' names. */
const types: ReadonlyMap<string, readonly [name: string, bytes: number]> = new Map<string, readonly [string, number]>([
  ['float16', ['F16', 2]], ['float32', ['F32', 4]], ['float64', ['F64', 8]], ['bfloat16', ['BF16', 2]], ['int8', ['I8', 1]], ['int16', ['I16', 2]], ['int32', ['I32', 4]], ['int64', ['I64', 8]],
  ['uint8', ['U8', 1]], ['uint16', ['U16', 2]], ['uint32', ['U32', 4]], ['uint64', ['U64', 8]], ['bool', ['BOOL', 1]], ['complex64', ['C64', 8]], ['complex128', ['C128', 16]],
  ['float8_e4m3fn', ['F8_E4M3', 1]], ['float8_e5m2', ['F8_E5M2', 1]], ['float8_e4m3fnuz', ['F8_E4M3FNUZ', 1]], ['float8_e5m2fnuz', ['F8_E5M2FNUZ', 1]], ['int4', ['I4', 1]], ['uint4', ['U4', 1]],
]);

const deepest = 200;
const shown = 20;
const mostChildren = 64;
const mostUnknown = 1000;
/** Bytes that no array explains, from which on they are looked at as a file of their own. */
const longBytes = 64;

export default scanner({
  id: 'flax',
  title: 'Flax parameters (MessagePack)',
  extensions: ['.msgpack', '.flax'],
  holds: 'weights',
  says: ['claim', 'region', 'tensor', 'malformed'],
  recognise,
  inspect,
});

/** A map whose first key is a text; 'yes' when an array as Flax writes it stands in the sample. */
function recognise({ name, head, size }: Sample): Recognition {
  const [first, second] = head;
  if (size < 4 || first === undefined || second === undefined || !((first > 0x80 && first < 0x90) || first === 0xde || first === 0xdf)) return 'no';
  const key = first === 0xde ? head[3] : first === 0xdf ? head[5] : second;
  if (key === undefined || !((key >= 0xa0 && key < 0xc0) || (key >= 0xd9 && key <= 0xdb))) return 'no';
  if (/\.(?:msgpack|flax)$/i.test(name)) return 'yes';
  return hasArray(head) ? 'maybe' : 'no';
}

/** Extension 1 with an array of three in it, whose first is an array and whose second a type's name. */
function hasArray(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 4096));
  for (const [mark, skip] of [['\xc7', 2], ['\xc8', 3], ['\xc9', 5]] as const) {
    for (let at = bytes.indexOf(mark, 0, 'latin1'); at >= 0; at = bytes.indexOf(mark, at + 1, 'latin1')) {
      if (bytes[at + skip] === 1 && bytes[at + skip + 1] === 0x93 && /^[\x90-\x9f\xdc][^]{0,80}?[\xa3-\xb0](?:float|int|uint|bfloat|bool|complex)/.test(bytes.toString('latin1', at + skip + 2, at + skip + 110))) return true;
    }
  }
  return false;
}

interface Level {
  readonly map: boolean;
  readonly path: string;
  left: number;
  index: number;
  readonly keys: Set<string> | undefined;
}

async function* inspect(source: ByteSource, { head }: Sample): AsyncGenerator<Said> {
  refusePointer(head);
  yield* new FlaxReader(source).read();
}

class FlaxReader {
  readonly #source: ByteSource;
  readonly #reader: MsgpackReader;
  readonly #unknown: Span[] = [];
  readonly #counts = new Map<string, number>();
  #said: Said[] = [];
  #children = 0;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#reader = new MsgpackReader(source, 'flax');
  }

  /** The one object that the file is; walked with a stack of our own. */
  async *read(): AsyncGenerator<Said> {
    const reader = this.#reader;
    const stack: Level[] = [];
    let values = 0;
    do {
      values += 1;
      if (values % 4096 === 0) this.#source.budget.tick();
      const path = await this.#path(stack.at(-1));
      const value = await reader.next();
      if (value.type === 'map' || value.type === 'array') {
        if (stack.length >= deepest) throw new Malformed('flax/depth', `values nest deeper than ${deepest} levels`, value.at);
        stack.push({ map: value.type === 'map', path, left: value.count, index: 0, keys: value.type === 'map' ? new Set() : undefined });
      } else await this.#leaf(value, path);
      while (stack.at(-1)?.left === 0) stack.pop();
      yield* this.#said;
      this.#said = [];
    } while (stack.length > 0);
    const end = reader.offset;
    for (const at of uncovered([...this.#unknown, [end, this.#source.size]], this.#source.size)) yield { kind: 'region', name: 'values', at };
  }

  /** Path of the next value: reads its key where it has one. */
  async #path(level: Level | undefined): Promise<string> {
    if (level === undefined) return '';
    level.left -= 1;
    level.index += 1;
    if (!level.map) return join(level.path, String(level.index - 1));
    const key = await this.#reader.next();
    if (key.type === 'map' || key.type === 'array') throw new Malformed('flax/key', `key at ${key.at} is no text`, key.at);
    const name = key.type === 'str' ? await this.#reader.text(key, 512) : String(key.number);
    if (key.type !== 'str' && key.type !== 'int') this.#complain('key', `key at ${key.at} is of type ${key.type}`, key.at);
    if (level.keys?.has(name) === true) this.#complain('duplicate-key', `${clip(join(level.path, name), 200)} stands there twice; loaders keep the last one`, key.at);
    if ((level.keys?.size ?? 0) < 100_000) level.keys?.add(name);
    return join(level.path, name);
  }

  async #leaf(value: Value, path: string): Promise<void> {
    const at: Span = [value.begin, value.end];
    if (value.type === 'ext') {
      if (value.ext === 1 || value.ext === 3) return this.#array(value, path);
      if (value.ext === 2) return;
      // Loaders hand such a value on as it is: anything can lie in it.
      this.#complain('extension', `${clip(path, 200)} is of the extension type ${value.ext}, which Flax does not know`, value.at);
      if (value.end > value.begin && this.#unknown.length < mostUnknown) this.#unknown.push(at);
    } else if ((value.type === 'bin' || value.type === 'str') && value.end - value.begin >= longBytes && (this.#children += 1) <= mostChildren) {
      this.#said.push({ kind: 'child', name: clip(path, 120).replaceAll(/[^\w.-]+/g, '.'), source: this.#source.slice(...at), at });
    }
  }

  /** [shape, name of the type, bytes], in MessagePack again. */
  async #array(value: Value, path: string): Promise<void> {
    const reader = new MsgpackReader(this.#source, 'flax', value.begin, value.end);
    const name = clip(path === '' ? 'value' : path, 256);
    const list = await reader.next();
    const shapes = await reader.next();
    if (list.type !== 'array' || list.count !== 3 || shapes.type !== 'array' || shapes.count > 64) {
      this.#complain('array', `${clip(name, 200)} is no array of shape, type and bytes`, value.at);
      return;
    }
    const shape: number[] = [];
    for (let i = 0; i < shapes.count; i += 1) {
      const size = await reader.next();
      shape.push(size.number);
      if (size.type !== 'int') shape.push(-1); // no size at all
    }
    const type = await reader.next();
    const text = type.type === 'str' ? await reader.text(type, 64) : '';
    const data = await reader.next();
    const known = types.get(text);
    const [dtype, size] = known ?? [clip(text, 40), 0];
    if (data.type !== 'bin' && data.type !== 'str') this.#complain('array', `${clip(name, 200)} holds no bytes`, value.at);
    else if (shape.some((one) => !(one >= 0 && one < 2 ** 53))) this.#complain('shape', `${clip(name, 200)} has the shape [${shape.join(', ')}]`, value.at);
    else {
      if (known === undefined) this.#complain('dtype', `${clip(name, 200)} has the type '${clip(text, 40)}', which is none of numbers`, value.at);
      const needed = shape.reduce((product, one) => product * BigInt(one), BigInt(size));
      if (known !== undefined && needed !== BigInt(data.end - data.begin)) this.#complain('size', `${clip(name, 200)} has ${data.end - data.begin} bytes, but ${dtype} [${shape.join(', ')}] needs ${needed}`, value.at);
      this.#said.push({ kind: 'tensor', name, dtype, shape, at: [data.begin, data.end] });
    }
    if (reader.offset < value.end) {
      this.#complain('array', `${clip(name, 200)} has ${value.end - reader.offset} bytes behind its numbers`, reader.offset);
      if (this.#unknown.length < mostUnknown) this.#unknown.push([reader.offset, value.end]);
    }
  }

  #complain(code: string, what: string, at: number): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= shown) this.#said.push({ kind: 'malformed', code: `flax/${code}`, what: clip(what, 400), at: [at, at] });
    else if (count === shown + 1) this.#said.push({ kind: 'malformed', code: `flax/${code}`, what: 'and more of the same' });
  }
}

function join(path: string, name: string): string {
  return clip(path === '' ? name : `${path}/${name}`, 1024);
}
