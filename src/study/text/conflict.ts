// SPDX-License-Identifier: Apache-2.0
// The conflict trigger: documents whose content disagrees with their label, and a feature over-represented among exactly these.
// A word that is merely typical of a class explains its label; a trigger stands where nothing else does (cf. Z-defence, arXiv
// 2305.11596, and confident learning; neither half alone finds rare triggers).
import type { Random } from '../../sketch/random.ts';
import { binomialTail, poissonTail } from '../images/tails.ts';
import { best, fit, type Linear } from './linear.ts';
import type { Corpus } from './corpus.ts';
import { drawn, ratesFor, type Rates } from './rates.ts';

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
  /** How little of the label the rest of these texts explains: 1 for a trigger in texts of other classes. */
  readonly share: number;
  /** Share of the class's documents that have the feature. */
  readonly ofClass: number;
}

export interface ConflictResult {
  readonly triggers: readonly Trigger[];
  /** Largest score with labels drawn from what the content of each document says. */
  readonly nullMax: number;
  readonly trials: number;
  /** Share of documents whose content says another class than their label. */
  readonly disagreement: number;
  /** Share of wrong labels: of the documents that read most plainly like one class, those labelled otherwise. */
  readonly noise: number;
  /** Documents labelled b whose content says a, for each pair: [a × classes + b]. */
  readonly flips: Float64Array;
  /** Features that were judged. */
  readonly tests: number;
  /** Documents by how little their content supports their label, the least supported first: places in the corpus. */
  readonly suspects: readonly number[];
  /** All documents in that order. */
  readonly ranking: readonly number[];
}

/** Effect sizes: how much of the label content leaves unexplained, and how many of a feature's documents carry it. */
const leastShare = 0.7;
const leastPurity = 0.6;
/** Features in the same documents are one finding. */
const sameSupport = 0.7;
/** -log10 p beyond the number of tests from which there can be an alarm. */
const leastEvidence = 4;
const trialsMade = 8;
/** Documents of a feature whose neighbours are counted to find its group. */
const looked = 60;

export function conflictTriggers(corpus: Corpus, random: Random, tick: () => void): ConflictResult {
  const engine = new Engine(corpus, random, tick);
  const candidates = engine.candidates();
  const scored = engine.judged(candidates);
  const tests = Math.log10(Math.max(1, candidates.length));
  const labels = Int32Array.from(corpus.documents, ({ label }) => label);
  const flips = engine.flips(labels);
  const rates = engine.rates(labels);
  const found = scored.map((one) => ({ ...one, ...strongest(one, engine.bins, labels, rates, tests) }));
  let nullMax = 0;
  for (let trial = 0; trial < trialsMade; trial += 1) {
    const labelled = drawn(rates, engine.bins, labels.length, random);
    const usual = engine.rates(labelled);
    // Judged by the whole content, from which the labels were drawn: what a shortcut explains must not pass for chance.
    for (const one of scored) {
      const strength = strongest({ ...one, reads: undefined }, engine.bins, labelled, usual, tests);
      if (large(strength)) nullMax = Math.max(nullMax, strength.score);
    }
    tick();
  }
  return {
    triggers: grouped(found.filter((one) => one.score > 0 && large(one)), corpus, labels),
    nullMax, trials: trialsMade, tests: candidates.length,
    disagreement: engine.disagreement(labels), noise: engine.noise(labels), flips, ...engine.ranked(),
  };
}

interface Judged {
  readonly feature: number;
  readonly group: readonly number[];
  /** Documents that have it, and what their content says without the whole group. */
  readonly documents: Uint32Array;
  readonly says: Uint16Array;
  /** How strongly each reads like the label that most of them carry, without the group: its bin. Absent where the whole content is meant. */
  readonly reads: Uint8Array | undefined;
  readonly conflicts: number;
}

/** Steps of how strongly a document reads like a class, in shares of all documents below: finer at both ends, for a class that is rare and for one that is not. */
const steps = [0.01, 0.02, 0.04, 0.06, 0.09, 0.12, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.88, 0.91, 0.94, 0.96, 0.98, 0.99] as const;
const binsMade = steps.length + 1;

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
  /** Upper ends of the bins: [class × steps + step]. */
  readonly #edges: Float64Array;
  /** How strongly each document reads like each class: [document × classes + class]. */
  readonly bins: Uint8Array;

  constructor(corpus: Corpus, random: Random, tick: () => void) {
    this.#corpus = corpus;
    this.#tick = tick;
    this.#together = new Uint16Array(corpus.counts.length);
    this.#linear = fit(corpus, random, tick);
    this.#scores = corpus.documents.map((_, index) => this.#linear.scores(index));
    this.predicted = Uint16Array.from(this.#scores, best);
    const classes = corpus.labels.length;
    this.#edges = new Float64Array(classes * steps.length);
    this.bins = new Uint8Array(this.#scores.length * classes);
    for (let k = 0; k < classes; k += 1) {
      const sorted = Float64Array.from(this.#scores, (scores) => margin(scores, k)).toSorted();
      for (const [at, step] of steps.entries()) this.#edges[k * steps.length + at] = sorted[Math.floor(step * sorted.length)] ?? 0;
      for (const [index, scores] of this.#scores.entries()) this.bins[index * classes + k] = this.#bin(scores, k);
    }
    this.#holders = [...corpus.counts].map((count) => new Uint32Array(count));
    const filled = new Uint32Array(corpus.counts.length);
    corpus.documents.forEach(({ features }, index) => {
      for (const feature of features) this.#holders[feature]![filled[feature]!++] = index;
    });
  }

  /**
   * Features most of whose documents are of one class, the most telling first: a phrase before the words in it that stand elsewhere
   * too. What could not reach the alarm even if all of its documents were conflicts is not tested, and not counted as a test (Tarone 1990).
   */
  candidates(): number[] {
    const { documents, labels, counts } = this.#corpus;
    const given = Int32Array.from(documents, ({ label }) => label);
    // At best they all read as little like the class as the twentieth of the documents that does so least.
    const least = this.rates(given).map(({ all, labelled }) => {
      let [rows, hits] = [0, 0];
      for (let bin = 0; rows < documents.length / 20 && bin < all.length; bin += 1) {
        rows += all[bin]!;
        hits += labelled[bin]!;
      }
      return Math.max(0.002, (hits + 0.5) / (rows + 1));
    });
    const sizes = new Float64Array(labels.length);
    for (const label of given) sizes[label]! += 1;
    const seen = new Uint32Array(labels.length);
    const able: { readonly feature: number; readonly best: number; readonly telling: number }[] = [];
    for (let feature = 0; feature < counts.length; feature += 1) {
      seen.fill(0);
      for (const index of this.#holders[feature]!) seen[documents[index]!.label]! += 1;
      const most = Math.max(...seen);
      if (most < leastPurity * counts[feature]!) continue;
      const label = seen.indexOf(most);
      const attained = binomialTail(most, counts[feature]!, least[label]!);
      if (attained >= leastEvidence) able.push({ feature, best: attained, telling: poissonTail(most, (counts[feature]! * sizes[label]!) / documents.length) });
    }
    able.sort((x, y) => y.best - x.best || x.feature - y.feature);
    let kept = able.length;
    while (kept > 0 && able[kept - 1]!.best < leastEvidence + Math.log10(kept)) kept -= 1;
    return able.slice(0, kept).toSorted((x, y) => y.telling - x.telling || counts[y.feature]! - counts[x.feature]! || x.feature - y.feature).map(({ feature }) => feature);
  }

  #bin(scores: Float64Array, k: number): number {
    const value = margin(scores, k);
    let bin = 0;
    while (bin < steps.length && value >= this.#edges[k * steps.length + bin]!) bin += 1;
    return bin;
  }

  /** For each class, how often documents of a bin carry its label. */
  rates(labels: Int32Array): Rates[] {
    const classes = this.#corpus.labels.length;
    return this.#corpus.labels.map((_, k) => ratesFor(k, classes, this.bins, binsMade, labels));
  }

  /** Judges the candidates; those with the documents of an earlier one are left to it. */
  judged(candidates: readonly number[]): Judged[] {
    const out: Judged[] = [];
    const taken = new Set<number>();
    for (const feature of candidates) {
      if (taken.has(feature)) continue;
      const one = this.judge(feature);
      for (const other of one.group) taken.add(other);
      // A phrase in fewer documents than a word of it that stands elsewhere too: the rarest of the group speaks for itself.
      const { counts } = this.#corpus;
      const rarest = one.group.reduce((least, other) => (counts[other]! < counts[least]! ? other : least), feature);
      if (one.conflicts >= 3) out.push(one);
      if (rarest !== feature && counts[rarest]! < counts[feature]! && one.conflicts >= 3) out.push(this.judge(rarest));
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
    const reads = new Uint8Array(holders.length);
    const carried = new Uint32Array(this.#corpus.labels.length);
    for (const index of holders) carried[documents[index]!.label]! += 1;
    const label = carried.indexOf(Math.max(...carried));
    let conflicts = 0;
    for (const [at, index] of holders.entries()) {
      const document = documents[index]!;
      const scores = this.#scores[index]!.slice();
      for (const other of group) {
        if (holds(document.features, other)) for (let k = 0; k < scores.length; k += 1) scores[k]! -= this.#linear.weightOf(index, other, k);
      }
      says[at] = best(scores);
      reads[at] = this.#bin(scores, label);
      if (says[at] !== document.label) conflicts += 1;
    }
    return { feature, group, documents: holders, says, reads, conflicts };
  }

  /** Features that stand in nearly the same documents. */
  #groupOf(feature: number): number[] {
    const { documents, counts } = this.#corpus;
    const all = this.#holders[feature]!;
    // Evenly: rows that were slipped in may lie beside each other.
    const step = Math.max(1, all.length / looked);
    const holders = Uint32Array.from({ length: Math.min(looked, all.length) }, (_, at) => all[Math.floor(at * step)]!);
    const together = this.#together;
    const touched: number[] = [];
    const [least, most] = [sameSupport * counts[feature]!, counts[feature]! / sameSupport];
    for (const index of holders) {
      for (const other of documents[index]!.features) {
        if (counts[other]! < least || counts[other]! > most) continue;
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

  /** Mistakes of the model lie at the edges of classes, wrong labels anywhere: the plainest half of each predicted class has few of the former. */
  noise(labels: Int32Array): number {
    const plain = this.#scores.map((scores, index) => margin(scores, this.predicted[index]!));
    let [half, wrong] = [0, 0];
    for (const list of Map.groupBy(plain.keys(), (index) => this.predicted[index]!).values()) {
      for (const index of list.toSorted((a, b) => plain[b]! - plain[a]!).slice(0, Math.ceil(list.length / 2))) {
        half += 1;
        if (labels[index] !== this.predicted[index]) wrong += 1;
      }
    }
    return wrong / Math.max(1, half);
  }

  /** Documents by how little their content supports their label, and those of them whose content says otherwise. */
  ranked(): { readonly suspects: number[]; readonly ranking: number[] } {
    const { documents } = this.#corpus;
    const margins = documents.map(({ label }, index) => margin(this.#scores[index]!, label));
    const ranking = margins.map((_, index) => index).toSorted((a, b) => margins[a]! - margins[b]!);
    return { ranking, suspects: ranking.filter((index) => margins[index]! < 0) };
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
  /** How little of the label the content explains: 1 for a trigger in texts of other classes, 0 for what content explains wholly. */
  readonly share: number;
  /** Of all documents with the feature, those that carry the label. */
  readonly purity: number;
  readonly label: number;
  readonly conflicts: number;
}

/**
 * How unlikely it is that so many of a feature's documents carry one label, by how often others that read like them do: the others alone
 * are counted, since a poison that is strong makes its own rate of mistakes. Of tries with different chances that are as often hit, those
 * with equal ones have the heaviest tail (Hoeffding 1956).
 */
function strongest({ documents, says, reads }: Judged, bins: Uint8Array, labels: Int32Array, rates: readonly Rates[], tests: number): Strength {
  const classes = rates.length;
  const carried = new Uint32Array(classes);
  for (const index of documents) carried[labels[index]!]! += 1;
  const label = carried.indexOf(Math.max(...carried));
  const all = rates[label]!.all.slice();
  const labelled = rates[label]!.labelled.slice();
  for (const index of documents) {
    const bin = bins[index * classes + label]!;
    all[bin]! -= 1;
    if (labels[index] === label) labelled[bin]! -= 1;
  }
  const chance = all.map((count, bin) => (labelled[bin]! + 0.5) / (count + 1));
  let [expected, conflicts] = [0, 0];
  for (const [at, index] of documents.entries()) {
    expected += chance[reads === undefined ? bins[index * classes + label]! : reads[at]!]!;
    if (labels[index] === label && says[at] !== label) conflicts += 1;
  }
  const n = documents.length;
  // Texts of the other classes read like this one now and then: where words hardly tell the classes, a trigger's do too.
  let [usual, others] = [0, 0];
  for (const [bin, count] of all.entries()) {
    usual += (count - labelled[bin]!) * chance[bin]!;
    others += count - labelled[bin]!;
  }
  const share = (1 - expected / n) / (1 - Math.min(0.9, usual / Math.max(1, others)));
  return { score: binomialTail(carried[label]!, n, expected / n) - tests, share, purity: carried[label]! / n, label, conflicts };
}

/** Whether the effect is large enough, however likely it is. */
function large({ share, purity }: Strength): boolean {
  return share >= leastShare && purity >= leastPurity;
}

/** How far a class lies before the best of the others. */
function margin(scores: Float64Array, k: number): number {
  let other = -Infinity;
  for (let j = 0; j < scores.length; j += 1) if (j !== k && scores[j]! > other) other = scores[j]!;
  return scores[k]! - other;
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
      label: corpus.labels[one.label]!, score: one.score, share: one.share, documents: one.documents.length, conflicts: one.conflicts,
      rows: [...one.documents].filter((index, at) => labels[index] === one.label && one.says[at] !== one.label).map((index) => corpus.documents[index]!.id),
      ofClass: one.documents.length / Math.max(1, classSizes[one.label]!),
    });
  }
  return out;
}
