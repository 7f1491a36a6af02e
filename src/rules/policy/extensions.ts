// SPDX-License-Identifier: Apache-2.0

/** Endings that promise one kind of content, and the formats (scanner ids) that keep the promise. */
export const promises: Readonly<Record<string, readonly string[]>> = {
  '.safetensors': ['safetensors'],
  '.gguf': ['gguf'],
  '.onnx': ['onnx'],
  '.tflite': ['tflite'],
  '.npy': ['numpy'],
  '.json': ['json', 'config', 'configs', 'tokenizer', 'jsonl', 'notebook', 'sbom', 'index', 'mcp'],
  '.jsonl': ['jsonl', 'json'],
  '.yaml': ['yaml', 'config', 'configs'],
  '.yml': ['yaml', 'config', 'configs'],
  '.txt': [], '.md': [], '.rst': [], '.csv': [], '.tsv': [], '.html': [], '.jinja': ['jinja', 'template'],
  '.png': [], '.jpg': [], '.jpeg': [], '.gif': [], '.webp': [], '.bmp': [], '.svg': [], '.wav': [], '.mp3': [], '.mp4': [], '.pdf': [],
};

/** Formats whose content runs, or holds what runs, when it is loaded: under a promise of something else they are a disguise. */
export const disguised: ReadonlySet<string> = new Set(['pickle', 'torch-legacy', 'torch', 'pytorch', 'joblib', 'zip', 'tar', 'gzip', 'zlib', 'zstd', 'bzip2', 'xz', 'lzma', 'lz4', 'zfile', 'sqlite', 'dbm', 'python-bytecode', 'keras', 'numpy']);

/** Endings under which a native program is itself: a library or program beside a model is seldom wanted, but says what it is. */
export const programEndings: ReadonlySet<string> = new Set(['.so', '.dll', '.exe', '.dylib', '.pyd', '.node', '.wasm', '.o', '.a', '.llamafile', '.class', '.dex', '']);

/** Formats that a processor or virtual machine runs. */
export const programFormats: ReadonlySet<string> = new Set(['native-program', 'java-class', 'webassembly', 'dalvik', 'python-bytecode']);

/** Compiled Python, Java's native libraries, and libraries with their version behind .so. */
const alsoPrograms = /\.(?:pyc|pyo|jnilib)$|\.so(?:\.\d{1,9}){1,4}$/i;

/** Whether a program goes by a program's name. */
export function isHonestProgram(id: string): boolean {
  return programEndings.has(endingOf(id)) || alsoPrograms.test(id);
}

/** The last ending of an artefact's id, lower case with its dot; '' when there is none. */
export function endingOf(id: string): string {
  const name = id.slice(id.lastIndexOf('/') + 1).toLowerCase();
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot);
}
