// SPDX-License-Identifier: Apache-2.0
// Naive Bayes over the presence of features, leaving out the document that is judged: what the content says its class is.
import type { Corpus, Document } from './corpus.ts';

/** No single feature may decide: its log ratio counts for no more than this. */
const clip = 3;
const smoothing = 0.5;

export class Bayes {
  readonly #classes: number;
  /** Documents with the feature in each class: features × classes. */
  readonly #with: Float32Array;
  readonly #documents: Float64Array;
  readonly #total: number;

  constructor(corpus: Corpus) {
    const classes = corpus.labels.length;
    this.#classes = classes;
    this.#with = new Float32Array(corpus.names.length * classes);
    this.#documents = new Float64Array(classes);
    this.#total = corpus.documents.length;
    for (const { label, features } of corpus.documents) {
      this.#documents[label]! += 1;
      for (const feature of features) this.#with[feature * classes + label]! += 1;
    }
  }

  /** Log score of each class for a document that is part of the corpus, as if it were not. */
  scores(document: Document): Float64Array {
    const out = new Float64Array(this.#classes);
    for (let k = 0; k < this.#classes; k += 1) out[k] = this.prior(k, document.label);
    for (const feature of document.features) this.add(out, feature, document.label, 1);
    return out;
  }

  /** Log prior of a class without one document of class `own`. */
  prior(k: number, own: number): number {
    return Math.log((this.#documents[k]! - (k === own ? 1 : 0) + smoothing) / (this.#total - 1 + smoothing * this.#classes));
  }

  /** Adds (sign 1) or takes off (-1) what a feature says of each class, without one document of class `own` that has it. */
  add(scores: Float64Array, feature: number, own: number, sign: 1 | -1): void {
    const at = feature * this.#classes;
    let all = -1;
    for (let k = 0; k < this.#classes; k += 1) all += this.#with[at + k]!;
    const base = Math.log((all + smoothing) / (this.#total - 1 + 2 * smoothing));
    for (let k = 0; k < this.#classes; k += 1) {
      const mine = k === own ? 1 : 0;
      const ratio = Math.log((this.#with[at + k]! - mine + smoothing) / (this.#documents[k]! - mine + 2 * smoothing)) - base;
      scores[k]! += sign * Math.max(-clip, Math.min(clip, ratio));
    }
  }
}

/** The class with the largest score; the first of equals. */
export function best(scores: Float64Array): number {
  let found = 0;
  for (let k = 1; k < scores.length; k += 1) if (scores[k]! > scores[found]!) found = k;
  return found;
}
