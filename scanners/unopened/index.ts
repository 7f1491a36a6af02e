// SPDX-License-Identifier: Apache-2.0
import { inflateSync, constants } from 'node:zlib';
import { scanner, type Sample } from '../../src/model/scanner.ts';
import { byContent, byName, elsewhere, programs, textByName, type Format } from './formats.ts';

/**
 * Formats that nothing here opens yet: says so, and what could hide there, where a loader could take the file for a
 * model, data or code. Prose, pictures and sounds are none of its business.
 */
export default scanner({
  id: 'unopened',
  title: 'known formats that are not opened yet',
  extensions: ['.7z', '.rar', '.feather', '.tflite', '.so', '.dll', '.exe', '.py', '.sh'],
  holds: 'anything',
  says: ['gap'],
  recognise(sample) {
    const found = find(sample);
    if (found === undefined) return 'no';
    return found.magic === undefined ? 'maybe' : 'yes';
  },
  async *inspect(_source, sample) {
    const found = find(sample);
    if (found === undefined) return;
    yield { kind: 'gap', what: found.says ?? `${found.title}: no reader for it yet`, why: 'unsupported', holds: found.holds, format: found.id };
  },
});

function find(sample: Sample): Format | undefined {
  if (sample.size === 0) return undefined;
  const { head } = sample;
  const name = sample.name.toLowerCase();
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 4096));
  const text = lazy(() => start.toString('latin1', 0, 1024));
  const fits = (format: Format): boolean =>
    (format.magic ?? []).every(([offset, bytes]) => matches(start, offset, bytes))
    && (format.tail === undefined || matches(sample.tail, sample.tail.length - format.tail.length, format.tail))
    && (format.name === undefined || format.name.test(name))
    && (format.text === undefined || format.text.test(text()));
  const known = (candidates[start[0] ?? 0] ?? anyStart).find(fits) ?? portableExecutable(start);
  if (known !== undefined) return known;
  if (name === '' || !(anyName.test(name) || matches(start, 0, '#!'))) return undefined;
  if (isText(start)) return textByName.find(fits) ?? (isScript(start) ? script : undefined);
  return isElsewhere(sample, start) ? undefined : byName.find(fits);
}

/** Asked of every file: one expression is faster than thirty. */
const anyName = new RegExp([...byName, ...textByName].map((format) => format.name?.source ?? '(?!)').join('|'));

/** Formats told by content that a file beginning with this byte can be: most files are none, and should not pay for all. */
const anyStart = [...byContent, ...programs].filter(({ magic }) => magic === undefined || magic[0]?.[0] !== 0);
const candidates = Array.from({ length: 256 }, (_, byte) => (
  [...byContent, ...programs].filter(({ magic }) => magic === undefined || magic[0]?.[0] !== 0 || magic[0][1].charCodeAt(0) === byte)
));

/** Opcodes that can begin a pickle of protocol 0 or 1: those that need no stack. */
const firstOpcodes = '()]}ciIJKMNLFGSTUVXP';

const script: Format = { id: 'script', title: 'program text (begins with #!)', holds: 'source' };

function isScript(start: Buffer): boolean {
  return /^#! ?\/[\w/]{1,64}/.test(start.toString('latin1', 0, 80));
}

function matches(bytes: Uint8Array, offset: number, wanted: string): boolean {
  if (offset < 0 || offset + wanted.length > bytes.length) return false;
  for (let i = 0; i < wanted.length; i += 1) if (bytes[offset + i] !== wanted.charCodeAt(i)) return false;
  return true;
}

/** 'MZ', and where offset 60 points, 'PE' (PE format, "MS-DOS Stub"). Two bytes alone would be chance. */
function portableExecutable(start: Buffer): Format | undefined {
  if (!matches(start, 0, 'MZ') || start.length < 64) return undefined;
  return matches(start, start.readUInt32LE(60), 'PE\0\0') ? { id: 'native-program', title: 'native program (PE)', holds: 'code', magic: [] } : undefined;
}

/** No control characters but white space in the first part: text, in whatever code. */
function isText(start: Uint8Array): boolean {
  return !start.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127);
}

/** Content that other scanners read, or that no loader of models takes: the name alone must not claim it. */
function isElsewhere(sample: Sample, start: Buffer): boolean {
  if (elsewhere.some(([offset, bytes]) => matches(start, offset, bytes))) return true;
  if (start[0] === 0x80 && (start[1] ?? 255) <= 5) return true; // a pickle says its protocol
  if (firstOpcodes.includes(String.fromCharCode(start[0] ?? 0))) return true; // protocols 0 and 1 do not: the pickle scanner's guess
  if (start.length > 8 && start.readUInt32LE(4) === 0 && start[8] === 0x7b) return true; // safetensors: length, '{'
  if (start[2] === 0x0d && start[3] === 0x0a && [8, 12, 16].some((at) => (start[at]! & 0x7f) === 0x63)) return true; // byte code of Python
  if (start[0] === 0x0a && start.subarray(0, 64).includes('<unk>')) return true; // a SentencePiece vocabulary: no code, no weights
  if (start.length >= 4 && start.readUInt32LE(0) >>> 4 === 0x184d2a5) return true; // a skippable zstd frame
  return isZlib(start);
}

function isZlib(start: Buffer): boolean {
  if (start.length < 2 || (start[0]! & 15) !== 8 || start.readUInt16BE(0) % 31 !== 0) return false;
  try {
    return inflateSync(start, { maxOutputLength: 1 << 20, finishFlush: constants.Z_SYNC_FLUSH }).length >= 64 || start.length < 4096;
  } catch (error) {
    return (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
  }
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
