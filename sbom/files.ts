// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Coverage, Inspected } from '../src/model/artefact.ts';
import { compare } from './text.ts';
import { fileName, isCard, rootFile } from './value.ts';

/** What a file is for: by what was understood of its content, else by the names that loaders look for. */
export type Role =
  | 'weights' | 'weights-index' | 'adapter' | 'config' | 'tokenizer' | 'chat-template' | 'card' | 'licence' | 'data' | 'code'
  | 'training-state' | 'archive' | 'signature' | 'link' | 'other';

export interface BomFile {
  /** Artefact id. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex; absent when the bytes were not read to their end. */
  readonly sha256?: string;
  readonly format: string;
  readonly coverage: Coverage;
  readonly role: Role;
  /** What was understood inside it, at any depth. */
  readonly members: readonly BomFile[];
}

/** SHA-256 over the subject's files, and what exactly was hashed. */
export interface ContentDigest {
  readonly sha256: string;
  readonly of: string;
}

const weightFormats = new Set(['safetensors', 'gguf', 'ggml', 'onnx', 'torch', 'torchscript', 'pickle', 'joblib', 'keras', 'hdf5', 'tflite', 'tensorflow', 'tf-checkpoint', 'tf-checkpoint-data', 'flax', 'skops', 'coreml', 'coreml-weights', 'openvino', 'openvino-data', 'executorch']);
const dataFormats = new Set(['csv', 'tsv', 'jsonl', 'parquet', 'arrow', 'avro', 'numpy', 'tfrecord', 'webdataset']);
const archiveFormats = new Set(['zip', 'tar', 'gzip', 'xz', 'bzip2', 'zstd', 'lz4', 'lzma', 'zfile', '7z']);

/** The files of a report, sorted by path, each with its members. */
export function filesOf(inspected: readonly Inspected[]): BomFile[] {
  const members = new Map<string, BomFile[]>();
  const files: BomFile[] = [];
  for (const one of inspected.toSorted((a, b) => compare(a.artefact.id, b.artefact.id))) {
    const { id, size, format, digests } = one.artefact;
    const inside = id.includes('!/');
    let own: BomFile[] = [];
    if (!inside) members.set(id, own = members.get(id) ?? []);
    const file: BomFile = { path: id, size, format, coverage: one.coverage, role: roleOf(one), members: own, ...digests };
    if (!inside) {
      files.push(file);
    } else {
      const outer = members.get(rootFile(id));
      if (outer === undefined) members.set(rootFile(id), [file]);
      else outer.push(file);
    }
  }
  return files;
}

function roleOf({ artefact, facts }: Inspected): Role {
  const name = artefact.id.slice(artefact.id.lastIndexOf('/') + 1).toLowerCase();
  const formats = artefact.format.split('+');
  if (formats.includes('symlink')) return 'link';
  if (formats.includes('licence-text')) return 'licence';
  if (facts.some((fact) => fact.kind === 'claim' && fact.field === 'energy') && formats.includes('csv')) return 'training-state';
  if (/^(training_args|optimizer|scheduler|scaler|rng_state(_\d+)?)\.(bin|pt|pth|safetensors)$/.test(name) || name === 'trainer_state.json') return 'training-state';
  if (formats.some((format) => weightFormats.has(format)) || facts.some((fact) => fact.kind === 'tensor' && !formats.includes('numpy'))) {
    return name.startsWith('adapter_model.') ? 'adapter' : 'weights';
  }
  if (name.endsWith('.index.json') && facts.some((fact) => fact.kind === 'link' && fact.role === 'shard')) return 'weights-index';
  if (formats.includes('jinja') || /chat_template/.test(name)) return 'chat-template';
  if (/^(tokenizer.*\.(json|model)|vocab\.(json|txt)|merges\.txt|special_tokens_map\.json|added_tokens\.json|spiece\.model|sentencepiece.*\.model)$/.test(name)) return 'tokenizer';
  if (isCard(artefact.id)) return 'card';
  if (/^(licen[cs]e|copying|notice|use_policy|unlicense)([._-].*)?$/.test(name)) return 'licence';
  if (/\.(py|pyx|js|ts|sh|ipynb|so|dll|dylib|jar|r|jl|cu|cpp|c)$/.test(name)) return 'code';
  if (/\.(sig|sigstore|sigstore\.json|asc|intoto\.jsonl)$/.test(name)) return 'signature';
  if (formats.some((format) => dataFormats.has(format)) || /\.(parquet|arrow|csv|tsv|jsonl|ndjson|tfrecord)$/.test(name)) return 'data';
  if (facts.some((fact) => fact.kind === 'column')) return 'data';
  if (formats.some((format) => archiveFormats.has(format))) return 'archive';
  return /\.(json|ya?ml|toml|ini|cfg)$/.test(name) ? 'config' : 'other';
}

/**
 * The digest that stands for all files: that of the single file, or of the lines that `sha256sum` prints for the files
 * sorted by path. Undefined when a file could not be hashed, since it would then vouch for bytes nobody read.
 */
export function contentDigest(files: readonly BomFile[], root: string): ContentDigest | undefined {
  const regular = files.filter((file) => file.role !== 'link');
  const only = regular[0];
  if (only === undefined || regular.some((file) => file.sha256 === undefined)) return undefined;
  if (files.length === 1 && only.path === root) return { sha256: only.sha256!, of: 'the bytes of the file' };
  const hash = createHash('sha256');
  for (const file of regular) hash.update(line(file.sha256!, file.path.toWellFormed()));
  const links = files.length - regular.length;
  const skipped = links === 0 ? '' : `; ${links} symbolic links not followed`;
  return { sha256: hash.digest('hex'), of: `one line '<sha256>  <path>' for each of ${regular.length} files, sorted by path${skipped}` };
}

/** As sha256sum writes it: a path with a line break or backslash is escaped, and the line then begins with a backslash. */
function line(sha256: string, path: string): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === path ? '' : '\\'}${sha256}  ${escaped}\n`;
}

/** Files at the root with one of these names, in code-unit order. */
export function rootFiles(files: readonly BomFile[], pattern: RegExp): BomFile[] {
  return files.filter((file) => !file.path.includes('/') && pattern.test(fileName(file.path)));
}
