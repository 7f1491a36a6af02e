// SPDX-License-Identifier: Apache-2.0
// What a file is for, by its name and by what the scan made of it.

/**
 * `record`: a statement about the other files (signature, checksums, BOM, declaration, ledger). `leftover`: of the making, of no
 * use to whoever runs the model. `control`: of a version control system or a hub's client.
 */
export type AssetRole =
  | 'weights' | 'tokenizer' | 'configuration' | 'prompt' | 'code' | 'data' | 'documentation' | 'record' | 'evaluation' | 'log'
  | 'leftover' | 'control' | 'other';

/** A file under the root. */
export interface Asset {
  readonly path: string;
  /** Last part of the path. */
  readonly name: string;
  readonly size: number;
  readonly format: string;
  /** Absent when its bytes were not read to their end. */
  readonly sha256?: string;
  readonly coverage: 'complete' | 'partial' | 'failed' | 'unsupported';
  readonly role: AssetRole;
  /** Permission bits; absent where the file itself is not at hand. */
  readonly mode?: number;
}

/** Tried in order: the first that matches tells the role. `path` ones see the whole path in lower case, others the name. */
const patterns: readonly (readonly [role: AssetRole, on: 'path' | 'name', pattern: RegExp])[] = [
  ['control', 'path', /(^|\/)(\.git|\.hg|\.svn|\.github|\.gitlab)(\/|$)|(^|\/)\.git(attributes|ignore|modules|keep)$|(^|\/)\.cache\/huggingface\//],
  ['record', 'name', /\.(sig|sigstore|asc|intoto\.jsonl|att)$|\.sigstore\.json$/],
  ['record', 'name', /^(sha(1|224|256|384|512)|md5|b2|b3|blake2b|blake3)?_?-?(check)?sums?(\.txt)?(\.\w{1,8})?$|\.(sha1|sha256|sha384|sha512|md5)(sum|sums)?$/],
  ['record', 'name', /^(s?bom|ai-?bom|ml-?bom)(\.\w+)?\.(json|xml)$|\.(cdx|spdx|bom)\.(json|xml)$|^(open)?vex(\.\w+)?\.json$|\.(open)?vex\.json$/],
  ['record', 'name', /^(conformity|assay-[\w-]+|waivers?|exceptions?|disposal[\w-]*|data[_-]?provenance|provenance|croissant|change[_-]?log|prompt[_-]?(change)?log|prompt[_-]?changes)\.(ya?ml|json|jsonl|csv)$|^(release-)?ledger\.jsonl$|\.dvc$/],
  ['leftover', 'path', /(^|\/)(wandb|mlruns|lightning_logs|__pycache__|\.ipynb_checkpoints|runs)\/|(^|\/)checkpoint-\d+\//],
  ['leftover', 'name', /^(optimizer|scheduler|scaler)(\.\w+)?$|^rng_state.*\.pth$|^trainer_state\.json$|^training_args\.(bin|json)$|^events\.out\.tfevents\..*|^\.env(\..*)?$|^\.ds_store$|^thumbs\.db$|\.(ipynb|swp|orig|rej|bak)$|~$/],
  ['evaluation', 'path', /(^|\/)\.?eval(uation)?[_-]?results?\/|(^|\/)(eval|evals|evaluation|evaluations)\/[^/]*\.(json|jsonl|ya?ml|csv|md|txt)$/],
  ['evaluation', 'name', /^(eval(uation)?|all|test|benchmark|security|robustness|privacy|red[_-]?team)[_-]?(test[_-]?)?(results?|report|metrics|scores?)[\w.-]*\.(json|ya?ml|csv|md|pdf|txt)$|^(benchmarks?|evaluation|results|metrics)\.(json|ya?ml)$/],
  ['log', 'path', /(^|\/)logs?\/|\.log(\.\d+)?$|(^|\/)(audit|access|inference)[_-]?logs?[\w.-]*\.(jsonl?|csv|txt)$/],
  ['prompt', 'path', /(^|\/)prompts?\/[^/]+\.(txt|md|json|ya?ml|j2|jinja2?|prompt)$/],
  ['prompt', 'name', /^(system[_-]?)?prompts?([_.-][\w.-]*)?\.(txt|md|json|ya?ml|jinja2?|j2)$|^[\w-]*system[_-]?prompt[\w.-]*$|^chat_template\.|\.(jinja2?|j2|prompt)$|^modelfile$|^(guardrails?|moderation|safety)[\w-]*\.(json|ya?ml|toml|txt|co)$|^generation_config\.json$/],
  ['tokenizer', 'name', /^(tokenizer|special_tokens_map|added_tokens|vocab|merges|spiece|sentencepiece|tekken)[\w.-]*$|\.(spm|tiktoken)$/],
  ['documentation', 'name', /\.(md|rst|adoc|pdf|markdown|html?)$|^(readme|licen[cs]e|copying|notice|security|support|changelog|changes|news|authors|contributing|citation)(\.\w+)?$|^security\.txt$/],
  ['documentation', 'path', /(^|\/)docs?\/[^/]+\.(txt|json|ya?ml)$/],
  ['weights', 'name', /\.(safetensors|gguf|ggml|onnx|pt|pth|ckpt|bin|h5|hdf5|keras|tflite|pb|joblib|pkl|pickle|msgpack|npz|pdparams|mar|onnx_data|nemo|llamafile|engine|mlmodel)$/],
  ['data', 'name', /\.(csv|tsv|jsonl|ndjson|parquet|arrow|feather|orc|avro|tfrecords?|warc|wet|wat|wav|flac|mp3|ogg|mp4|jpe?g|png|webp|gif|bmp|tiff?|npy|zst|sqlite|db|mdb|lmdb)(\.gz|\.zst|\.bz2|\.xz)?$/],
  ['data', 'path', /(^|\/)(data|dataset|datasets|corpus|train|training|validation|test)\/[^/]+\.(json|txt|gz|xml|html|tar)$/],
  ['data', 'name', /^(train|training|valid|validation|test|dev|eval)[\w.-]*\.(json|txt|gz)$/],
  ['code', 'name', /\.(py|pyc|so|dll|dylib|sh|js|ts|r|jl|c|cc|cpp|cu|rs|go|lua|wasm)$|^dockerfile$/],
  ['configuration', 'name', /\.(json|ya?ml|toml|cfg|ini|conf|txt|lock|xml|properties)$/],
];

/** Formats that are weights whatever the file is called. */
const weightFormats = new Set(['safetensors', 'gguf', 'onnx', 'torch', 'torch-legacy', 'pickle', 'npz', 'hdf5', 'keras', 'tflite', 'savedmodel', 'tensorflow', 'tf-checkpoint', 'tf-checkpoint-data', 'flax', 'ggml', 'openvino', 'openvino-data', 'coreml', 'coreml-weights']);

export function roleOf(path: string, format: string): AssetRole {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf('/') + 1);
  const found = patterns.find(([, on, pattern]) => pattern.test(on === 'path' ? lower : name))?.[0] ?? 'other';
  return found === 'other' && format.split('+').some((one) => weightFormats.has(one)) ? 'weights' : found;
}

/** Parts that a model is loaded from: what 5.2.4-1.2 calls model components. */
export function isModelPart({ role, path }: Asset): boolean {
  return role === 'weights' || role === 'tokenizer' || role === 'prompt' || ((role === 'configuration' || role === 'code') && !/(^|\/)(docs?|tests?|examples?)\//.test(path)) || role === 'other';
}

/** Folder of a path; '' for the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The first names, and how many more there are. */
export function listed(items: readonly string[], most = 8): string {
  const more = items.length - most;
  return more > 0 ? `${items.slice(0, most).join(', ')} and ${more} more` : items.join(', ');
}
