// SPDX-License-Identifier: Apache-2.0
import { isUtf8 } from 'node:buffer';
import { printable } from './names.ts';

/** What part of a signature does not hold. */
export type FaultKind = 'bundle' | 'material' | 'key' | 'certificate' | 'signature' | 'statement' | 'attestation' | 'unsupported' | 'log' | 'timestamp' | 'identity';

/** A signature file that cannot be accepted as it is. Its message is one sentence: thing, found, relation, allowed. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly kind: FaultKind;
  constructor(kind: FaultKind, what: string) {
    super(what);
    this.kind = kind;
  }
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** One value in a document, with where it stands, so that every complaint can name its place. */
export interface Reader {
  readonly kind: FaultKind;
  readonly where: string;
}

/** Parses bytes from outside as JSON. */
export function parseJson(bytes: Buffer, at: Reader): Json {
  if (!isUtf8(bytes)) throw new Fault(at.kind, `${at.where} is not UTF-8 text`);
  let value: Json;
  try {
    value = JSON.parse(bytes.toString('utf8')) as Json;
  } catch (error) {
    // RangeError: nested beyond what the parser stands.
    if (error instanceof SyntaxError || error instanceof RangeError) throw new Fault(at.kind, `${at.where} is not JSON`);
    throw error;
  }
  const twice = keyThatStandsTwice(bytes);
  if (twice !== undefined) throw new Fault(at.kind, `${at.where} has the key ${printable(twice)} twice in one object: readers take the first or the last`);
  return value;
}

/** Bytes of JSON that matter here. */
const mark = { quote: 0x22, comma: 0x2c, list: 0x5b, escape: 0x5c, listEnd: 0x5d, object: 0x7b, objectEnd: 0x7d } as const;

/** A key that stands twice in an object of some JSON, which parsers pass over in silence. The text has been parsed: its syntax holds. */
function keyThatStandsTwice(text: Buffer): string | undefined {
  const open: (Set<string> | undefined)[] = []; // keys of each object around; undefined for a list
  let mayBeKey = false; // a string is a key at the beginning of an object and after its commas
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte === mark.quote) {
      const begin = at + 1;
      let escaped = false;
      for (at = begin; text[at] !== mark.quote; at++) {
        if (text[at] !== mark.escape) continue;
        escaped = true;
        at++; // what follows is part of the escape, a quote too
      }
      const keys = open.at(-1);
      if (!mayBeKey || keys === undefined) continue;
      mayBeKey = false;
      const key = escaped ? (JSON.parse(text.toString('utf8', begin - 1, at + 1)) as string) : text.toString('utf8', begin, at);
      if (keys.has(key)) return key;
      keys.add(key);
    } else if (byte === mark.object) {
      open.push(new Set());
      mayBeKey = true;
    } else if (byte === mark.list) open.push(undefined);
    else if (byte === mark.objectEnd || byte === mark.listEnd) {
      open.pop();
      mayBeKey = false;
    } else if (byte === mark.comma) mayBeKey = true;
  }
  return undefined;
}

/** The value as an object that has all of `required` and nothing beyond `required` and `optional` ('*' allows anything). */
export function object(value: Json | undefined, at: Reader, required: readonly string[], optional: readonly string[] = []): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Fault(at.kind, `${at.where} is not an object`);
  const found = value as JsonObject;
  for (const key of required) if (!Object.hasOwn(found, key)) throw new Fault(at.kind, `${at.where} has no ${key}`);
  if (optional.includes('*')) return found;
  const unknown = Object.keys(found).find((key) => !required.includes(key) && !optional.includes(key));
  if (unknown !== undefined) throw new Fault(at.kind, `${at.where} has the unknown field ${printable(unknown)}`);
  return found;
}

export function array(value: Json | undefined, at: Reader): readonly Json[] {
  if (!Array.isArray(value)) throw new Fault(at.kind, `${at.where} is not a list`);
  return value as readonly Json[];
}

export function string(value: Json | undefined, at: Reader): string {
  if (typeof value !== 'string') throw new Fault(at.kind, `${at.where} is not text`);
  return value;
}

/** Bytes from canonical standard base64: what decodes to the same bytes in two ways is refused. */
export function base64(value: Json | undefined, at: Reader): Buffer {
  const text = string(value, at);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0) throw new Fault(at.kind, `${at.where} is empty`);
  if (bytes.toString('base64') !== text) throw new Fault(at.kind, `${at.where} is not canonical base64`);
  return bytes;
}
