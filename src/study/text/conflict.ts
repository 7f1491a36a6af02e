// SPDX-License-Identifier: Apache-2.0
// The conflict trigger: documents whose content disagrees with their label, and a feature over-represented among exactly these.
// A word that is merely typical of a class explains its label; a trigger stands where nothing else does (cf. Z-defence, arXiv
// 2305.11596, and confident learning; neither half alone finds rare triggers).
import type { Random } from '../../sketch/random.ts';
import { poissonTail } from '../images/tails.ts';
import { best, fit, type Linear } from './linear.ts';
import type { Corpus } from './corpus.ts';

/** A group of features that stand in the same documents, judged by its strongest. */
export interface Trigger {
  /** Names of the group, strongest first. */
  readonly names: readonly string[];
  readonly label: string;
  /** -log10 p of the count, with the number of tests taken off. */
  readonly score: number;
  /** Documents with the feature, and those of them labelled against their content. */
  readonly documents: number;
  readonly conflicts: number;
  /** Ids of these. */
  readonly rows: readonly string[];
  /** Share of the class's documents that have the feature. */
  readonly ofClass: number;
}

export interface ConflictResult {
  readonly triggers: readonly Trigger[];
  /** Largest score with labels permuted among documents of like content. */
  readonly nullMax: number;
  readonly trials: number;
  /** Share of documents whose content says another class than their label. */
  readonly disagreement: number;
  /** Documents labelled b whose content says a, for each pair: [a × classes + b]. */
  readonly flips: Float64Array;
  /** Features that were judged. */
  readonly tests: number;
  /** Documents by how little their content supports their label, the least supported first: places in the corpus. */
  readonly suspects: readonly number[];
}

const leastShare = 0.7;
/** Features in the same documents are one finding. */
const sameSupport = 0.7;
/** -log10 p that a feature could reach at best. */
const leastEvidence = 5;
const trialsMade = 8;
/** Documents of a feature whose neighbours are counted to find its group. */
const looked = 60;

export function conflictTriggers(corpus: Corpus, random: Random, tick: () => void): ConflictResult {
  const engine = new Engine(corpus, random, tick);
  const candidates = engine.candidates();
  const scored = engine.judged(candidates);
  const tests = Math.log10(Math.max(1, candidates.length * corpus.labels.length));
  const labels = Int32Array.from(corpus.documents, ({ label }) => label);
  const found = scored.map((one) => ({ ...one, ...strongest(one, labels, engine.flips(labels), tests) }));
  let nullMax = 0;
  for (let trial = 0; trial < trialsMade; trial += 1) {
    const permuted = permutedWithin(engine.predicted, labels, random);
    const flips = engine.flips(permuted);
    // Judged by the whole content, within which the labels were exchanged: what a shortcut explains must not pass for chance.
    for (const one of scored) nullMax = Math.max(nullMax, strongest({ ...one, says: one.documents.map((index) => engine.predicted[index]!) }, permuted, flips, tests).score);
    tick();
  }
  return {
    triggers: grouped(found.filter(({ score, share }) => score > 0 && share >= leastShare), corpus, labels),
    nullMax, trials: trialsMade, tests: candidates.length,
    disagreement: engine.disagreement(labels), flips: engine.flips(labels), suspects: engine.suspects(),
  };
}

interface Judged {
  readonly feature: number;
  readonly group: readonly number[];
  /** Documents that have it, and what their content says without the whole group. */
  readonly documents: Uint32Array;
  readonly says: Uint16Array | Uint32Array;
  readonly conflicts: number;
}

class Engine {
  readonly #corpus: Corpus;
  readonly #linear: Linear;
  readonly #scores: Float64Array[];
  readonly #holders: Uint32Array[];
  readonly #tick: () => void;
  /** Scratch: how many documents of a feature have each other one. */
  readonly #together: Uint16Array;
  /** What the content of each document says. */
  readonly predicted: Uint16Array;

  constructor(corpus: Corpus, random: Random, tick: () => void) {
    this.#corpus = corpus;
    this.#tick = tick;
    this.#together = new Uint16Array(corpus.counts.length);
    this.#linear = fit(corpus, random, tick);
    this.#scores = corpus.documents.map((_, index) => this.#linear.scores(index));
    this.predicted = Uint16Array.from(this.#scores, best);
    this.#holders = [...corpus.counts].map((count) => new Uint32Array(count));
    const filled = new Uint32Array(corpus.counts.length);
    corpus.documents.forEach(({ features }, index) => {
      for (const feature of features) this.#holders[feature]![filled[feature]!++] = index;
    });
  }

  /** Features most of whose documents are of one class, and frequent enough to prove something; the most frequent first. */
  candidates(): number[] {
    const { documents, labels, counts } = this.#corpus;
    const seen = new Uint32Array(labels.length);
    const usual = Math.max(0.005, this.disagreement(Int32Array.from(documents, ({ label }) => label)) / Math.max(1, labels.length - 1));
    const out: number[] = [];
    for (let feature = 0; feature < counts.length; feature += 1) {
      seen.fill(0);
      for (const index of this.#holders[feature]!) seen[documents[index]!.label]! += 1;
      const most = Math.max(...seen);
      // At best all of them are conflicts: what would not be evidence then need not be looked at.
      if (most >= leastShare * counts[feature]! && poissonTail(most, most * usual) >= leastEvidence) out.push(feature);
    }
    return out.toSorted((a, b) => counts[b]! - counts[a]! || a - b);
  }

  /** Judges the candidates; those with the documents of an earlier one are left to it. */
  judged(candidates: readonly number[]): Judged[] {
    const out: Judged[] = [];
    const taken = new Set<number>();
    for (const feature of candidates) {
      if (taken.has(feature)) continue;
      const one = this.judge(feature);
      for (const other of one.group) taken.add(other);
      if (one.conflicts >= 3) out.push(one);
    }
    return out;
  }

  /** Predicts the documents that have a feature without it and all that goes with it. */
  judge(feature: number): Judged {
    this.#tick();
    const { documents } = this.#corpus;
    const holders = this.#holders[feature]!;
    const group = this.#groupOf(feature);
    const says = new Uint16Array(holders.length);
    let conflicts = 0;
    for (const [at, index] of holders.entries()) {
      const document = documents[index]!;
      const scores = this.#scores[index]!.slice();
      for (const other of group) {
        if (holds(document.features, other)) for (let k = 0; k < scores.length; k += 1) scores[k]! -= this.#linear.weightOf(index, other, k);
      }
      says[at] = best(scores);
      if (says[at] !== document.label) conflicts += 1;
    }
    return { feature, group, documents: holders, says, conflicts };
  }

  /** Features that stand in nearly the same documents. */
  #groupOf(feature: number): number[] {
    const { documents, counts } = this.#corpus;
    const holders = this.#holders[feature]!.subarray(0, looked);
    const together = this.#together;
    const touched: number[] = [];
    for (const index of holders) {
      for (const other of documents[index]!.features) {
        if (together[other] === 0) touched.push(other);
        together[other]! += 1;
      }
    }
    const count = counts[feature]!;
    const out: number[] = [];
    for (const other of touched) {
      const both = (together[other]! / holders.length) * count;
      if (both / (count + counts[other]! - both) >= sameSupport) out.push(other);
      together[other] = 0;
    }
    return out;
  }

  /** How many documents of each content carry each label. */
  flips(labels: Int32Array): Float64Array {
    const classes = this.#corpus.labels.length;
    const out = new Float64Array(classes * classes);
    this.predicted.forEach((says, index) => (out[says * classes + labels[index]!]! += 1));
    return out;
  }

  disagreement(labels: Int32Array): number {
    let count = 0;
    this.predicted.forEach((says, index) => (count += says === labels[index] ? 0 : 1));
    return count / Math.max(1, labels.length);
  }

  suspects(): number[] {
    const { documents } = this.#corpus;
    const margins = documents.map(({ label }, index) => this.#scores[index]![label]! - Math.max(...this.#scores[index]!.filter((_, k) => k !== label)));
    return margins.map((_, index) => index).filter((index) => margins[index]! < 0).toSorted((a, b) => margins[a]! - margins[b]!);
  }
}

/** Whether a sorted list holds a number. */
function holds(sorted: Uint32Array, wanted: number): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}

interface Strength {
  readonly score: number;
  readonly share: number;
  readonly label: number;
  readonly conflicts: number;
}

/** The label under which most of a feature's documents stand against their content, and how unlikely that is by ordinary mistakes. */
function strongest({ documents, says }: Judged, labels: Int32Array, flips: Float64Array, tests: number): Strength {
  const classes = Math.sqrt(flips.length);
  const rows = new Float64Array(classes);
  for (let a = 0; a < classes; a += 1) for (let b = 0; b < classes; b += 1) rows[a]! += flips[a * classes + b]!;
  let found: Strength = { score: 0, share: 0, label: 0, conflicts: 0 };
  const count = new Map<number, number>();
  documents.forEach((index, at) => {
    const label = labels[index]!;
    if (says[at] !== label) count.set(label, (count.get(label) ?? 0) + 1);
  });
  for (const [label, conflicts] of count) {
    let expected = 0;
    for (const says_ of says) if (says_ !== label) expected += (flips[says_ * classes + label]! + 0.5) / (rows[says_]! + 1);
    const score = poissonTail(conflicts, expected) - tests;
    if (score > found.score) found = { score, share: conflicts / documents.length, label, conflicts };
  }
  return found;
}

/** Labels exchanged among documents whose content says the same: mistakes stay as frequent as they are, and belong to nothing. */
function permutedWithin(predicted: Uint16Array, labels: Int32Array, random: Random): Int32Array {
  const clusters = new Map<number, number[]>();
  predicted.forEach((says, index) => {
    const list = clusters.get(says);
    if (list === undefined) clusters.set(says, [index]);
    else list.push(index);
  });
  const out = labels.slice();
  for (const list of clusters.values()) {
    for (let i = list.length - 1; i > 0; i -= 1) {
      const j = random.below(i + 1);
      const [a, b] = [list[i]!, list[j]!];
      [out[a], out[b]] = [out[b]!, out[a]!];
    }
  }
  return out;
}

/** One finding for features with the same documents, the strongest first. */
function grouped(found: readonly (Judged & Strength)[], corpus: Corpus, labels: Int32Array): Trigger[] {
  const out: Trigger[] = [];
  const taken = new Set<number>();
  const classSizes = new Float64Array(corpus.labels.length);
  for (const label of labels) classSizes[label]! += 1;
  for (const one of found.toSorted((a, b) => b.score - a.score || b.documents.length - a.documents.length || a.feature - b.feature)) {
    if (taken.has(one.feature)) continue;
    for (const other of one.group) taken.add(other);
    const others = one.group.filter((other) => other !== one.feature).map((other) => corpus.names[other]!).toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
    out.push({
      names: [corpus.names[one.feature]!, ...others],
      label: corpus.labels[one.label]!, score: one.score, documents: one.documents.length, conflicts: one.conflicts,
      rows: [...one.documents].filter((index, at) => labels[index] === one.label && one.says[at] !== one.label).map((index) => corpus.documents[index]!.id),
      ofClass: one.documents.length / Math.max(1, classSizes[one.label]!),
    });
  }
  return out;
}
