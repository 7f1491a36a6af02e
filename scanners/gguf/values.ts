// SPDX-License-Identifier: Apache-2.0
// Key-value section: key (string), type (u32), value. Strings: length, bytes. Arrays: type (u32), length, elements.
import { clip } from '../../src/bytes/clip.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteWindow } from '../../src/bytes/window.ts';
import type { Span } from '../../src/model/span.ts';
import { scalarSizes } from './types.ts';

/** One key with as much of its value as facts need. */
export interface KeyValue {
  readonly key: string;
  /** Where the entry lies, key included. */
  readonly at: Span;
  readonly type: number;
  /** Scalars in full; strings up to 4 KiB; the first texts of an array of strings. */
  readonly value: string | number | bigint | boolean | readonly string[];
  /** Bytes of a string's text, or elements of an array. */
  readonly length: number;
  /** Where a string's text lies. */
  readonly text?: Span;
}

const longestKey = 65_535;
const shownText = 4096;
const deepestArray = 4;
const textsKept = 64;
const [boolType, stringType, arrayType] = [7, 8, 9];

/** Lengths and counts: 32 bits in version 1, 64 since. */
export async function readLength(window: ByteWindow, version: number, what: string): Promise<number> {
  if (version === 1) {
    await window.load(4, what);
    return window.u32();
  }
  await window.load(8, what);
  return window.length64();
}

/** A short string, in full. Longer than `most`: `Malformed`. */
export async function readName(window: ByteWindow, version: number, most: number, what: string): Promise<string> {
  const at = window.offset;
  const length = await readLength(window, version, `length of a ${what}`);
  if (length > Math.min(most, window.left)) throw new Malformed('gguf/string-length', `${what} at ${at} has ${length} bytes, allowed ${Math.min(most, window.left)}`, at);
  await window.load(length, what);
  return Buffer.from(window.take(length)).toString('utf8');
}

export async function readKeyValue(window: ByteWindow, version: number, complain: (code: string, what: string, at: number) => void): Promise<KeyValue> {
  const begin = window.offset;
  const key = await readName(window, version, longestKey, 'key');
  await window.load(4, 'value type');
  const type = window.u32();
  const done = (value: KeyValue['value'], length = 0, text?: Span): KeyValue => ({
    key, at: [begin, window.offset], type, value, length, ...(text === undefined ? {} : { text }),
  });
  if (type === stringType) {
    const length = await stringLength(window, version, key);
    const text: Span = [window.offset, window.offset + length];
    await window.load(Math.min(length, shownText), 'string');
    const shown = Buffer.from(window.take(Math.min(length, shownText))).toString('utf8');
    window.skip(length - Math.min(length, shownText), 'string');
    return done(shown, length, text);
  }
  if (type === arrayType) {
    const texts: string[] = [];
    const length = await skipArray(window, version, key, 1, texts);
    return done(texts, length);
  }
  const size = scalarSizes.get(type);
  if (size === undefined) throw new Malformed('gguf/value-type', `key ${clip(key, 80)} has the value type ${type}, allowed 0..12`, begin);
  await window.load(size, 'value');
  return done(scalar(window, type, size, (what) => complain('bool', `key ${clip(key, 80)} ${what}`, begin)));
}

function scalar(window: ByteWindow, type: number, size: number, complain: (what: string) => void): number | bigint | boolean {
  const little = window.littleEndian;
  const view = window.view(size);
  switch (type) {
    case 0: return view.getUint8(0);
    case 1: return view.getInt8(0);
    case 2: return view.getUint16(0, little);
    case 3: return view.getInt16(0, little);
    case 4: return view.getUint32(0, little);
    case 5: return view.getInt32(0, little);
    case 6: return view.getFloat32(0, little);
    case boolType:
      if (view.getUint8(0) > 1) complain(`holds the truth value ${view.getUint8(0)}, allowed 0 and 1`);
      return view.getUint8(0) !== 0;
    case 10: return view.getBigUint64(0, little);
    case 11: return view.getBigInt64(0, little);
    default: return view.getFloat64(0, little);
  }
}

async function stringLength(window: ByteWindow, version: number, key: string): Promise<number> {
  const at = window.offset;
  const length = await readLength(window, version, 'string length');
  if (length > window.left) throw new Malformed('gguf/string-length', `string of key ${clip(key, 80)} has ${length} bytes at ${at}, but ${window.left} are left`, at);
  return length;
}

/** Passes over an array; keeps the first texts of one that holds strings. Returns the number of elements. */
async function skipArray(window: ByteWindow, version: number, key: string, depth: number, texts: string[]): Promise<number> {
  const at = window.offset;
  if (depth > deepestArray) throw new Malformed('gguf/array-depth', `key ${clip(key, 80)} nests arrays more than ${deepestArray} deep`, at);
  await window.load(4, 'array type');
  const type = window.u32();
  const length = await readLength(window, version, 'array length');
  const lengthSize = version === 1 ? 4 : 8;
  const least = scalarSizes.get(type) ?? (type === arrayType ? 4 + lengthSize : lengthSize);
  if (type > 12) throw new Malformed('gguf/value-type', `array of key ${clip(key, 80)} has the value type ${type}, allowed 0..12`, at);
  if (length * least > window.left) throw new Malformed('gguf/array-length', `array of key ${clip(key, 80)} has ${length} elements at ${at}, but ${window.left} bytes are left`, at);
  if (type === stringType) await skipStrings(window, version, key, length, texts);
  else if (type === arrayType) for (let i = 0; i < length; i += 1) await skipArray(window, version, key, depth + 1, []);
  else window.skip(length * least, 'array');
  return length;
}

/** Vocabularies hold 200,000 strings: an await for each would cost more than the reading. */
async function skipStrings(window: ByteWindow, version: number, key: string, count: number, texts: string[]): Promise<void> {
  const lengthSize = version === 1 ? 4 : 8;
  for (let i = 0; i < count; i += 1) {
    if (i % 65_536 === 0) window.source.budget.tick();
    if (!window.has(lengthSize)) await window.load(lengthSize, 'string length');
    const at = window.offset;
    const length = version === 1 ? window.u32() : window.length64();
    if (length > window.left) throw new Malformed('gguf/string-length', `string ${i} of key ${clip(key, 80)} has ${length} bytes at ${at}, but ${window.left} are left`, at);
    if (texts.length < textsKept && length <= shownText) {
      await window.load(length, 'string');
      texts.push(Buffer.from(window.take(length)).toString('utf8'));
    } else {
      window.offset += length;
    }
  }
}
