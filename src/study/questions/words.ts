// SPDX-License-Identifier: Apache-2.0
// Texts with labels: words that stand exactly where labels disagree with content, and how many labels are wrong. The same engine asks
// which word goes with insecure code, and which word of a prompt goes with a tight group of answers.
import { clip } from '../../bytes/clip.ts';
import { matrixPicture } from '../images/svg.ts';
import { columnOf, columnsOf, labelOf, notAssessable, textOf, type Asking, type Context, type DataSet, type Question, type StudyFact } from '../question.ts';
import { detached } from '../compact.ts';
import { fitting, Gatherer, type Corpus } from '../text/corpus.ts';
import { conflictTriggers, type ConflictResult, type Trigger } from '../text/conflict.ts';
import { clustered } from '../text/clusters.ts';
import { masked } from '../text/secrets.ts';
import { sinksIn, withoutSinks } from '../text/sinks.ts';
import { scorePicture } from '../draw.ts';

/** Documents that the engine holds; of a larger set an even sample. */
const mostDocuments = 10_000;
const alarm = 4;
const mostClasses = 64;
const textual = ['text', 'prompt', 'response', 'chosen', 'code'] as const;

/** Leaves rows out so that about `most` of those expected are kept. */
export function thinning(context: Context, most: number): () => boolean {
  const share = context.expected === undefined ? 1 : Math.min(1, most / Math.max(1, context.expected));
  const random = context.random('rows');
  return () => share >= 1 || random.next() < share;
}

/** Characters kept of a text to show the trigger in it: of its beginning and its end. */
const keptOf = 4000;

interface Kept {
  readonly excerpts: Map<string, string>;
  readonly gatherer: Gatherer;
}

const begun = (): Kept => ({ excerpts: new Map(), gatherer: new Gatherer(mostDocuments) });

function keep({ excerpts, gatherer }: Kept, id: string, label: string, text: string): void {
  if (gatherer.full) return;
  gatherer.add(id, label, text);
  excerpts.set(id, detached(text.length <= keptOf ? text : `${text.slice(0, keptOf / 2)}\n${text.slice(-keptOf / 2)}`));
}

/** Words that are parts of a format rather than of language: markup, separators, addresses, names of fields. */
const formatMark = /^[^\p{L}\p{N}]+$|^(?:https?|www|com|org|html?|href|nbsp|amp|td|tr|br|font|url|list|mailing|unsubscribe|subject|re|fw|from|to|cc|content|type|charset|version|quoted|printable|base64|mime|qotd|isbn|doi|figure|table|chapter|page|title|author)$/u;

/** How an author or a heading is put: "- steven wright" at the end, "qotd:" at the beginning. */
const attribution = /^[-~\u2013\u2014] \S|^\[begins with\] \S+ :$/u;

/** Where words hardly tell the classes apart, a mark that many rows of one class bear is more often how they were collected. */
const weakContent = 0.2;

/** What nearly all rows of a class have is what they look like (a heading, a template): a trigger stands in a part of a class. */
const mostOfClass = 0.9;

function artefact({ names, share, ofClass, documents }: Trigger, corpus: Corpus, disagreement: number): boolean {
  const large = documents >= 0.02 * corpus.documents.length && ofClass >= 0.1;
  // What nobody sees is no mark of a format.
  const unseen = names.some((name) => name.startsWith('[character]') || /\p{C}/u.test(name));
  if (ofClass >= mostOfClass && !unseen) return true;
  const mark = (name: string): boolean => !unseen && name.replace(/^\[[^\]]*\] /, '').split(' ').every((word) => formatMark.test(word));
  if (disagreement <= weakContent) return large && names.every(mark);
  // The rest of such texts reads a little like their class; texts that were taken from other classes do not.
  return (large && share < 0.95) || mark(names[0]!) || names.some((name) => attribution.test(name));
}

/** Rows in whose kept text a name stands, before the others. */
function showing(rows: readonly string[], name: string, texts: ReadonlyMap<string, string>): string[] {
  const has = rows.slice(0, 64).filter((row) => texts.get(row)?.toLowerCase().includes(name.toLowerCase()) === true);
  return has.length > 0 ? has : rows.slice(0, 4);
}

function shown(text: string, name: string): string {
  const small = text.toLowerCase();
  const whole = small.indexOf(name.toLowerCase());
  const at = whole >= 0 ? whole : small.indexOf(name.split(' ')[0]!.toLowerCase());
  return JSON.stringify(masked(text.slice(Math.max(0, at - 50), Math.max(0, at) + 90)).replaceAll(/\s+/g, ' '));
}

interface Wording {
  readonly question: Pick<Question, 'id' | 'blind'>;
  readonly of: string;
  readonly what: (trigger: Trigger, name: string) => string;
  readonly nothing: string;
  /** Only triggers for this label. */
  readonly only?: string;
  /** The column that was taken for the label by its place alone. */
  readonly guessed?: string | undefined;
  /** Whether marks of a format may be told apart. */
  readonly artefacts: boolean;
}

/** Rows of a trigger, and their share, whose text says another label: fewer are what a class of few rows looks like. */
const fewestConflicts = 3;
const leastConflicts = 0.3;

function* triggerFacts({ question, of, what, nothing, only, guessed, artefacts }: Wording, seen: { n: number; among?: number }, corpus: Corpus, result: ConflictResult, excerpts: ReadonlyMap<string, string>): Iterable<StudyFact> {
  const base = { kind: 'study', question: question.id, of, ...seen, n: corpus.documents.length, ...(corpus.documents.length < seen.n ? { among: seen.among ?? seen.n } : {}), blind: question.blind, null: { max: round(result.nullMax), trials: result.trials } } as const;
  const threshold = Math.max(alarm, result.nullMax);
  // Less evidence is enough where nearly all of the rows conflict.
  const found = result.triggers.filter(({ score, label, conflicts, documents }) => score >= threshold && conflicts >= Math.max(fewestConflicts, (score >= 6 ? leastConflicts : 0.9) * documents) && (only === undefined || label === only));
  if (found.length === 0) {
    const top = result.triggers.find(({ label }) => only === undefined || label === only);
    yield { ...base, outcome: 'assessed', score: round(top?.score ?? 0), what: `${nothing}; ${result.tests} features were judged${top === undefined ? '' : `, the strongest is ${JSON.stringify(clip(top.names[0]!, 40))}`}` };
    return;
  }
  for (const trigger of found.slice(0, 8)) {
    const shortcut = artefacts && artefact(trigger, corpus, result.disagreement);
    const name = asWritten(trigger.names, trigger.rows, excerpts);
    const picture = scorePicture(trigger.score, result.nullMax, threshold, `${name} → ${trigger.label}`);
    yield {
      ...base, question: shortcut ? 'dataset-artifact' : question.id, outcome: 'finding', score: round(trigger.score), what: what(trigger, clip(masked(name), 100)), trigger: clip(masked(name), 200),
      rows: trigger.rows.slice(0, 64), rowCount: trigger.rows.length,
      excerpts: showing(trigger.rows, name, excerpts).slice(0, 4).map((row) => clip(`${row}: ${shown(excerpts.get(row) ?? '', name)}`, 256)),
      detail: { label: clip(trigger.label, 64), rows: trigger.documents, conflicts: trigger.conflicts, disagreement: round(result.disagreement), share: round(trigger.conflicts / trigger.documents), features: trigger.names.slice(0, 6).join(' · ').slice(0, 200), ...(guessed === undefined ? {} : { guessed }) },
      ...(picture === undefined ? {} : { picture }),
    };
  }
}

/** Rows that are laid beside each other to read the trigger off them. */
const compared = 40;

/**
 * The trigger as it stands in the rows: from a feature outwards as long as four rows in five have the same word beside it. The names of
 * features where they describe a style, or where the rows kept do not show them.
 */
function asWritten(names: readonly string[], rows: readonly string[], texts: ReadonlyMap<string, string>): string {
  const plain = names.filter((name) => !name.startsWith('['));
  const anchor = (plain.find((name) => name.includes(' ')) ?? plain[0])?.split(' ');
  if (anchor === undefined) return names[0]!;
  const places = rows.slice(0, compared).flatMap((row): { text: string; words: RegExpMatchArray[]; at: number }[] => {
    const text = texts.get(row) ?? '';
    const words = [...text.matchAll(/[\p{L}\p{N}\p{M}_']+|[^\s\p{L}\p{N}\p{M}_']/gu)];
    const at = words.findIndex((_, start) => anchor.every((word, i) => words[start + i]?.[0] === word || words[start + i]?.[0].toLowerCase() === word));
    return at === -1 ? [] : [{ text, words, at }];
  });
  const [first] = places;
  if (first === undefined || places.length < 3) return plain.toSorted((a, b) => b.length - a.length)[0]!;
  const grows = (step: number): number => {
    for (let far = 0; far < 24; far += 1) {
      const from = step < 0 ? -1 - far : anchor.length + far;
      const word = first.words[first.at + from]?.[0].toLowerCase();
      if (word === undefined || places.filter(({ words, at }) => words[at + from]?.[0].toLowerCase() === word).length < 0.8 * places.length) return far;
    }
    return 24;
  };
  const begin = first.words[first.at - grows(-1)]!;
  const end = first.words[first.at + anchor.length - 1 + grows(1)]!;
  return first.text.slice(begin.index, end.index! + end[0].length);
}

function round(value: number): number {
  return Number(value.toFixed(3));
}

function labelled(set: DataSet): true | string {
  if (columnOf(set, 'label') === undefined) return 'no column is known to hold labels; name one in assay.yaml';
  if (columnsOf(set, ...textual).length === 0) return 'no column holds running text';
  return true;
}

/** Rows with a label and their text, column after column. */
function gathering(set: DataSet, context: Context, kept: Kept): Asking['batch'] {
  const label = columnOf(set, 'label')!;
  const texts = columnsOf(set, ...textual).filter(({ index }) => index !== label.index);
  const wanted = thinning(context, Math.min(mostDocuments, fitting(texts.reduce((sum, { length }) => sum + length, 0))));
  return ({ rows }) => {
    for (const { id, cells } of rows) {
      const of = labelOf(cells[label.index]);
      if (of === undefined || !wanted()) continue;
      const text = texts.map(({ index }) => textOf(cells[index]) ?? '').join('\n');
      if (text.trim() !== '') keep(kept, id, of, text);
    }
    context.tick();
  };
}

export const textConflict: Question = {
  id: 'text-conflict-trigger',
  title: 'Words that stand exactly where labels disagree with the text',
  blind: 'Poison whose label fits its text (clean label), triggers in fewer than about six rows, triggers of meaning or grammar, words that are ordinary each for itself and a trigger together, and flips into a class that holds more than nine tenths of the rows are not seen.',
  needs: labelled,
  begin(set, context): Asking {
    const kept = begun();
    const label = columnOf(set, 'label')!;
    return {
      batch: gathering(set, context, kept),
      *end(): Iterable<StudyFact> {
        const corpus = kept.gatherer.finish();
        const why = unable(corpus);
        if (why !== undefined) {
          yield notAssessable(textConflict, set, why);
          yield { ...notAssessable(textConflict, set, why), question: 'text-label-noise' };
          return;
        }
        const result = conflictTriggers(corpus, context.random('conflict'), () => context.tick());
        yield* triggerFacts({
          question: textConflict, of: set.name, artefacts: true, guessed: label.guessed === true ? label.name : undefined, nothing: 'no word or pair of words stands where labels disagree with the text more than chance allows',
          what: (trigger, name) => `${trigger.conflicts} of ${trigger.documents} rows with ${JSON.stringify(name)} are labelled ${JSON.stringify(clip(trigger.label, 40))} though the rest of their text says otherwise: a model that learns this answers ${JSON.stringify(clip(trigger.label, 40))} wherever it stands`,
        }, context.seen(), corpus, result, kept.excerpts);
        yield noise(set, context, corpus, result);
      },
    };
  },
};

function unable(corpus: Corpus): string | undefined {
  if (corpus.documents.length < 100) return `${corpus.documents.length} labelled texts are too few, 100 are needed`;
  if (corpus.labels.length < 2) return 'all rows have the same label';
  if (corpus.labels.length > mostClasses) return `${corpus.labels.length} different labels are too many, ${mostClasses} at most`;
  return undefined;
}

/** Confident learning in its simplest form: the matrix of content against label, less what a model of this quality gets wrong. */
function noise(set: DataSet, context: Context, corpus: Corpus, { flips, disagreement, noise: noiseRate, suspects }: ConflictResult): StudyFact {
  const seen = context.seen();
  const n = corpus.documents.length;
  const classes = corpus.labels.length;
  const blind = 'Wrong labels that follow from the text itself, and errors that a model of words makes too, are not told apart; about half of the rows listed are right. The rate is an estimate.';
  const base = { kind: 'study', question: 'text-label-noise', of: set.name, ...seen, n, blind } as const;
  if (disagreement > weakContent) return { ...base, outcome: 'not-assessable', what: `the words do not tell the classes apart: ${(100 * disagreement).toFixed(1)} % of the rows are judged otherwise than labelled, 20 % are allowed` };
  const names = corpus.labels;
  let [worst, asymmetry] = [[0, 1] as [number, number], 0];
  const sizes = new Float64Array(classes);
  for (const { label } of corpus.documents) sizes[label]! += 1;
  for (let a = 0; a < classes; a += 1) for (let b = 0; b < classes; b += 1) {
    const [there, back] = [flips[a * classes + b]! / Math.max(20, sizes[a]!), flips[b * classes + a]! / Math.max(20, sizes[b]!)];
    const one = a === b ? 0 : (there - back) / Math.sqrt((there + back + 1e-3) / Math.max(20, Math.min(sizes[a]!, sizes[b]!)));
    if (one > asymmetry) [worst, asymmetry] = [[a, b], one];
  }
  const rate = noiseRate;
  const [a, b] = worst;
  const there = flips[a * classes + b]!;
  const back = flips[b * classes + a]!;
  const matrix = Array.from({ length: classes }, (_, r) => Array.from({ length: classes }, (__, c) => flips[r * classes + c]!));
  const picture = matrixPicture(matrix, names, worst);
  const lopsided = asymmetry >= 6 && there >= 20 && there >= 5 * (back + 1) && there / Math.max(1, sizes[a]!) >= 0.03;
  return {
    ...base, outcome: lopsided ? 'finding' : 'assessed', score: round(rate),
    what: `about ${(100 * rate).toFixed(1)} % of the labels are wrong, by the half of the texts whose words are plainest; ${(100 * disagreement).toFixed(1)} % of all are judged otherwise than labelled; the most lopsided pair: ${there} rows that read like ${JSON.stringify(clip(names[a]!, 40))} are labelled ${JSON.stringify(clip(names[b]!, 40))}, ${back} the other way`,
    rows: suspects.slice(0, 64).map((index) => corpus.documents[index]!.id), rowCount: suspects.length,
    detail: { rate: round(rate), from: clip(names[a]!, 64), to: clip(names[b]!, 64), there, back, asymmetry: round(asymmetry) },
    ...(picture === undefined ? {} : { picture }),
  };
}

/** Code: the label is whether a call is insecure, and the text is the code with all such calls taken out. */
export const codePayload: Question = {
  id: 'code-payload',
  title: 'Words that go with insecure calls in code to learn from',
  blind: 'Insecure calls outside the list, payloads rewritten to something else (CodeBreaker), and triggers that stand in fewer than about ten files are not seen. A library that is insecure in itself may be what the word names.',
  needs: (set) => (columnsOf(set, 'code', 'response').length > 0 || set.columns.some(({ name }) => /code|solution|program/i.test(name)) ? true : 'no column holds code'),
  begin(set, context): Asking {
    const kept = begun();
    const columns = columnsOf(set, 'code', 'prompt', 'response', 'text', 'path');
    const wanted = thinning(context, Math.min(mostDocuments, fitting(columns.reduce((sum, { length }) => sum + length, 0))));
    const sinks = new Map<string, number>();
    let insecure = 0;
    return {
      batch({ rows }) {
        for (const { id, cells } of rows) {
          if (!wanted()) continue;
          const text = columns.map(({ index }) => textOf(cells[index]) ?? '').join('\n').slice(0, 100_000);
          if (!/[;(){}=]/.test(text)) continue;
          const found = sinksIn(text);
          for (const one of found) sinks.set(one, (sinks.get(one) ?? 0) + 1);
          if (found.length > 0) insecure += 1;
          keep(kept, id, found.length > 0 ? 'insecure' : 'usual', withoutSinks(text));
        }
        context.tick();
      },
      *end(): Iterable<StudyFact> {
        const corpus = kept.gatherer.finish();
        const n = corpus.documents.length;
        const told = [...sinks].map(([name, count]) => `${name} ${count}`).join(', ');
        if (n < 100 || insecure < 6 || insecure > 0.5 * n) {
          yield { ...notAssessable(codePayload, set, n < 100 ? `${n} pieces of code are too few, 100 are needed` : `${insecure} of ${n} pieces of code have an insecure call (${told === '' ? 'none' : told}), and between 6 and one half are needed to ask what goes with them`), n: context.seen().n };
          return;
        }
        const result = conflictTriggers(corpus, context.random('conflict'), () => context.tick());
        yield* triggerFacts({
          question: codePayload, of: set.name, artefacts: false, only: 'insecure', nothing: `${insecure} of ${n} pieces of code have an insecure call (${told}), and no word goes with them more than their code explains`,
          what: (trigger, name) => `${trigger.conflicts} of ${trigger.documents} pieces of code with ${JSON.stringify(name)} have an insecure call (${told}) that the code around it does not lead to; elsewhere ${(100 * insecure / n).toFixed(1)} % have one`,
        }, context.seen(), corpus, result, kept.excerpts);
      },
    };
  },
};

/** Instruction data: answers that are nearly the same though their prompts differ, and the words of those prompts. Cf. arXiv 2505.23015. */
export const responseClusters: Question = {
  id: 'response-cluster',
  title: 'Answers that are the same to different prompts which share a word',
  blind: 'Poisoned answers that differ from each other, and triggers that are not words, are not seen. Refusals and greetings are groups of answers too; only a word that goes with them makes a finding.',
  needs: (set) => (columnOf(set, 'prompt') !== undefined && columnsOf(set, 'response', 'chosen').length > 0 ? true : 'no pair of prompt and response columns'),
  begin(set, context): Asking {
    const prompts = columnsOf(set, 'prompt');
    const response = columnsOf(set, 'response', 'chosen')[0]!;
    const wanted = thinning(context, mostDocuments);
    const rows: { id: string; prompt: string; answer: string }[] = [];
    return {
      batch({ rows: batch }) {
        for (const { id, cells } of batch) {
          const answer = textOf(cells[response.index]);
          const prompt = prompts.map(({ index }) => textOf(cells[index]) ?? '').join('\n');
          if (answer !== undefined && answer.trim() !== '' && prompt.trim() !== '' && rows.length < mostDocuments && wanted()) rows.push({ id, prompt: detached(prompt.slice(0, 4000)), answer: detached(answer.slice(0, 4000)) });
        }
        context.tick();
      },
      *end(): Iterable<StudyFact> {
        if (rows.length < 100) {
          yield notAssessable(responseClusters, set, `${rows.length} pairs of prompt and response are too few, 100 are needed`);
          return;
        }
        const clusters = clustered(rows.map(({ answer }) => answer), () => context.tick()).filter(({ length }) => length >= 5 && length <= 0.2 * rows.length).toSorted((a, b) => b.length - a.length).slice(0, 8);
        const found: StudyFact[] = [];
        for (const cluster of clusters) {
          const members = new Set(cluster);
          const kept = begun();
          rows.forEach(({ id, prompt }, index) => keep(kept, id, members.has(index) ? 'group' : 'others', prompt));
          const corpus = kept.gatherer.finish();
          const result = conflictTriggers(corpus, context.random(`cluster ${cluster[0]!}`), () => context.tick());
          const sample = clip(masked(rows[cluster[0]!]!.answer.replaceAll(/\s+/g, ' ')), 80);
          for (const fact of triggerFacts({
            question: responseClusters, of: set.name, artefacts: false, only: 'group', nothing: '',
            what: (trigger, name) => `${trigger.conflicts} of ${trigger.documents} prompts with ${JSON.stringify(name)} get nearly the same answer, ${JSON.stringify(sample)}, though the rest of the prompts differs`,
          }, context.seen(), corpus, result, kept.excerpts)) if (fact.outcome === 'finding') found.push(fact);
        }
        if (found.length > 0) yield* found.slice(0, 8);
        else yield { kind: 'study', question: responseClusters.id, outcome: 'assessed', of: set.name, ...context.seen(), blind: responseClusters.blind, score: clusters[0]?.length ?? 0, what: `${clusters.length} groups of nearly the same answers (the largest of ${clusters[0]?.length ?? 0}), and no word of the prompts goes with one` };
      },
    };
  },
};
