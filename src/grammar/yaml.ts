// SPDX-License-Identifier: Apache-2.0
// The one door of the `yaml` package: documents as plain data, with tags kept, since a tag can name a callable.
import type { ParsedNode } from 'yaml';
import { LimitReached, Malformed } from '../bytes/errors.ts';

/** Plain data; a mapping is a Map, so that no key is special. A tagged value is wrapped. */
export type Yaml = null | boolean | number | string | readonly Yaml[] | ReadonlyMap<string, Yaml> | Tagged;

/** A value with a tag of its own: '!!python/object/apply:os.system', written out as 'tag:yaml.org,2002:python/…'. */
export interface Tagged {
  readonly tag: string;
  readonly value: Yaml;
  /** Offset of the value in the text, in UTF-16 code units. */
  readonly at: number;
}

export interface YamlDocument {
  readonly value: Yaml;
  /** What the parser had against it and read on. */
  readonly complaints: readonly string[];
}

/** Longer texts are not parsed: the parser takes about a second for 4 MiB. */
const longest = 8 << 20;
const deepest = 200;
/** Values made of one text in all, aliases counted each time they are used: a "billion laughs" ends here. */
const most = 1_000_000;

export function isTagged(value: Yaml | undefined): value is Tagged {
  return typeof value === 'object' && value !== null && 'tag' in value;
}

export function isMapping(value: Yaml | undefined): value is ReadonlyMap<string, Yaml> {
  return value instanceof Map;
}

/** All documents of a text. Throws `Malformed` for text that is no YAML, `LimitReached` for what is too long, deep or manifold. */
export async function parseYaml(text: string): Promise<YamlDocument[]> {
  if (text.length > longest) throw new LimitReached('yaml', `a YAML text of ${text.length} characters, allowed ${longest}`);
  guardDepth(text);
  const { isAlias, isMap, isPair, isScalar, isSeq, parseAllDocuments } = await import('yaml'); // 20 ms that most files need not wait for
  const contentOf = (node: ParsedNode, depth: number, anchors: ReadonlyMap<string, ParsedNode>): Yaml => {
    // !!pairs and !!omap are sequences of pairs.
    if (isSeq(node)) return node.items.map((item) => (isPair(item) ? [convert(item.key as ParsedNode, depth + 1, anchors), convert(item.value as ParsedNode, depth + 1, anchors)] : convert(item, depth + 1, anchors)));
    if (isMap(node)) {
      const map = new Map<string, Yaml>();
      for (const [index, pair] of node.items.entries()) {
        const key: unknown = isScalar(pair.key) ? pair.key.value : undefined;
        map.set(typeof key === 'string' ? key : String(key), convert(pair.value, depth + 1, anchors));
        // A key can be anything, a tagged call too: loaders construct it before they look whether it can be a key.
        if (!isScalar(pair.key) || pair.key.tag !== undefined) map.set(`? ${index}`, convert(pair.key, depth + 1, anchors));
      }
      return map;
    }
    return isScalar(node) ? plain((node as { value: unknown }).value) : null;
  };
  const collectAnchors = (node: ParsedNode | null, anchors: Map<string, ParsedNode>, depth: number): void => {
    if (node === null || depth > deepest || isAlias(node)) return;
    const { anchor } = node;
    if (anchor !== undefined) anchors.set(anchor, node);
    const pairs = isMap(node) ? node.items : isSeq(node) ? node.items.filter((item) => isPair(item)) : [];
    for (const { key, value } of pairs as readonly { key: ParsedNode | null; value: ParsedNode | null }[]) {
      collectAnchors(key, anchors, depth + 1);
      collectAnchors(value, anchors, depth + 1);
    }
    if (isSeq(node)) for (const item of node.items) if (!isPair(item)) collectAnchors(item, anchors, depth + 1);
  };
  const parsed = parseAllDocuments(text, { logLevel: 'silent', strict: false, uniqueKeys: true, keepSourceTokens: false, version: '1.1' });
  const documents = Array.isArray(parsed) ? parsed : [];
  let made = 0;
  const convert = (node: ParsedNode | null | undefined, depth: number, anchors: ReadonlyMap<string, ParsedNode>): Yaml => {
    made += 1;
    if (made > most) throw new LimitReached('yaml', `more than ${most} values, aliases counted where they are used`);
    if (depth > deepest) throw new LimitReached('yaml', `values nested more than ${deepest} levels deep`);
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return convert(anchors.get(node.source), depth + 1, anchors);
    const value = contentOf(node, depth, anchors);
    const { tag } = node;
    return tag === undefined || ordinary.has(tag) ? value : { tag, value, at: node.range[0] };
  };
  return documents.map((document): YamlDocument => {
    const [error] = document.errors;
    if (error !== undefined && document.contents === null) throw new Malformed('yaml/syntax', `YAML breaks at character ${error.pos[0]}: ${error.code}`, error.pos[0]);
    const anchors = new Map<string, ParsedNode>();
    collectAnchors(document.contents, anchors, 0);
    const complaints = document.errors.slice(0, 20).map(({ code, pos }) => `${code} at character ${pos[0]}`);
    return { value: convert(document.contents, 0, anchors), complaints };
  });
}

const ordinary = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq', 'timestamp', 'binary', 'merge'].map((name) => `tag:yaml.org,2002:${name}`).concat('!'));

/** What a scalar is as plain data. */
function plain(value: unknown): Yaml {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  return typeof value === 'bigint' ? String(value) : null;
}

/** The parser recurses: brackets and indentation beyond any use are refused before it sees them. */
function guardDepth(text: string): void {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth = Math.max(0, depth - 1);
    if (depth > deepest * 4) throw new LimitReached('yaml', `brackets nested more than ${deepest * 4} levels deep`);
  }
  const dashes = /^(?:[ \t]*[-?:] ?){200}/m.exec(text);
  if (dashes !== null) throw new LimitReached('yaml', 'sequences nested more than 200 levels deep in one line');
}
