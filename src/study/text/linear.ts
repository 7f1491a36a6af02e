// SPDX-License-Identifier: Apache-2.0
// Logistic regression over the presence of features, one class against the rest, fitted on parts of the corpus: each document is judged
// by a model that has not seen it. The weights are kept, so that features can be taken out of a judgement afterwards.
import type { Corpus } from './corpus.ts';
import type { Random } from '../../sketch/random.ts';

const folds = 4;
const epochs = 6;
const rate = 0.25;
const decay = 2e-5;

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
  const width = names.length + 1; // the last one is the bias
  return {
    scores: (index) => {
      const model = models[fold[index]!]!;
      const scores = new Float64Array(classes);
      for (let k = 0; k < classes; k += 1) {
        let sum = model[k * width + names.length]!;
        for (const feature of documents[index]!.features) sum += norm[index]! * model[k * width + feature]!;
        scores[k] = sum;
      }
      return scores;
    },
    weightOf: (index, feature, k) => norm[index]! * models[fold[index]!]![k * width + feature]!,
  };
}

/** AdaGrad over shuffled documents. */
function trained({ documents, labels, names }: Corpus, order: number[], norm: Float64Array, random: Random, tick: () => void): Float32Array {
  const width = names.length + 1;
  const weights = new Float32Array(labels.length * width);
  const squares = new Float32Array(labels.length * width).fill(1e-6);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (let i = order.length - 1; i > 0; i -= 1) {
      const j = random.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    order.forEach((index, at) => {
      if (at % 1024 === 0) tick();
      const { label, features } = documents[index]!;
      const scale = norm[index]!;
      for (let k = 0; k < labels.length; k += 1) {
        const base = k * width;
        let sum = weights[base + names.length]!;
        for (const feature of features) sum += scale * weights[base + feature]!;
        const error = 1 / (1 + Math.exp(-sum)) - (label === k ? 1 : 0);
        if (Math.abs(error) < 1e-3) continue;
        step(weights, squares, base + names.length, error);
        for (const feature of features) step(weights, squares, base + feature, error * scale);
      }
    });
  }
  return weights;
}

function step(weights: Float32Array, squares: Float32Array, at: number, gradient: number): void {
  const with_ = gradient + decay * weights[at]!;
  squares[at]! += with_ * with_;
  weights[at]! -= (rate * with_) / Math.sqrt(squares[at]!);
}

/** The class with the largest score; the first of equals. */
export function best(scores: Float64Array): number {
  let found = 0;
  for (let k = 1; k < scores.length; k += 1) if (scores[k]! > scores[found]!) found = k;
  return found;
}
