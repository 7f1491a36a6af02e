// SPDX-License-Identifier: Apache-2.0
import type { Holds } from '../../src/model/fact.ts';

/** A format that nothing here opens yet. */
export interface Format {
  /** In a word, for reports; the rule executable-file knows programs by it. */
  readonly id: string;
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
  { id: '7z', title: '7z archive', holds: 'anything', magic: [[0, '7z\xbc\xaf\x27\x1c']] },
  { id: 'rar', title: 'RAR archive', holds: 'anything', magic: [[0, 'Rar!\x1a\x07']] },
  { id: 'snappy', title: 'Snappy frames', holds: 'anything', magic: [[0, '\xff\x06\0\0sNaPpY']] },
  { id: 'cabinet', title: 'Microsoft cabinet', holds: 'anything', magic: [[0, 'MSCF\0\0\0\0']] },
  { id: 'xar', title: 'xar archive', holds: 'anything', magic: [[0, 'xar!\0\x1c']] },
  { id: 'ar', title: 'Unix ar archive (static library, Debian package)', holds: 'anything', magic: [[0, '!<arch>\n']] },
  { id: 'rpm', title: 'RPM package', holds: 'anything', magic: [[0, '\xed\xab\xee\xdb']] },
  // Model formats that can hold code.
  { id: 'r-data', title: 'R data, serialised (promises run when they are touched)', holds: 'code', magic: [[0, 'RDX2\nX\n']] },
  { id: 'r-data', title: 'R data, serialised (promises run when they are touched)', holds: 'code', magic: [[0, 'RDX3\nX\n']] },
  { id: 'r-data', title: 'R object, serialised (promises run when they are touched)', holds: 'code', magic: [[0, 'X\n\0\0\0\x02\0']] },
  { id: 'r-data', title: 'R object, serialised (promises run when they are touched)', holds: 'code', magic: [[0, 'X\n\0\0\0\x03\0']] },
  { id: 'tensorrt', title: 'TensorRT engine (holds machine code)', holds: 'code', magic: [[0, 'ftrt']] },
  { id: 'llvm-bitcode', title: 'LLVM bitcode', holds: 'code', magic: [[0, 'BC\xc0\xde']] },
  { id: 'executorch', title: 'Executorch program', holds: 'code', magic: [[4, 'ET12']] },
  // Weights.
  { id: 'catboost', title: 'CatBoost model', holds: 'weights', magic: [[0, 'CBM1']] },
  { id: 'xgboost', title: 'XGBoost model, old binary format', holds: 'weights', magic: [[0, 'binf']] },
  { id: 'mxnet', title: 'MXNet parameters', holds: 'weights', magic: [[0, '\x12\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0']] },
  { id: 'lightgbm', title: 'LightGBM model, text', holds: 'weights', text: /^tree\r?\nversion=v\d/ },
  { id: 'pmml', title: 'PMML model (XML entities can reach files)', holds: 'code', text: /<PMML[\s>]/ },
  { id: 'ocdbt', title: 'Orbax or TensorStore database (OCDBT)', holds: 'weights', magic: [[0, '\x0c\xdb\x3a\x2a']] },
  // Tables.
  { id: 'feather', title: 'Feather file, version 1', holds: 'data', magic: [[0, 'FEA1']], tail: 'FEA1' },
  { id: 'orc', title: 'ORC table', holds: 'data', magic: [[0, 'ORC']], name: /\.orc$/ },
  { id: 'avro', title: 'Avro file', holds: 'data', magic: [[0, 'Obj\x01']] },
  { id: 'sqlite-wal', title: 'SQLite write-ahead log (its pages replace those of the database)', holds: 'code', magic: [[0, '\x37\x7f\x06\x82']] },
  { id: 'sqlite-wal', title: 'SQLite write-ahead log (its pages replace those of the database)', holds: 'code', magic: [[0, '\x37\x7f\x06\x83']] },
  // Not here at all.
];

/** Native programs and byte code. */
export const programs: readonly Format[] = [
  { id: 'native-program', title: 'native program (ELF)', holds: 'code', magic: [[0, '\x7fELF']] },
  { id: 'native-program', title: 'native program (Mach-O)', holds: 'code', magic: [[0, '\xfe\xed\xfa\xce']] },
  { id: 'native-program', title: 'native program (Mach-O)', holds: 'code', magic: [[0, '\xfe\xed\xfa\xcf']] },
  { id: 'native-program', title: 'native program (Mach-O)', holds: 'code', magic: [[0, '\xce\xfa\xed\xfe']] },
  { id: 'native-program', title: 'native program (Mach-O)', holds: 'code', magic: [[0, '\xcf\xfa\xed\xfe']] },
  // A Java class begins with the same four bytes; what follows is its version there, from 45 on, and a count of programs here.
  ...Array.from({ length: 44 }, (_, index): Format => (
    { id: 'native-program', title: 'native program (Mach-O, several architectures)', holds: 'code', magic: [[0, `\xca\xfe\xba\xbe\0\0\0${String.fromCharCode(index + 1)}`]] }
  )),
  { id: 'java-class', title: 'Java class', holds: 'code', magic: [[0, '\xca\xfe\xba\xbe'], [6, '\0']] },
  { id: 'native-program', title: 'native program (llamafile, runs everywhere)', holds: 'code', magic: [[0, 'MZqFpD=']] },
  { id: 'webassembly', title: 'WebAssembly module', holds: 'code', magic: [[0, '\0asm\x01\0\0\0']] },
  { id: 'dalvik', title: 'Dalvik byte code', holds: 'code', magic: [[0, 'dex\n03']] },
];

/** Formats without a mark: claimed by the names that loaders look at, and only when the content is nothing that is known. */
export const byName: readonly Format[] = [
  { id: 'tensorrt', title: 'TensorRT engine (holds machine code)', holds: 'code', name: /\.(engine|plan|trt)$/ },
  { id: 'torch7', title: 'Torch 7 object (can hold Lua code)', holds: 'code', name: /\.t7$/ },
  { id: 'r-data', title: 'R data', holds: 'code', name: /\.(rds|rda|rdata)$/ },
  { id: 'paddle', title: 'PaddlePaddle program', holds: 'code', name: /\.pdmodel$/ },
  { id: 'paddle', title: 'PaddlePaddle parameters', holds: 'weights', name: /\.pdiparams$/ },
  { id: 'mxnet', title: 'MXNet parameters', holds: 'weights', name: /\.params$/ },
  { id: 'xgboost', title: 'XGBoost model', holds: 'weights', name: /\.(ubj|bst|xgb)$/ },
  { id: 'compressed', title: 'compressed file (compress, brotli)', holds: 'anything', name: /\.br$/ },
  { id: 'python-bytecode', title: 'Python byte code', holds: 'code', name: /\.py[co]$/ },
  { id: 'tensorflow-js', title: 'TensorFlow.js weights', holds: 'weights', name: /^group\d+-shard\d+of\d+\.bin$/ },
];

/** Text: claimed by name when the content is text. */
export const textByName: readonly Format[] = [
  { id: 'python', title: 'program text (Python)', holds: 'source', name: /\.(pyi|pyx)$/ },
  { id: 'shell', title: 'program text (shell)', holds: 'source', name: /\.(sh|bash|zsh|fish|ps1|bat|cmd)$/ },
  { id: 'source', title: 'program text', holds: 'source', name: /\.(js|mjs|cjs|ts|rb|pl|lua|r|jl|c|cc|cpp|cu|cl|h|hpp|rs|go|java|scala|vbs|php|swift)$/ },
  { id: 'build-file', title: 'build instructions', holds: 'source', name: /^(dockerfile|makefile|cmakelists\.txt|modelfile|justfile)$/ },
];

/** What other scanners, or nobody, should take: such a head is never claimed by its name alone. */
export const elsewhere: readonly (readonly [offset: number, bytes: string])[] = [
  [0, 'PK\x03\x04'], [0, 'PK\x05\x06'], [0, 'PK\x06\x06'], [0, '\x1f\x8b\x08'], [0, '\x28\xb5\x2f\xfd'], [0, '\x93NUMPY'], [0, 'GGUF'],
  [257, 'ustar'], [0, '\x89PNG'], [0, '\xff\xd8\xff'], [0, 'GIF8'], [8, 'WEBP'], [0, 'OggS'], [0, 'fLaC'], [0, 'ID3'], [0, '%PDF'], [8, 'WAVE'],
  [4, 'ftyp'],
];
