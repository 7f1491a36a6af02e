// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import type { FactOf } from '../../src/model/fact.ts';
import type { Node } from './tree.ts';

type NodeFact = FactOf<'node'>;

/** Of one text; a template of prose has many sentences, and rules need those that instruct. */
const most = 200;
const hidden = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/**
 * What a template writes by itself: `sentence`s of four words and more, `url`s, `comment`s of HTML, text that is `encoded`
 * (base64 or hexadecimal; `name` is what it says), and characters that nobody sees (`hidden-text`; `name` is their code points).
 */
export function* writes(node: Node): Generator<NodeFact> {
  const text = node.type === 'StringLiteral' ? node['value'] : undefined;
  if (typeof text !== 'string' || text.length < 3) return;
  for (const [url] of take(text.matchAll(/\bhttps?:\/\/[^\s"'<>{}|\\^`]{1,2000}/gi))) yield { kind: 'node', operator: 'url', name: clip(url) };
  for (const [, comment] of take(text.matchAll(/<!--([^]{0,4000}?)-->/g))) if (comment!.trim() !== '') yield { kind: 'node', operator: 'comment', name: clip(comment!.trim()) };
  for (const [run] of take(text.matchAll(/[A-Za-z0-9+/_-]{20,}={0,2}/g))) {
    const says = decoded(run);
    if (says !== undefined) yield { kind: 'node', operator: 'encoded', name: clip(says) };
  }
  const unseen = new Set([...take(text.matchAll(hidden))].map(([character]) => `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`));
  if (unseen.size > 0) yield { kind: 'node', operator: 'hidden-text', name: clip([...unseen].toSorted().join(' ')) };
  for (const sentence of text.split(/[.!?]\s|\n/).slice(0, most)) {
    const words = sentence.replaceAll(/\s+/g, ' ').trim();
    if ((words.slice(0, 2000).match(/\p{L}{2,}/gu)?.length ?? 0) >= 4) yield { kind: 'node', operator: 'sentence', name: clip(words) };
  }
}

function* take<T>(all: Iterable<T>): Generator<T> {
  let count = 0;
  for (const one of all) {
    if ((count += 1) > most) return;
    yield one;
  }
}

/** What a run of letters and digits says when it is decoded; undefined when that is no text of words. */
function decoded(run: string): string | undefined {
  for (const form of [/^(?:[0-9a-fA-F]{2}){10,}$/.test(run) ? 'hex' : undefined, 'base64'] as const) {
    if (form === undefined) continue;
    const text = Buffer.from(run.slice(0, 4096), form).toString('utf8');
    const printable = text.match(/[\p{L}\p{N}\p{P}\p{S}\s]/gu)?.length ?? 0;
    if (text.length >= 12 && !text.includes('\ufffd') && printable >= text.length * 0.97 && / /.test(text) && /\p{L}{3,}/u.test(text)) return text;
  }
  return undefined;
}
