// SPDX-License-Identifier: Apache-2.0
// XML (https://www.w3.org/TR/xml/) as far as descriptions of models need it: elements and attributes. Entities of documents are
// never expanded, and no DTD is read: a document type is told as a token, for whoever judges it.
import { asBuffer } from '../bytes/as-buffer.ts';
import { Malformed } from '../bytes/errors.ts';

export type XmlToken =
  | { readonly type: 'open'; readonly name: string; readonly attributes: ReadonlyMap<string, string>; readonly closed: boolean; readonly at: number; readonly end: number }
  | { readonly type: 'close'; readonly name: string; readonly at: number; readonly end: number }
  | { readonly type: 'text'; readonly text: string; readonly at: number; readonly end: number }
  | { readonly type: 'doctype'; readonly text: string; readonly at: number; readonly end: number }
  | { readonly type: 'instruction'; readonly text: string; readonly at: number; readonly end: number };

const longestText = 4096;
const mostAttributes = 256;
const [lt, gt, slash, bang, question, quote, apostrophe, equals] = [0x3c, 0x3e, 0x2f, 0x21, 0x3f, 0x22, 0x27, 0x3d];

/** Tokens of a document in UTF-8 that is in memory. Linear: no byte is looked at more than a few times. Throws `Malformed` where a token has no end. */
export function* xmlTokens(bytes: Uint8Array, format: string): Generator<XmlToken> {
  const buffer = asBuffer(bytes);
  const wrong = (code: string, what: string, at: number): Malformed => new Malformed(`${format}/xml-${code}`, what, at);
  const until = (mark: string, from: number, what: string, at: number): number => {
    const found = buffer.indexOf(mark, from, 'latin1');
    if (found < 0) throw wrong('truncated', `${what} at ${at} has no end`, at);
    return found;
  };
  const text = (begin: number, end: number): string => buffer.toString('utf8', begin, Math.min(end, begin + longestText));
  let at = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0;
  while (at < buffer.length) {
    if (buffer[at] !== lt) {
      const next = buffer.indexOf(lt, at);
      const end = next < 0 ? buffer.length : next;
      const run = text(at, end);
      if (run.trim() !== '') yield { type: 'text', text: unescaped(run.trim()), at, end };
      at = end;
    } else if (buffer[at + 1] === question) {
      const end = until('?>', at, 'instruction', at) + 2;
      yield { type: 'instruction', text: text(at, end), at, end };
      at = end;
    } else if (buffer[at + 1] === bang) {
      if (buffer.toString('latin1', at, at + 4) === '<!--') at = until('-->', at + 4, 'comment', at) + 3;
      else if (buffer.toString('latin1', at, at + 9) === '<![CDATA[') {
        const end = until(']]>', at, 'text', at);
        yield { type: 'text', text: text(at + 9, end), at, end: end + 3 };
        at = end + 3;
      } else {
        const end = declarationEnd(buffer, at);
        if (end === undefined) throw wrong('truncated', `declaration at ${at} has no end`, at);
        yield { type: 'doctype', text: text(at, end), at, end };
        at = end;
      }
    } else if (buffer[at + 1] === slash) {
      const end = until('>', at, 'tag', at);
      yield { type: 'close', name: text(at + 2, end).trim(), at, end: end + 1 };
      at = end + 1;
    } else {
      const token = opening(buffer, at);
      if (typeof token === 'string') throw wrong('tag', `tag at ${at} ${token}`, at);
      yield token;
      at = token.end;
    }
  }
}

/** A declaration ends at its '>', outside brackets and quotes. */
function declarationEnd(buffer: Buffer, at: number): number | undefined {
  let depth = 0;
  let open = 0;
  for (let i = at; i < buffer.length; i += 1) {
    const byte = buffer[i]!; // inside
    if (open !== 0) {
      if (byte === open) open = 0;
    } else if (byte === quote || byte === apostrophe) open = byte;
    else if (byte === 0x5b) depth += 1;
    else if (byte === 0x5d) depth -= 1;
    else if (byte === gt && depth <= 0) return i + 1;
  }
  return undefined;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function opening(buffer: Buffer, at: number): Extract<XmlToken, { type: 'open' }> | string {
  let i = at + 1;
  const word = (): string => {
    const begin = i;
    while (i < buffer.length && !isSpace(buffer[i]) && buffer[i] !== equals && buffer[i] !== gt && buffer[i] !== slash && buffer[i] !== lt) i += 1;
    return buffer.toString('utf8', begin, Math.min(i, begin + 256));
  };
  const name = word();
  if (name === '') return 'has no name';
  const attributes = new Map<string, string>();
  for (;;) {
    while (isSpace(buffer[i])) i += 1;
    if (buffer[i] === gt) return { type: 'open', name, attributes, closed: false, at, end: i + 1 };
    if (buffer[i] === slash && buffer[i + 1] === gt) return { type: 'open', name, attributes, closed: true, at, end: i + 2 };
    const key = word();
    if (key === '') return i >= buffer.length ? 'has no end' : `has the byte 0x${buffer[i]!.toString(16)} where an attribute must be`;
    while (isSpace(buffer[i])) i += 1;
    if (buffer[i] !== equals) return `has no value for ${key.slice(0, 40)}`;
    i += 1;
    while (isSpace(buffer[i])) i += 1;
    const mark = buffer[i];
    if (mark !== quote && mark !== apostrophe) return `has no quotes around ${key.slice(0, 40)}`;
    const end = buffer.indexOf(mark, i + 1);
    if (end < 0) return 'has no end';
    // The first one counts; readers refuse a second one.
    if (attributes.size < mostAttributes && !attributes.has(key)) attributes.set(key, unescaped(buffer.toString('utf8', i + 1, Math.min(end, i + 1 + longestText))));
    i = end + 1;
  }
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: '\'' };

/** The five names that XML itself has, and numbers; others stay as they are. */
function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|lt|gt|amp|quot|apos);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return named[name.toLowerCase()] ?? whole;
    const code = name[1] === 'x' || name[1] === 'X' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code).toWellFormed() : whole;
  });
}
