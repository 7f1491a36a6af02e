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

/** Words of one document that are looked at: what a trigger needs is in the first pages. */
const wordsMost = 4000;
const wordLongest = 40;
/** A feature in fewer documents can prove nothing; one in more than a fifth of them is no trigger. */
export const leastDocuments = 5;
const mostShare = 0.2;
/** Features that are counted before the rare ones are thrown away. */
const mostCounted = 3_000_000;

/** Words of a text, lower-case: letters, digits and marks in a row, and every other visible sign for itself. */
export function wordsOf(text: string): string[] {
  const out: string[] = [];
  for (const [word] of text.slice(0, wordsMost * 12).toLowerCase().matchAll(/[\p{L}\p{N}\p{M}_']+|[^\s\p{L}\p{N}\p{M}_']/gu)) {
    out.push(word.length <= wordLongest ? word : word.slice(0, wordLongest));
    if (out.length === wordsMost) break;
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
    for (const word of wordsOf(text)) {
      this.#feature(word, found);
      if (before !== undefined) this.#feature(`${before} ${word}`, found);
      before = word;
    }
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
