// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { scanner, type Sample } from '../../src/model/scanner.ts';

/** Names that pickle, torch, joblib and NumPy loaders open whatever is inside. */
const loaded = /\.(pkl|pickle|p|pt|pth|ckpt|joblib|dill|bin|pdparams|mar|npy|npz)$/i;

/** Names of weights: one without content was not fetched, or not written. */
const weights = /\.(pkl|pickle|pt|pth|ckpt|joblib|bin|npy|npz|gguf|ggml|onnx|h5|hdf5|keras|tflite|pb|msgpack|parquet|arrow)$/i;

/**
 * What nobody else understood, under a name that a loader would open: it must not pass for an ordinary file. Runs only
 * where no other scanner claims anything.
 */
export default scanner({
  id: 'unrecognised',
  title: 'files under a loader\'s name that are of no known format',
  extensions: [],
  holds: 'code',
  fallback: true,
  says: ['gap', 'malformed'],
  recognise(sample) {
    if (sample.size === 0) return weights.test(sample.name) ? 'yes' : 'no';
    return loaded.test(sample.name) && (isText(sample.head) ? isStartUp(sample) : !isOrdinary(sample.head)) ? 'yes' : 'no';
  },
  async *inspect(_source, { head, size }) {
    if (size === 0) {
      yield { kind: 'malformed', code: 'unrecognised/empty', what: 'the file has no bytes, under a name that loaders open', at: [0, 0] };
      return;
    }
    if (isText(head)) {
      yield { kind: 'gap', what: 'path configuration file with an import line, which Python runs when it starts: program text is not judged', why: 'unsupported', holds: 'source', format: 'python-path' };
      return;
    }
    yield { kind: 'gap', what: 'content is of no known format, under a name that loaders open', why: 'unsupported', holds: 'code', format: 'unknown' };
  },
});

/** Python runs the import lines of a .pth file when it starts, from wherever its site folders are. */
function isStartUp({ name, head }: Sample): boolean {
  return /\.pth$/i.test(name) && /^import[ \t]/m.test(asBuffer(head).toString('latin1'));
}

/** Beginnings of pictures, sounds and documents, and where they stand: no loader of models gets anywhere with these. */
const ordinary: readonly (readonly [offset: number, bytes: string])[] = [
  [0, '\x89PNG'], [0, '\xff\xd8\xff'], [0, 'GIF8'], [8, 'WEBP'], [8, 'WAVE'], [0, 'OggS'], [0, 'fLaC'], [0, 'ID3'], [0, '%PDF'], [4, 'ftyp'],
];

function isOrdinary(head: Uint8Array): boolean {
  const start = asBuffer(head.subarray(0, 16)).toString('latin1');
  return ordinary.some(([offset, bytes]) => start.startsWith(bytes, offset));
}

function isText(head: Uint8Array): boolean {
  for (const byte of head.subarray(0, 4096)) if (byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)) return false;
  return true;
}
