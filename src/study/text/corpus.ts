// SPDX-License-Identifier: Apache-2.0
// Documents as sets of features: which words and pairs of neighbouring words occur in them, however often.

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
/** Features that are counted before the rare ones are thrown away. */
const mostCounted = 3_000_000;

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

/** Gathers documents as they come; `finish` forgets what is too rare or too common. Memory is bounded by documents and features. */
export class Gatherer {
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #counts: number[] = [];
  readonly #labels = new Map<string, number>();
  readonly #documents: { id: string; label: number; features: Uint32Array }[] = [];
  /** Documents are left out from here on; the caller samples so that this is not reached. */
  readonly #most: number;
  #full = false;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#documents.length;
  }

  add(id: string, label: string, text: string): void {
    if (this.#documents.length >= this.#most) return;
    const found = new Set<number>();
    let before: string | undefined;
    const words = wordsOf(text);
    for (const written of words) {
      const word = written.toLowerCase();
      this.#feature(word, found);
      if (word !== written && oddlyCased(written)) this.#feature(written, found);
      if (before !== undefined) this.#feature(`${before} ${word}`, found);
      before = word;
    }
    for (const style of stylesOf(text, words)) this.#feature(style, found);
    let place = this.#labels.get(label);
    if (place === undefined) this.#labels.set(label, place = this.#labels.size);
    this.#documents.push({ id, label: place, features: Uint32Array.from(found).toSorted() });
  }

  #feature(name: string, found: Set<number>): void {
    let id = this.#ids.get(name);
    if (id === undefined) {
      if (this.#full) return;
      id = this.#names.length;
      this.#ids.set(name, id);
      this.#names.push(name);
      this.#counts.push(0);
      this.#full = this.#names.length >= mostCounted;
    }
    if (found.has(id)) return;
    found.add(id);
    this.#counts[id]! += 1;
  }

  /** The corpus with the features that can prove something, numbered anew. */
  finish(): Corpus {
    const ceiling = Math.max(leastDocuments, mostShare * this.#documents.length);
    const places = new Int32Array(this.#names.length).fill(-1);
    const names: string[] = [];
    const counts: number[] = [];
    this.#counts.forEach((count, id) => {
      if (count < leastDocuments || count > ceiling) return;
      places[id] = names.length;
      names.push(this.#names[id]!);
      counts.push(count);
    });
    const documents = this.#documents.map(({ id, label, features }) => ({ id, label, features: Uint32Array.from([...features].map((one) => places[one]!).filter((one) => one >= 0)) }));
    return { documents, labels: [...this.#labels.keys()], names, counts: Uint32Array.from(counts) };
  }
}
