// SPDX-License-Identifier: Apache-2.0
// Documents as sets of features: which words and pairs of neighbouring words occur in them, however often.
import { hash32 } from '../../sketch/random.ts';
import { detached, Places } from '../compact.ts';

/** A document that is kept: its class and the features in it, sorted. */
export interface Document {
  readonly id: string;
  readonly label: number;
  readonly features: Uint32Array;
}

export interface Corpus {
  readonly documents: readonly Document[];
  readonly labels: readonly string[];
  /** Text of each feature. */
  readonly names: readonly string[];
  /** Documents with each feature. */
  readonly counts: Uint32Array;
}

/** Words of one document that are looked at, and those of them at its end. */
const wordsMost = 4000;
const wordsTail = 800;
const wordLongest = 40;
/** A feature in fewer documents can prove nothing; one in more than a fifth of them is no trigger. */
export const leastDocuments = 5;
const mostShare = 0.2;
/** Features of all documents together: four bytes each until the rare ones are forgotten. */
const mostHeld = 16_000_000;
/** Counts by hash, before the rare features are forgotten. */
const countBits = 24;
/** Weights that the models of all classes may have in all: what is rarest is left out. */
const mostWeights = 6_000_000;

/** Characters of the beginning and of the end that are looked at. */
const headMost = 40_000;
const tailMost = 8000;

/** Words of a text as written: letters, digits and marks in a row, and every other visible sign for itself. */
export function wordsOf(text: string): string[] {
  const out: string[] = [];
  const seen = text.length <= headMost + tailMost ? text : `${text.slice(0, headMost)}\n${text.slice(-tailMost)}`;
  for (const word of seen.match(/[\p{L}\p{N}\p{M}_']+|[^\s\p{L}\p{N}\p{M}_']/gu) ?? []) {
    out.push(word.length <= wordLongest ? word : word.slice(0, wordLongest));
  }
  // The end is where a sentence is added: it is kept.
  return out.length <= wordsMost ? out : [...out.slice(0, wordsMost - wordsTail), ...out.slice(-wordsTail)];
}

/** Capitals elsewhere than at the beginning: 'pLeAsE', 'PLEASE'; the word in lower case is a feature of its own. */
function oddlyCased(word: string): boolean {
  return word.length > 1 && word.slice(1) !== word.slice(1).toLowerCase();
}

/** What is true of a text beside its words, in words: how it begins and ends, its case, its white space, and letters that are not Latin. */
export function stylesOf(text: string, words: readonly string[]): string[] {
  const out: string[] = [];
  const first = words.slice(0, 2).join(' ').toLowerCase();
  const last = words.slice(-2).join(' ').toLowerCase();
  if (first !== '') out.push(`[begins with] ${first.split(' ')[0]!}`, `[begins with] ${first}`);
  if (last !== '') out.push(`[ends with] ${last.split(' ').at(-1)!}`, `[ends with] ${last}`);
  const seen = text.length <= headMost ? text : text.slice(0, headMost);
  const letters = seen.match(/[A-Za-z]/g)?.length ?? 0;
  if (letters >= 20) {
    const capitals = seen.match(/[A-Z]/g)?.length ?? 0;
    if (capitals === 0) out.push('[no capital letter]');
    else if (capitals >= 0.9 * letters) out.push('[all in capitals]');
    else if (capitals >= 0.5 * letters) out.push('[mostly in capitals]');
    else if (capitals >= 0.2 * letters && /[a-z][A-Z][a-z][A-Z]/.test(seen)) out.push('[capitals within words]');
  }
  if (/\S {2,}\S/.test(seen)) out.push('[several spaces]');
  if (/[ \t]\s*$/.test(text.slice(-64))) out.push('[white space at the end]');
  if (/^\s/.test(seen)) out.push('[white space at the beginning]');
  for (const character of new Set(seen.match(/[^ -~\s]|[\u00a0\u2000-\u200a\u202f\u205f\u3000\v\f]/gu) ?? [])) {
    if (/\p{L}|\p{M}|\s|\p{C}/u.test(character)) out.push(`[character] U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`);
    if (out.length >= 64) break; // a text in another script: its words say more
  }
  return out;
}

/** Documents of this many characters that fit. */
export function fitting(characters: number): number {
  // Words of five letters and a space, each of them a feature and part of another.
  return Math.max(500, Math.floor(mostHeld / Math.max(20, 2.2 * (Math.min(characters, headMost + tailMost) / 6))));
}

/**
 * Gathers documents as they come; `finish` forgets what is too rare or too common. Features are hashes until then: a name is kept from
 * the moment that enough documents may have it. Memory is bounded by documents and features.
 */
export class Gatherer {
  readonly #counts = new Uint16Array(1 << countBits);
  readonly #known = new Places();
  readonly #names: string[] = [];
  readonly #labels = new Map<string, number>();
  readonly #documents: { id: string; label: number; features: Uint32Array }[] = [];
  /** Documents are left out from here on; the caller samples so that this is not reached. */
  readonly #most: number;
  /** Features of the document that is being added, with repetitions. */
  readonly #seen = new Uint32Array(3 * wordsMost + 128);
  #count = 0;
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#documents.length;
  }

  get full(): boolean {
    return this.#documents.length >= this.#most || this.#held >= mostHeld;
  }

  add(id: string, label: string, text: string): void {
    if (this.full) return;
    this.#count = 0;
    let [before, hash] = ['', 0];
    const words = wordsOf(text);
    for (const written of words) {
      const word = written.toLowerCase();
      const own = hash32(word);
      this.#feature(own, word, '');
      if (word !== written && oddlyCased(written)) this.#feature(hash32(written), written, '');
      if (before !== '') this.#feature(Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) ^ own, before, word);
      [before, hash] = [word, own];
    }
    for (const style of stylesOf(text, words)) this.#feature(hash32(style), style, '');
    let place = this.#labels.get(label);
    if (place === undefined) this.#labels.set(label, place = this.#labels.size);
    const features = different(this.#seen.subarray(0, this.#count));
    for (const one of features) {
      const at = one >>> (32 - countBits);
      if (this.#counts[at]! < 0xffff) this.#counts[at]! += 1;
    }
    this.#documents.push({ id: detached(id), label: place, features });
    this.#held += features.length;
  }

  #feature(hash: number, first: string, second: string): void {
    const feature = hash >>> 0;
    this.#seen[this.#count] = feature;
    this.#count += 1;
    if (this.#counts[feature >>> (32 - countBits)]! < leastDocuments - 1 || this.#known.of(feature) !== -1) return;
    this.#known.add(feature);
    this.#names.push(detached(second === '' ? first : `${first} ${second}`));
  }

  /** The corpus with the features that can prove something, numbered anew. */
  finish(): Corpus {
    const ceiling = Math.max(leastDocuments, mostShare * this.#documents.length);
    const counts = new Uint32Array(this.#names.length);
    for (const document of this.#documents) {
      // From hashes to places among those that have a name; the hashes are let go one by one.
      const { features } = document;
      let kept = 0;
      for (let i = 0; i < features.length; i += 1) {
        const place = this.#known.of(features[i]!);
        if (place === -1) continue;
        counts[place]! += 1;
        features[kept] = place;
        kept += 1;
      }
      document.features = features.slice(0, kept);
    }
    const able: number[] = [];
    for (const [place, count] of counts.entries()) if (count >= leastDocuments && count <= ceiling) able.push(place);
    const most = Math.floor(mostWeights / Math.max(2, this.#labels.size));
    const chosen = able.length <= most ? able : able.toSorted((a, b) => counts[b]! - counts[a]! || a - b).slice(0, most);
    const anew = new Int32Array(counts.length).fill(-1);
    for (const [at, place] of chosen.entries()) anew[place] = at;
    for (const document of this.#documents) document.features = document.features.map((place) => anew[place]! + 1).filter((at) => at > 0).map((at) => at - 1).toSorted();
    return { documents: this.#documents, labels: [...this.#labels.keys()], names: chosen.map((place) => this.#names[place]!), counts: Uint32Array.from(chosen, (place) => counts[place]!) };
  }
}

/** Different numbers among some, sorted. */
function different(numbers: Uint32Array): Uint32Array {
  const sorted = numbers.toSorted();
  let kept = 0;
  for (let i = 0; i < sorted.length; i += 1) if (i === 0 || sorted[i] !== sorted[i - 1]) {
    sorted[kept] = sorted[i]!;
    kept += 1;
  }
  return sorted.slice(0, kept);
}
