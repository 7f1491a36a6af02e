// SPDX-License-Identifier: Apache-2.0
// What torch and joblib put into pickles besides calls: references to storages, raw arrays, pickles in bytes.
import { codeOf, namesCode, type PickledCode } from './functions.ts';
import type { Watcher } from './machine.ts';
import type { PickleReader } from './reader.ts';
import {
  BYTES, CALL, GLOBAL, INT, LIST, lookUp, NONE, PERSISTENT, SET, STR, textOf, TUPLE, wholeNumber, wholeText,
  type Call, type Container, type Literal, type Persistent, type Value,
} from './values.ts';

/** A tensor or array that the pickle describes. `storage` is its storage's key in a torch checkpoint. */
export interface Tensor {
  name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly storage?: string;
  /** How the tensor lies in its storage, in elements of its type; absent for arrays, and where the pickle does not say it in numbers. */
  readonly view?: { readonly offset: number; readonly strides: readonly number[]; readonly width: number };
  readonly at: readonly [begin: number, end: number];
}
/** A storage that lies beside or behind the pickle. `elements` × `width` bytes. */
export interface Storage {
  readonly key: string;
  readonly dtype: string;
  readonly elements: number;
  /** Bytes of an element; 0 when the type is not known. */
  readonly width: number;
  /** Only a part of another storage (torch before 0.4). */
  readonly partial: boolean;
  readonly at: number;
}
/** A literal that a loader inside the pickle is given. */
export interface Nested {
  readonly begin: number;
  readonly end: number;
  /** How the bytes are written, the outermost writing last: what decodes them, in this order. */
  readonly forms: readonly Form[];
}
/** Text whose characters are bytes (`_codecs.encode`), base64 and its kin, hexadecimal, deflate without a header. */
export type Form = 'latin-1' | 'base64' | 'base32' | 'base85' | 'ascii85' | 'hex' | 'deflate-raw';

const most = { tensors: 50_000, storages: 50_000, nested: 1_000, codes: 2_000, aliases: 10_000, targets: 20_000 } as const;

/** Type names of torch storages → dtype and bytes of an element. */
const storageTypes = new Map<string, readonly [string, number]>([
  ['DoubleStorage', ['F64', 8]], ['FloatStorage', ['F32', 4]], ['HalfStorage', ['F16', 2]], ['BFloat16Storage', ['BF16', 2]],
  ['LongStorage', ['I64', 8]], ['IntStorage', ['I32', 4]], ['ShortStorage', ['I16', 2]], ['CharStorage', ['I8', 1]],
  ['ByteStorage', ['U8', 1]], ['BoolStorage', ['BOOL', 1]], ['ComplexFloatStorage', ['C64', 8]], ['ComplexDoubleStorage', ['C128', 16]],
  ['QUInt8Storage', ['QUINT8', 1]], ['QInt8Storage', ['QINT8', 1]], ['QInt32Storage', ['QINT32', 4]], ['UntypedStorage', ['U8', 1]],
]);
const numpyLetters: Readonly<Record<string, string>> = { f: 'F', i: 'I', u: 'U', c: 'C' };

/** Arrays that numpy pickles without a BUILD (protocol 5). */
const numpyBuffers = /^numpy\.(_?core)\.numeric\._frombuffer$/;

/** Callables that read a pickle, or unpack bytes on the way to one, from their argument. */
const loaders = /^(_?pickle5?|cPickle|dill(\._?dill)?|cloudpickle(\.cloudpickle)?|(sklearn\.externals\.)?joblib(\.numpy_pickle)?|pandas(\.io\.pickle|\.compat\.pickle_compat)?|numpy(\.[a-z_.]+)?|torch(\.storage|\.serialization|\.jit)?|marshal|keras\.(src\.)?models(\.[a-z_]+)*|jsonpickle|zlib|gzip|bz2|lzma|_?io|lib2to3\.pgen2\.grammar|torch\.utils\._config_module|torch\.utils\.data\.[a-z.]+|spacy\.(vocab|tokens(\.[a-z_]+)*)|numba\.core\.serialize|srsly(\.[a-z_]+)*)\.([A-Za-z]+\.)?(loads?|pickle_loads|unpickle_(?:vocab|doc)|_numba_unpickle|_unpickle__CustomPickled|_loads?|_load_from_bytes|Unpickler|BytesIO|decompress|read_pickle|_unmarshal|load_config|basichandlers|decompressobj|model_from_json|decode|open)$/;

/** Calls between a literal and its loader that change how the bytes are written. */
const written: Readonly<Record<string, Form>> = {
  '_codecs.encode': 'latin-1', 'codecs.encode': 'latin-1', '_codecs.latin_1_encode': 'latin-1',
  'base64.b64decode': 'base64', 'base64.standard_b64decode': 'base64', 'base64.urlsafe_b64decode': 'base64', 'base64.decodebytes': 'base64', 'binascii.a2b_base64': 'base64',
  'base64.b32decode': 'base32', 'base64.b85decode': 'base85', 'base64.a85decode': 'ascii85', 'base64.b16decode': 'hex',
  'binascii.unhexlify': 'hex', 'binascii.a2b_hex': 'hex', 'builtins.bytes.fromhex': 'hex', 'builtins.bytearray.fromhex': 'hex', 'codecs.hex_codec.hex_decode': 'hex',
  'encodings.hex_codec.hex_decode': 'hex', 'encodings.base64_codec.base64_decode': 'base64',
};
/** Codecs of `codecs.decode` that turn bytes into bytes; compressions have scanners of their own. */
const codecs: Readonly<Record<string, Form>> = { hex: 'hex', hex_codec: 'hex', base64: 'base64', base64_codec: 'base64', base_64: 'base64' };

/** First characters of what a loader can be given as text: pickles of all protocols, zlib, gzip, zstd, bzip2, xz, code objects, JSON. */
const starts: ReadonlySet<number> = new Set(Buffer.from('\x80(}]ciIcBx\x1f\x28\x78\xe3\xfd{', 'latin1'));

/** How a call on the way to a loader writes its first operand, if it does. */
function formOf(call: Call): Form | undefined {
  const { target, args, callee } = call;
  if (/^_?codecs\.(decode|encode)$/.test(target)) {
    const codec = (wholeText(args[1]) ?? '').toLowerCase().replaceAll('-', '_');
    return codecs[codec] ?? (target.endsWith('encode') ? 'latin-1' : undefined);
  }
  if (/^zlib\.(decompress|decompressobj)$/.test(target) && args.some((arg) => (wholeNumber(arg) ?? 0) < 0)) return 'deflate-raw';
  // getattr(bytes, 'fromhex')('80…')
  if (callee.kind === CALL && callee.args.some((arg) => wholeText(arg) === 'fromhex')) return 'hex';
  return written[target];
}

/** How cloudpickle and dill write a module among the globals of a function. */
const importers = /^(cloudpickle\.cloudpickle\.subimport|dill\._dill\._import_module|importlib\.import_module|builtins\.__import__)$/;

/** Watches one artefact's pickles. */
export class Libraries implements Watcher {
  readonly tensors: Tensor[] = [];
  readonly storages = new Map<string, Storage>();
  readonly nested: Nested[] = [];
  readonly codes: PickledCode[] = [];
  /** Files beside this one from which joblib before 0.10 loads arrays. */
  readonly files: { readonly name: string; readonly at: number }[] = [];
  /** Code objects that were only counted. */
  moreCodes = 0;
  /** Names of globals of functions by value, and the modules that they are. */
  readonly aliases = new Map<string, string>();
  /** The reader that is at work. */
  reader: PickleReader | undefined;
  readonly #byCall = new WeakMap<Call, Tensor>();
  readonly #nestedAt = new Map<number, number>();

  called(call: Call, at: number): void {
    const { target, args, callee } = call;
    const kind = kindOf(target);
    if (kind === 'code' || callee.kind === CALL) this.#code(call, at);
    if (kind === 'tensor') this.#rebuilt(call, at);
    else if (kind === 'buffer') this.#buffer(call, at);
    else if (kind === 'loader' || (kind === 'method' && isLoading(wholeText(args[0]))) || args.some(isLoader) || loadsLater(callee)) {
      this.#loads(args, formOf(call) === 'deflate-raw' ? ['deflate-raw'] : [], 0);
    }
  }

  #code(call: Call, at: number): void {
    const code = codeOf(call, at);
    if (code === undefined) return;
    if (this.codes.length < most.codes) this.codes.push(code);
    else this.moreCodes += 1;
  }

  /** Follows containers and inner calls to the literals that end in a loader. */
  #loads(values: readonly Value[], forms: readonly Form[], depth: number): void {
    if (depth > 6) return;
    for (const value of values) {
      if (value.kind === BYTES || value.kind === STR) this.#literal(value, forms);
      else if (value.kind === CALL) {
        const form = formOf(value);
        this.#loads(value.args, form === undefined ? forms : [form, ...forms], depth + 1);
      } else if (value.kind >= TUPLE && value.kind <= SET) this.#loads((value as Container).items, forms, depth + 1);
    }
  }

  #literal(value: Literal, forms: readonly Form[]): void {
    if (value.at < 0 || value.length < 2 || this.nested.length >= most.nested) return;
    if (value.kind === STR && (forms[0] === undefined || forms[0] === 'latin-1') && !starts.has(textOf(value).charCodeAt(0))) return; // names, modes, codecs
    const known = this.#nestedAt.get(value.at);
    if (known !== undefined && (forms.length <= this.nested[known]!.forms.length)) return;
    const nested = { begin: value.at, end: value.at + value.length, forms };
    if (known !== undefined) this.nested[known] = nested; // an outer call has seen more of the way
    else this.#nestedAt.set(value.at, this.nested.push(nested) - 1);
  }

  /** `_rebuild_tensor(_v2)(storage, offset, size, stride, …)` and what wraps it. */
  #rebuilt(call: Call, at: number): void {
    const [first, offset, size, stride] = call.args;
    if (first?.kind === CALL) {
      const inner = this.#byCall.get(first);
      if (inner !== undefined) this.#byCall.set(call, inner);
      return;
    }
    const storage = first?.kind === PERSISTENT ? storageOf(first, at) : undefined;
    if (storage === undefined || this.tensors.length >= most.tensors) return;
    const [dtype, width] = typed(call.args[6]) ?? [storage.dtype, storage.width]; // _rebuild_tensor_v3: bytes of a type
    const from = wholeNumber(offset);
    const shape = numbers(size);
    const strides = numbers(stride);
    const told = from !== undefined && !storage.partial && isWhole(size, shape) && isWhole(stride, strides);
    const tensor = { name: storage.key, dtype, shape, storage: storage.key, at: [at, at + 1] as const, ...(told ? { view: { offset: from, strides, width } } : {}) };
    this.tensors.push(tensor);
    this.#byCall.set(call, tensor);
  }

  persistent(value: Persistent, at: number): boolean {
    const storage = storageOf(value, at);
    if (storage === undefined) return false;
    if (this.storages.size < most.storages && !this.storages.has(storage.key)) this.storages.set(storage.key, storage);
    return true;
  }

  item(key: Value, value: Value): void {
    const tensor = this.#byCall.get(value as Call);
    const name = wholeText(key);
    if (tensor !== undefined && name !== undefined && (tensor.name === tensor.storage || tensor.name.startsWith('array@'))) tensor.name = name;
    if (name === undefined || value.kind !== CALL || !importers.test(value.target) || this.aliases.size >= most.aliases) return;
    const module = wholeText(value.args[0]);
    if (module !== undefined && module !== name) this.aliases.set(name, module);
  }

  /** `_frombuffer(bytes, dtype, shape, order)`. */
  #buffer(call: Call, at: number): void {
    const [data, dtype, shape] = call.args;
    this.#array(call, dtype, shape, data, at);
  }

  /** An array inside the pickle. Its name is that of the dictionary's key, once it is put into one. */
  #array(call: Call, dtype: Value | undefined, shape: Value | undefined, data: Value | undefined, at: number): void {
    const element = elementOf(dtype);
    if (element === undefined || this.tensors.length >= most.tensors || this.#byCall.has(call)) return;
    const literal = data?.kind === BYTES || data?.kind === STR ? data : data?.kind === CALL && data.args[0]?.kind === BYTES ? data.args[0] : undefined;
    const span = literal === undefined || literal.at < 0 ? [at, at + 1] as const : [literal.at, literal.at + literal.length] as const;
    const tensor: Tensor = { name: `array@${at}`, dtype: element.name, shape: numbers(shape), at: span };
    this.tensors.push(tensor);
    this.#byCall.set(call, tensor);
  }

  /** joblib: the array's bytes, or a pickle of an object array, follow the wrapper's BUILD (joblib/numpy_pickle.py). */
  built(object: Value, state: Value, at: number): void {
    if (object.kind === CALL && /^numpy\.(_?core)\.multiarray\._reconstruct$/.test(object.target) && state.kind === TUPLE) {
      const [, shape, dtype, , data] = state.items; // ndarray.__setstate__: version, shape, dtype, Fortran order, bytes or a list of objects
      this.#array(object, dtype, shape, data, at);
      return;
    }
    if (object.kind === CALL && /^joblib\.numpy_pickle(_compat)?\.Z?NDArrayWrapper$/.test(classOf(object))) {
      const name = wholeText(lookUp(state, 'filename'));
      if (name !== undefined && this.files.length < most.nested) this.files.push({ name, at });
      return;
    }
    const { reader } = this;
    if (reader === undefined || reader.inside || object.kind !== CALL || classOf(object) !== 'joblib.numpy_pickle.NumpyArrayWrapper') return;
    const dtype = lookUp(state, 'dtype');
    const shape = numbers(lookUp(state, 'shape'));
    const element = elementOf(dtype);
    if (element === undefined) return;
    if (element.object) {
      reader.nested();
      return;
    }
    const length = shape.reduce((product, side) => product * side, element.width);
    if (!Number.isSafeInteger(length) || length < 0) return;
    const alignment = lookUp(state, 'numpy_array_alignment_bytes');
    reader.raw(length, alignment !== undefined && alignment.kind !== NONE, (begin, end) => {
      if (this.tensors.length >= most.tensors) return;
      const tensor: Tensor = { name: `array@${at}`, dtype: element.name, shape, at: [begin, end] };
      this.tensors.push(tensor);
      this.#byCall.set(object, tensor);
    });
  }
}

/** What a target is to this file; most are called many times. */
type Kind = 'code' | 'tensor' | 'buffer' | 'loader' | 'method' | 'other';
const kinds = new Map<string, Kind>();

function kindOf(target: string): Kind {
  const known = kinds.get(target);
  if (known !== undefined) return known;
  const kind = namesCode.test(target) ? 'code' : target.startsWith('torch._utils._rebuild') ? 'tensor' : numpyBuffers.test(target) ? 'buffer'
    : loaders.test(target) ? 'loader' : /^_?operator\.methodcaller$/.test(target) ? 'method' : 'other';
  if (kinds.size >= most.targets) kinds.clear();
  kinds.set(target, kind);
  return kind;
}

function isLoading(text: string | undefined): boolean {
  return text === 'load' || text === 'loads' || text === '_load' || text === '_loads';
}

/** Something that was given a loader, and is called: `partial(loads, b'…')()`, `Unpickler(…).load()`. */
function loadsLater(callee: Value): boolean {
  return callee.kind === CALL && callee.args.some((arg) => isLoader(arg) || isLoading(wholeText(arg)));
}

function isLoader(value: Value): boolean {
  return value.kind === GLOBAL && kindOf(`${value.module}.${value.name}`) === 'loader';
}

/** The class of a rebuilt object: called itself, or the first operand of copyreg's helpers. */
function classOf(call: Call): string {
  if (!/^copyreg\.(_reconstructor|__newobj__)$/.test(call.target)) return call.target;
  const first = call.args[0];
  return first?.kind === GLOBAL ? `${first.module}.${first.name}` : '?';
}

/** ('storage', type, key, location, elements[, view]), with the type a class of torch. */
function storageOf(value: Persistent, at: number): Storage | undefined {
  const { id } = value;
  if (id.kind !== TUPLE) return undefined;
  const [tag, type, key, location, elements, part] = id.items;
  const named = wholeText(key) ?? (key?.kind === INT ? String((key).number) : undefined);
  const count = wholeNumber(elements);
  if (wholeText(tag) !== 'storage' || type?.kind !== GLOBAL || named === undefined || count === undefined || count < 0) return undefined;
  const { module, name } = type;
  if (!/^torch(\.[a-z_]+)*$/.test(module) || !/^[A-Za-z0-9]{1,40}Storage$/.test(name) || (location !== undefined && location.kind !== STR)) return undefined;
  const [dtype, width] = storageTypes.get(name) ?? ['UNKNOWN', 0];
  return { key: named, dtype, elements: count, width, partial: part?.kind === TUPLE, at };
}

/** Names of torch's types → dtype and bytes, for tensors over a storage of bytes. */
const elementTypes = new Map<string, readonly [string, number]>([
  ['float64', ['F64', 8]], ['float32', ['F32', 4]], ['float16', ['F16', 2]], ['bfloat16', ['BF16', 2]], ['int64', ['I64', 8]], ['int32', ['I32', 4]],
  ['int16', ['I16', 2]], ['int8', ['I8', 1]], ['uint8', ['U8', 1]], ['uint16', ['U16', 2]], ['uint32', ['U32', 4]], ['uint64', ['U64', 8]], ['bool', ['BOOL', 1]],
  ['complex64', ['C64', 8]], ['complex128', ['C128', 16]], ['float8_e4m3fn', ['F8_E4M3', 1]], ['float8_e5m2', ['F8_E5M2', 1]],
  ['float8_e4m3fnuz', ['F8_E4M3FNUZ', 1]], ['float8_e5m2fnuz', ['F8_E5M2FNUZ', 1]], ['float8_e8m0fnu', ['F8_E8M0', 1]],
]);

function typed(value: Value | undefined): readonly [string, number] | undefined {
  return value?.kind === GLOBAL && value.module === 'torch' ? elementTypes.get(value.name) : undefined;
}

/** Whether `numbers` has left nothing out and read nothing into it. */
function isWhole(value: Value | undefined, read: readonly number[]): boolean {
  return (value?.kind === TUPLE || value?.kind === LIST) && value.length === read.length && value.items.every((item) => wholeNumber(item) !== undefined);
}

function numbers(value: Value | undefined): number[] {
  if (value === undefined || (value.kind !== TUPLE && value.kind !== LIST)) return [];
  return value.items.map((item) => wholeNumber(item) ?? 0);
}

/** A numpy.dtype as pickles make it: `dtype('f8', False, True)` and BUILD (version, order, …, size, alignment, flags). */
function elementOf(value: Value | undefined): { readonly name: string; readonly width: number; readonly object: boolean } | undefined {
  if (value?.kind !== CALL) return undefined;
  const call = value;
  const code = wholeText(call.args[0]);
  const found = code === undefined ? null : /^[<>|=]?([a-zA-Z?])([0-9]{0,10})$/.exec(code);
  if (found === null) return undefined;
  const letter = found[1]!;
  const state = call.state?.kind === TUPLE ? call.state.items : [];
  const size = Number(found[2] ?? '');
  const declared = wholeNumber(state[5]);
  const width = declared !== undefined && declared > 0 ? declared : letter === 'U' ? 4 * size : size;
  const flags = wholeNumber(state[7]) ?? 0;
  const name = letter === 'b' ? 'BOOL' : numpyLetters[letter] === undefined ? `${letter}${found[2] ?? ''}` : `${numpyLetters[letter]}${8 * size}`;
  return { name, width, object: letter === 'O' || (flags & 1) === 1 };
}

