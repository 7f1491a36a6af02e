// SPDX-License-Identifier: Apache-2.0
// Anyone's BOM, from bytes to a parsed document, within limits that are said when they are reached.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { isUtf8 } from 'node:buffer';
import { Malformed } from '../../src/bytes/errors.ts';
import { parseJson } from '../../src/grammar/json.ts';
import type { SchemaName } from '../schema/index.ts';
import { isObject, type Json, type Level, type Problem } from './lint.ts';
import { placeAt, type Position } from './locate.ts';

export interface ReadLimits {
  /** Bytes of a document; a BOM of 10,000 files has some 20 MB. */
  readonly size: number;
  /** Commas and opening brackets: a little more than the values of a document. */
  readonly values: number;
  /** Lists and objects inside one another; four levels are two nested components. */
  readonly depth: number;
}

export const readLimits: ReadLimits = { size: 128 * 2 ** 20, values: 8_000_000, depth: 200 };

/** What a file turned out to be. */
export type Read =
  | { readonly kind: 'cyclonedx' | 'spdx'; readonly version: string; readonly schema: SchemaName; readonly document: Json; readonly bytes: Uint8Array; readonly problems: readonly Problem[] }
  /** A BOM by its own word, of a format or version that is not checked here. */
  | { readonly kind: 'unchecked'; readonly what: string }
  /** No BOM, or none that can be read. `limit`: it may well be one, but is beyond what is read. */
  | { readonly kind: 'unreadable'; readonly what: string; readonly at?: Position; readonly limit: boolean };

/** Reads a file without following anything it names. Throws errors of the file system. */
export function readBomFile(path: string, limits: ReadLimits = readLimits): Read {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // opening a pipe would wait for its writer
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return { kind: 'unreadable', what: 'this is no regular file', limit: false };
    if (stat.size > limits.size) return { kind: 'unreadable', what: `the file has ${stat.size} bytes, allowed are ${limits.size}`, limit: true };
    const bytes = Buffer.allocUnsafe(stat.size);
    let filled = 0;
    for (let got = -1; got !== 0 && filled < stat.size; filled += got) got = readSync(file, bytes, filled, stat.size - filled, filled);
    return readBom(bytes.subarray(0, filled), limits);
  } finally {
    closeSync(file);
  }
}

/** Reads the bytes of a document. */
export function readBom(bytes: Uint8Array, limits: ReadLimits = readLimits): Read {
  const wrong = (what: string, at?: number, limit = false): Read => ({ kind: 'unreadable', what, ...(at === undefined ? {} : { at: placeAt(bytes, at) }), limit });
  const foreign = foreignForm(bytes);
  if (foreign !== undefined) return foreign;
  if (!isUtf8(bytes)) {
    const at = firstNotUtf8(bytes);
    return wrong(`byte 0x${bytes[at]!.toString(16).padStart(2, '0')} is not UTF-8, which JSON must be in`, at);
  }
  const beyond = beyondLimits(bytes, limits);
  if (beyond !== undefined) return wrong(beyond.what, beyond.at, true);
  let parsed;
  try {
    parsed = parseJson(bytes, { format: 'bom', depth: limits.depth });
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return wrong(error.message, error.at);
  }
  if (!isObject(parsed.value)) return wrong('the JSON text is no object, so no BOM', 0);
  const known = recognise(parsed.value);
  if (known === undefined) return wrong('the document is neither CycloneDX ("bomFormat") nor SPDX ("@context" or "spdxVersion")', 0);
  if (known.kind === 'unchecked') return known;
  const problems: Problem[] = parsed.duplicates.map(({ pointer, key }) => problem('duplicate-key', 'error', pointer, `the key ${JSON.stringify(key.slice(0, 200))} stands twice in its object: readers take the first or the last`));
  for (const { what, at } of parsed.nonStandard) {
    const { line, column } = placeAt(bytes, at);
    problems.push(problem('not-json', what === 'byte-order-mark' || what === 'lone-surrogate' ? 'warning' : 'error', '', `${what} at line ${line}, column ${column} is not JSON (RFC 8259)`));
  }
  return { ...known, document: parsed.value, bytes, problems };
}

function problem(code: string, level: Level, pointer: string, message: string): Problem {
  return { code, level, pointer, message };
}

type Recognised = { readonly kind: 'cyclonedx' | 'spdx'; readonly version: string; readonly schema: SchemaName } | { readonly kind: 'unchecked'; readonly what: string };

function recognise(document: Json): Recognised | undefined {
  const { bomFormat, specFormat, specVersion, $schema } = document;
  const cyclone = bomFormat === 'CycloneDX' || specFormat === 'CycloneDX' || (typeof $schema === 'string' && /cyclonedx\.org\/schema\/bom-/.test($schema)) || (bomFormat !== undefined && specVersion !== undefined);
  if (cyclone) {
    const version = typeof specVersion === 'string' ? specVersion : /bom-(\d+\.\d+)/.exec(typeof $schema === 'string' ? $schema : '')?.[1] ?? '';
    if (/^1\.[2-7]$/.test(version)) return { kind: 'cyclonedx', version, schema: `cyclonedx-${version}` as SchemaName };
    return { kind: 'unchecked', what: `CycloneDX ${version === '' ? 'without a specVersion' : JSON.stringify(version.slice(0, 40))} is not checked here; 1.2 to 1.7 are` };
  }
  const context = [document['@context']].flat().find((one) => typeof one === 'string' && /spdx\.org\/rdf\/3/.test(one));
  if (typeof context === 'string') {
    const version = /rdf\/(3\.[\d.]*\d)/.exec(context)?.[1] ?? '3';
    if (version === '3.0.1') return { kind: 'spdx', version, schema: 'spdx-3.0.1' };
    return { kind: 'unchecked', what: `SPDX ${version} is not checked here; 3.0.1 is` };
  }
  const { spdxVersion } = document;
  if (typeof spdxVersion === 'string' && spdxVersion.startsWith('SPDX-')) return { kind: 'unchecked', what: `SPDX ${spdxVersion.slice(5, 20)} is not checked here; 3.0.1 is` };
  return undefined;
}

/** Forms of BOMs that are no JSON, by their first bytes. */
function foreignForm(bytes: Uint8Array): Read | undefined {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { kind: 'unreadable', what: 'the file is UTF-16; JSON must be in UTF-8', at: { line: 1, column: 1 }, limit: false };
  }
  const head = Buffer.from(bytes.subarray(0, 512)).toString('latin1').replace(/^(\xef\xbb\xbf)?\s+/, '');
  if (head.startsWith('<')) return { kind: 'unchecked', what: /cyclonedx/i.test(head) ? 'CycloneDX in XML is not checked here; in JSON it is' : 'XML is not checked here; JSON is' };
  if (/^SPDXVersion:/m.test(head)) return { kind: 'unchecked', what: 'SPDX in tag-value form is not checked here; SPDX 3.0.1 in JSON-LD is' };
  return undefined;
}

function firstNotUtf8(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length];
  // A cut inside a character fails too, so the search is over blocks that begin where a character may.
  while (bad - good > 64) {
    let middle = (good + bad) >> 1;
    while (middle > good && (bytes[middle]! & 0xc0) === 0x80 && middle > ((good + bad) >> 1) - 4) middle -= 1;
    if (isUtf8(bytes.subarray(good, middle))) good = middle;
    else bad = middle;
    if (middle === good && bad - good <= 68) break;
  }
  for (let at = good; at < bad; at += 1) {
    const length = [1, 2, 3, 4].find((one) => isUtf8(bytes.subarray(at, at + one)));
    if (length === undefined) return at;
    at += length - 1;
  }
  return good;
}

/** The first limit that the text is beyond, found before anything is made of it. */
function beyondLimits(bytes: Uint8Array, limits: ReadLimits): { what: string; at: number } | undefined {
  let [count, depth, inside] = [1, 0, false];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (inside) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) inside = false;
    } else if (byte === 0x22) {
      inside = true;
    } else if (byte === 0x2c) {
      count += 1;
      if (count > limits.values) return { what: `more than the allowed ${limits.values} commas and opening brackets`, at };
    } else if (byte === 0x7b || byte === 0x5b) {
      count += 1;
      depth += 1;
      if (depth > limits.depth) return { what: `lists and objects nested deeper than the allowed ${limits.depth} levels`, at };
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
    }
  }
  return undefined;
}
