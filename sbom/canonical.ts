// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Property } from './document.ts';
import { compare } from './text.ts';

export type Pairs = readonly (readonly [name: string, value: string | undefined])[];

/** Properties sorted by name and value, without repetition and without those that have no value. */
export function properties(pairs: Pairs): Property[] {
  const unique = new Map<string, Property>();
  for (const [name, value] of pairs) if (value !== undefined) unique.set(`${name}\n${value}`, { name, value });
  return [...unique.values()].sort((a, b) => compare(a.name, b.name) || compare(a.value, b.value));
}

/** Orders by a key, by UTF-16 code unit. */
export function contentOrder<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => compare(key(a), key(b));
}

/** JSON with sorted keys and no white space (RFC 8785, for documents whose numbers are integers or short decimals). */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  let text = '';
  const object = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(object).sort()) {
    if (object[key] !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(object[key])}`;
  }
  return `{${text}}`;
}

/** UUIDv5 (RFC 9562) in a namespace of our own; the same content has the same serial number on every machine. */
export function serialNumber(content: string): string {
  const namespace = createHash('sha256').update('assay:bom').digest().subarray(0, 16);
  const bytes = createHash('sha1').update(namespace).update(createHash('sha256').update(content).digest('hex')).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `urn:uuid:${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')}`;
}

/** Control, format and bidirectional characters that could disguise a name on a terminal or in an editor. */
const invisible = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** JSON text with two spaces, line feeds and a final newline; invisible characters are escaped. */
export function print(document: unknown): string {
  const json = JSON.stringify(document, undefined, 2);
  return `${json.replaceAll(invisible, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
