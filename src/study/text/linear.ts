// SPDX-License-Identifier: Apache-2.0
// Logistic regression over the presence of features, one class against the rest, fitted on parts of the corpus: each document is judged
// by a model that has not seen it. The weights are kept, so that features can be taken out of a judgement afterwards.
import type { Corpus } from './corpus.ts';
import type { Random } from '../../sketch/random.ts';

const folds = 4;
const epochs = 6;
const rate = 0.25;
const decay = 2e-5;
/** Errors below teach little, and most documents are soon below. */
const settled = 0.03;

export interface Linear {
  /** Score of each class for a document, by the model that has not seen it. */
  scores(index: number): Float64Array;
  /** What a feature adds to the score of each class in the judgement of that document. */
  weightOf(index: number, feature: number, k: number): number;
}

/** Fits the models; in time linear in features × classes. */
export function fit(corpus: Corpus, random: Random, tick: () => void): Linear {
  const { documents, labels, names } = corpus;
  const classes = labels.length;
  const fold = Uint8Array.from(documents, () => random.below(folds));
  const norm = Float64Array.from(documents, ({ features }) => 1 / Math.sqrt(Math.max(1, features.length)));
  const models: Float32Array[] = [];
  for (let out = 0; out < folds; out += 1) {
    const order = documents.map((_, index) => index).filter((index) => fold[index] !== out);
    models.push(trained(corpus, order, norm, random, tick));
  }
  return {
    scores: (index) => {
      const model = models[fold[index]!]!;
      const scores = new Float64Array(classes);
      for (const feature of documents[index]!.features) for (let k = 0; k < classes; k += 1) scores[k]! += model[feature * classes + k]!;
      for (let k = 0; k < classes; k += 1) scores[k] = model[names.length * classes + k]! + norm[index]! * scores[k]!;
      return scores;
    },
    weightOf: (index, feature, k) => norm[index]! * models[fold[index]!]![feature * classes + k]!,
  };
}

/** AdaGrad over shuffled documents. Weights of one feature lie together, the bias behind all features. */
function trained({ documents, labels, names }: Corpus, order: number[], norm: Float64Array, random: Random, tick: () => void): Float32Array {
  const classes = labels.length;
  const bias = names.length * classes;
  const weights = new Float32Array(bias + classes);
  const squares = new Float32Array(bias + classes).fill(1e-6);
  const sums = new Float64Array(classes);
  const errors = new Float64Array(classes);
  const step = (at: number, gradient: number): void => {
    const with_ = gradient + decay * weights[at]!;
    squares[at]! += with_ * with_;
    weights[at]! -= (rate * with_) / Math.sqrt(squares[at]!);
  };
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (let i = order.length - 1; i > 0; i -= 1) {
      const j = random.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    for (const [at, index] of order.entries()) {
      if (at % 1024 === 0) tick();
      const { label, features } = documents[index]!;
      const scale = norm[index]!;
      sums.fill(0);
      for (let i = 0; i < features.length; i += 1) {
        const base = features[i]! * classes;
        for (let k = 0; k < classes; k += 1) sums[k]! += weights[base + k]!;
      }
      let large = false;
      for (let k = 0; k < classes; k += 1) {
        const error = 1 / (1 + Math.exp(-weights[bias + k]! - scale * sums[k]!)) - (label === k ? 1 : 0);
        errors[k] = Math.abs(error) < settled ? 0 : error;
        if (errors[k] === 0) continue;
        large = true;
        step(bias + k, error);
      }
      if (!large) continue;
      for (let i = 0; i < features.length; i += 1) {
        const base = features[i]! * classes;
        for (let k = 0; k < classes; k += 1) if (errors[k] !== 0) step(base + k, errors[k]! * scale);
      }
    }
  }
  return weights;
}

/** The class with the largest score; the first of equals. */
export function best(scores: Float64Array): number {
  let found = 0;
  for (let k = 1; k < scores.length; k += 1) if (scores[k]! > scores[found]!) found = k;
  return found;
}
