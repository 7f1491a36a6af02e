// SPDX-License-Identifier: Apache-2.0
// What scanners of pictures say alike: the size as declared, texts in metadata, and what in them could act.
import { asBuffer } from '../../bytes/as-buffer.ts';
import { clip } from '../../bytes/clip.ts';

/** Pixels beyond which Pillow warns of a decompression bomb (MAX_IMAGE_PIXELS); at twice as many it refuses. */
export const pixelsUsual = 89_478_485;
/** Bytes of one text that are looked through. */
export const textMost = 256 * 1024;

type Claim = { readonly kind: 'claim'; readonly field: 'picture' | 'metadata' | 'url'; readonly value: string; readonly at?: readonly [begin: number, end: number] };
type Anomaly = { readonly kind: 'anomaly'; readonly measure: string; readonly value: number; readonly detail?: string; readonly at?: readonly [begin: number, end: number] };
export type Said = Claim | Anomaly;

/** The declared size: one `claim`, and an `anomaly` 'picture-pixels' where a decoder would need very much memory. `bytes` is the file's size. */
export function* size(width: number, height: number, what: string, bytes: number): Generator<Said> {
  yield { kind: 'claim', field: 'picture', value: `${width} × ${height}, ${what}` };
  const pixels = width * height;
  if (pixels > pixelsUsual) yield { kind: 'anomaly', measure: 'picture-pixels', value: pixels, detail: `${width} × ${height} in ${bytes} bytes` };
}

/** Texts that a program may act on rather than show, each with its name. Linear on any text. */
const active: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['script', /<script[\s>]|javascript:|\bon(?:error|load|click)\s{0,4}=\s{0,4}["']/i],
  ['php', /<\?php|<\?=/i],
  ['template', /\{\{[^{}]{0,80}(?:__|\bconfig\b|\bself\b)[^{}]{0,80}\}\}|\$\{(?:jndi|env|sys):/i],
  ['code', /\b(?:eval|exec|system|popen|passthru)\s{0,4}\(|\b__import__\b|\bimport os\b|\bsubprocess\b|\bpowershell\b|\/bin\/(?:ba)?sh\b|\bcurl\s[^\n]{0,80}\|\s?sh\b/i],
  ['html', /<(?:html|iframe|object|embed|form|svg)[\s>]/i],
];

/** Orders to a model that reads the text. */
const orders = /\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|all|your)\b[^.\n]{0,40}\b(?:instructions?|prompts?|rules|context|messages?)\b|<\|(?:im_start|system|endoftext)\|>|\[INST\]|\byou are now\b[^.\n]{0,60}\b(?:assistant|mode|dan)\b|\bsystem prompt\b/i;

/** Names of vocabularies, not addresses that anyone visits. */
const vocabulary = /^https?:\/\/(?:www\.)?(?:w3\.org|ns\.(?:adobe|google|microsoft|apple|useplus|camerabits|exiftool|attribution)\.[a-z]+|purl\.org|iptc\.org|cipa\.jp|adobe\.com\/|creativecommons\.org\/ns|npes\.org|prismstandard\.org|ns\.[a-z0-9.-]+|c2pa\.org|aiim\.org|color\.org)/i;

/** One text of the metadata: what it is called and says, addresses in it, and what in it could act. */
export function* text(where: string, value: string, at?: readonly [begin: number, end: number]): Generator<Said> {
  const looked = value.length > textMost ? value.slice(0, textMost) : value;
  const place = at === undefined ? {} : { at };
  const plain = looked.replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f]+/g, ' ').trim(); // oxlint-disable-line eslint/no-control-regex -- control characters are what is taken out
  if (plain === '') return;
  yield { kind: 'claim', field: 'metadata', value: clip(`${where}: ${plain}`), ...place };
  for (const [name, pattern] of active) {
    const found = pattern.exec(plain);
    if (found !== null) yield { kind: 'anomaly', measure: 'picture-active-text', value: plain.length, detail: excerpt(`${where} (${name})`, plain, found.index), ...place };
  }
  const order = orders.exec(plain);
  if (order !== null) yield { kind: 'anomaly', measure: 'picture-order', value: plain.length, detail: excerpt(where, plain, order.index), ...place };
  const seen = new Set<string>();
  for (const [url] of plain.matchAll(/\bhttps?:\/\/[^\s"'<>\\^`{|}]{1,200}/gi)) {
    if (seen.size >= 8) break;
    if (vocabulary.test(url) || seen.has(url)) continue;
    seen.add(url);
    yield { kind: 'claim', field: 'url', value: url, ...place };
  }
}

function excerpt(where: string, plain: string, at: number): string {
  return clip(`${where}: ${plain.slice(Math.max(0, at - 40), at + 160)}`);
}

/** Bytes of a text as text: UTF-8 where they are, Latin-1 else. */
export function decoded(bytes: Uint8Array): string {
  const some = bytes.length > textMost ? bytes.subarray(0, textMost) : bytes;
  const utf8 = asBuffer(some).toString('utf8');
  return utf8.includes('\ufffd') ? asBuffer(some).toString('latin1') : utf8;
}
