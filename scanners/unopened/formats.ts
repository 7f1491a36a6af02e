// SPDX-License-Identifier: Apache-2.0
import type { Holds } from '../../src/model/fact.ts';

/** A format that nothing here opens yet. */
export interface Format {
  /** As people call it, and why it matters, for the message. */
  readonly title: string;
  readonly holds: Holds;
  /** The whole message, where 'no reader for it yet' would be wrong. */
  readonly says?: string;
  /** Bytes as text in Latin-1 and where they stand; all of them must be there. */
  readonly magic?: readonly (readonly [offset: number, bytes: string])[];
  /** Bytes at the end, besides. */
  readonly tail?: string;
  /** The whole name, in lower case. */
  readonly name?: RegExp;
  /** For text formats: what the first kilobyte must match. */
  readonly text?: RegExp;
}

/** Told apart by content. Only runs of bytes that do not occur by chance; order matters where one includes another. */
export const byContent: readonly Format[] = [
  // Archives and compressions: anything can lie in them, and loaders or people unpack them.
  { title: '7z archive', holds: 'anything', magic: [[0, '7z\xbc\xaf\x27\x1c']] },
  { title: 'RAR archive', holds: 'anything', magic: [[0, 'Rar!\x1a\x07']] },
  { title: 'xz stream (joblib reads it)', holds: 'anything', magic: [[0, '\xfd7zXZ\0']] },
  { title: 'bzip2 stream (joblib reads it)', holds: 'anything', magic: [[0, 'BZh'], [4, '1AY&SY']] },
  { title: 'LZ4 frame (joblib reads it)', holds: 'anything', magic: [[0, '\x04\x22\x4d\x18']] },
  { title: 'LZ4 legacy frame', holds: 'anything', magic: [[0, '\x02\x21\x4c\x18']] },
  { title: 'Snappy frames', holds: 'anything', magic: [[0, '\xff\x06\0\0sNaPpY']] },
  { title: 'Microsoft cabinet', holds: 'anything', magic: [[0, 'MSCF\0\0\0\0']] },
  { title: 'xar archive', holds: 'anything', magic: [[0, 'xar!\0\x1c']] },
  { title: 'Unix ar archive (static library, Debian package)', holds: 'anything', magic: [[0, '!<arch>\n']] },
  { title: 'RPM package', holds: 'anything', magic: [[0, '\xed\xab\xee\xdb']] },
  // Model formats that can hold code.
  { title: 'HDF5 file (Keras weights; a Lambda layer in it is code)', holds: 'code', magic: [[0, '\x89HDF\r\n\x1a\n']] },
  { title: 'HDF5 file behind a user block', holds: 'code', magic: [[512, '\x89HDF\r\n\x1a\n']] },
  { title: 'HDF5 file behind a user block', holds: 'code', magic: [[1024, '\x89HDF\r\n\x1a\n']] },
  { title: 'HDF5 file behind a user block', holds: 'code', magic: [[2048, '\x89HDF\r\n\x1a\n']] },
  { title: 'TensorFlow Lite model (custom operators are code)', holds: 'code', magic: [[4, 'TFL3']] },
  { title: 'R data, serialised (promises run when they are touched)', holds: 'code', magic: [[0, 'RDX2\nX\n']] },
  { title: 'R data, serialised (promises run when they are touched)', holds: 'code', magic: [[0, 'RDX3\nX\n']] },
  { title: 'R object, serialised (promises run when they are touched)', holds: 'code', magic: [[0, 'X\n\0\0\0\x02\0']] },
  { title: 'R object, serialised (promises run when they are touched)', holds: 'code', magic: [[0, 'X\n\0\0\0\x03\0']] },
  { title: 'TensorRT engine (holds machine code)', holds: 'code', magic: [[0, 'ftrt']] },
  { title: 'LLVM bitcode', holds: 'code', magic: [[0, 'BC\xc0\xde']] },
  { title: 'Executorch program', holds: 'code', magic: [[4, 'ET12']] },
  // Weights.
  { title: 'GGML model, older than GGUF', holds: 'weights', magic: [[0, 'lmgg']] },
  { title: 'GGMF model, older than GGUF', holds: 'weights', magic: [[0, 'fmgg']] },
  { title: 'GGJT model, older than GGUF', holds: 'weights', magic: [[0, 'tjgg']] },
  { title: 'GGLA adapter, older than GGUF', holds: 'weights', magic: [[0, 'algg']] },
  { title: 'CatBoost model', holds: 'weights', magic: [[0, 'CBM1']] },
  { title: 'XGBoost model, old binary format', holds: 'weights', magic: [[0, 'binf']] },
  { title: 'MXNet parameters', holds: 'weights', magic: [[0, '\x12\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0']] },
  { title: 'LightGBM model, text', holds: 'weights', text: /^tree\r?\nversion=v\d/ },
  { title: 'OpenVINO network description', holds: 'code', text: /<net\s[^>]{0,200}\bversion="1[01]"/ },
  { title: 'PMML model (XML entities can reach files)', holds: 'code', text: /<PMML[\s>]/ },
  // Tables.
  { title: 'Parquet table', holds: 'data', magic: [[0, 'PAR1']], tail: 'PAR1' },
  { title: 'Parquet table with an encrypted footer', holds: 'data', magic: [[0, 'PARE']], tail: 'PARE' },
  { title: 'Arrow file (Feather 2)', holds: 'data', magic: [[0, 'ARROW1\0\0']] },
  { title: 'Feather file, version 1', holds: 'data', magic: [[0, 'FEA1']], tail: 'FEA1' },
  { title: 'Arrow stream', holds: 'data', magic: [[0, '\xff\xff\xff\xff'], [7, '\0\x10\0\0\0']] },
  { title: 'ORC table', holds: 'data', magic: [[0, 'ORC']], name: /\.orc$/ },
  { title: 'Avro file', holds: 'data', magic: [[0, 'Obj\x01']] },
  { title: 'SQLite database', holds: 'data', magic: [[0, 'SQLite format 3\0']] },
  // Not here at all.
  { title: 'Git LFS pointer', says: 'Git LFS pointer: the file that it stands for has not been fetched', holds: 'anything', text: /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n/ },
];

/** Native programs and byte code; the rule executable-file knows them by the words "native program". */
export const programs: readonly Format[] = [
  { title: 'native program (ELF)', holds: 'code', magic: [[0, '\x7fELF']] },
  { title: 'native program (Mach-O)', holds: 'code', magic: [[0, '\xfe\xed\xfa\xce']] },
  { title: 'native program (Mach-O)', holds: 'code', magic: [[0, '\xfe\xed\xfa\xcf']] },
  { title: 'native program (Mach-O)', holds: 'code', magic: [[0, '\xce\xfa\xed\xfe']] },
  { title: 'native program (Mach-O)', holds: 'code', magic: [[0, '\xcf\xfa\xed\xfe']] },
  { title: 'native program (Mach-O, several architectures)', holds: 'code', magic: [[0, '\xca\xfe\xba\xbe\0\0\0']] },
  { title: 'Java class', holds: 'code', magic: [[0, '\xca\xfe\xba\xbe'], [6, '\0']] },
  { title: 'native program (llamafile, runs everywhere)', holds: 'code', magic: [[0, 'MZqFpD=']] },
  { title: 'WebAssembly module', holds: 'code', magic: [[0, '\0asm\x01\0\0\0']] },
  { title: 'Dalvik byte code', holds: 'code', magic: [[0, 'dex\n03']] },
];

/** Formats without a mark: claimed by the names that loaders look at, and only when the content is nothing that is known. */
export const byName: readonly Format[] = [
  { title: 'TensorFlow graph (operators can read and write files)', holds: 'code', name: /\.pb$/ },
  { title: 'TensorFlow graph, text', holds: 'code', name: /\.pbtxt$/ },
  { title: 'TensorFlow checkpoint', holds: 'weights', name: /\.data-\d{5}-of-\d{5}$/ },
  { title: 'TFRecord file', holds: 'data', name: /\.tfrecords?$|\.tfrecord-\d{5}-of-\d{5}$/ },
  { title: 'Core ML model', holds: 'code', name: /\.mlmodel$/ },
  { title: 'TensorRT engine (holds machine code)', holds: 'code', name: /\.(engine|plan|trt)$/ },
  { title: 'Torch 7 object (can hold Lua code)', holds: 'code', name: /\.t7$/ },
  { title: 'R data', holds: 'code', name: /\.(rds|rda|rdata)$/ },
  { title: 'PaddlePaddle program', holds: 'code', name: /\.pdmodel$/ },
  { title: 'PaddlePaddle parameters', holds: 'weights', name: /\.pdiparams$/ },
  { title: 'MXNet parameters', holds: 'weights', name: /\.params$/ },
  { title: 'XGBoost model', holds: 'weights', name: /\.(ubj|bst|xgb)$/ },
  { title: 'Flax parameters (msgpack)', holds: 'weights', name: /\.(msgpack|flax)$/ },
  { title: 'LZMA stream (joblib reads it)', holds: 'anything', name: /\.lzma$/ },
  { title: 'compressed file (compress, brotli)', holds: 'anything', name: /\.br$/ },
  { title: 'Python byte code', holds: 'code', name: /\.py[co]$/ },
  { title: 'OpenVINO weights', holds: 'weights', name: /^openvino.*\.bin$/ },
  { title: 'TensorFlow.js weights', holds: 'weights', name: /^group\d+-shard\d+of\d+\.bin$/ },
  { title: 'Core ML weights', holds: 'weights', name: /^weight\.bin$/ },
  { title: 'model (XGBoost, fastText or another)', holds: 'weights', name: /\.model$/ },
  { title: 'pickle by name', says: 'content is of no known format, under a name that pickle loaders open', holds: 'code', name: /\.(pkl|pickle|p|pt|pth|ckpt|joblib|dill|bin|pdparams|mar)$/ },
];

/** Text: claimed by name when the content is text. */
export const textByName: readonly Format[] = [
  { title: 'program text (Python)', holds: 'source', name: /\.(py|pyi|pyx)$/ },
  { title: 'program text (shell)', holds: 'source', name: /\.(sh|bash|zsh|fish|ps1|bat|cmd)$/ },
  { title: 'program text', holds: 'source', name: /\.(js|mjs|cjs|ts|rb|pl|lua|r|jl|c|cc|cpp|cu|cl|h|hpp|rs|go|java|scala|vbs|php|swift)$/ },
  { title: 'build instructions', holds: 'source', name: /^(dockerfile|makefile|cmakelists\.txt|modelfile|justfile)$/ },
  { title: 'table of text (CSV, TSV)', holds: 'data', name: /\.(csv|tsv)$/ },
  { title: 'TensorFlow graph, text', holds: 'code', name: /\.pbtxt$/ },
];

/** What other scanners, or nobody, should take: such a head is never claimed by its name alone. */
export const elsewhere: readonly (readonly [offset: number, bytes: string])[] = [
  [0, 'PK\x03\x04'], [0, 'PK\x05\x06'], [0, 'PK\x06\x06'], [0, '\x1f\x8b\x08'], [0, '\x28\xb5\x2f\xfd'], [0, '\x93NUMPY'], [0, 'GGUF'],
  [257, 'ustar'], [0, '\x89PNG'], [0, '\xff\xd8\xff'], [0, 'GIF8'], [8, 'WEBP'], [0, 'OggS'], [0, 'fLaC'], [0, 'ID3'], [0, '%PDF'], [8, 'WAVE'],
  [4, 'ftyp'],
];
