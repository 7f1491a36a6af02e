// SPDX-License-Identifier: Apache-2.0
// How much of a list of minimum elements a BOM gives. Not whether a member is there: whether it says something, and
// nothing else contradicts it.
import type { Read } from '../check/index.ts';
import type { Json, Problem } from '../check/lint.ts';
import { answersOf, type Answer, type Answers } from './answers.ts';
import { fields, type FieldId } from './fields.ts';
import type { Element, Profile } from './profiles.ts';

export { profiles, type Profile } from './profiles.ts';

/** One element of a profile, and what the document gives for it. */
export interface Scored {
  readonly id: string;
  readonly title: string;
  readonly cluster: string;
  /**
   * `filled` · `partial`: some components give it · `missing` · `unknown`: the document says that it is not known, or
   * holds a placeholder · `contradicted`: what it says is wrong, or said in two ways.
   */
  readonly state: 'filled' | 'partial' | 'missing' | 'unknown' | 'contradicted';
  /** 0 to 1. */
  readonly share: number;
  /** The first value that counts, or that does not. */
  readonly value?: string;
  readonly pointer?: string;
  /** Why it does not count, or not whole. */
  readonly why?: string;
  /** The file that would fill the gap. */
  readonly fill?: string;
}

export interface Score {
  readonly profile: string;
  readonly title: string;
  readonly source: string;
  readonly format: string;
  /** Elements filled; partial ones count by their share, cut to two decimals. */
  readonly filled: number;
  readonly of: number;
  /** Points of 100, to one decimal. */
  readonly points: number;
  readonly elements: readonly Scored[];
}

const placeholder = /^[\s"'`[(<{]*(unknown|n\/?a|not (available|known|applicable|specified|provided)|none|null|undefined|no ?assertion|no-assertion|noassertion|.*\/no(ne|assertion)\w*|tbd|tba|todo|to be (done|defined|determined|announced)|fixme|xxx+|more information needed|your[ _-].*|example|placeholder|lorem ipsum.*|not_specified|other|test|-+|\?+|\.+|_+)[\s"'`\])>}.!]*$/i;

/** Whether a value stands for no value. */
export function isPlaceholder(value: string): boolean {
  const text = value.trim();
  return text === '' || (text.length < 200 && placeholder.test(text)) || /^(unknown|none)\b\s*[:,(]/i.test(text);
}

/** Problems of the lint that make the value at their place count for nothing, beside all errors. */
const spoiling = new Set(['purl-name-differs', 'purl-version-mismatch', 'several-expressions', 'placeholder-licence', 'metric-without-number', 'property-value', 'property-conflict']);

/** Scores a document by a profile. `problems`: what the check found. */
export function score(read: Extract<Read, { document: Json }>, profile: Profile, problems: readonly Problem[]): Score {
  const answers = answersOf(read);
  const spoiled = new Map<string, string>();
  for (const { level, code, pointer, message } of problems) if (level === 'error' || spoiling.has(code)) spoiled.set(pointer, message);
  const conflicts = conflictsOf(read.document);
  const wrong = (field: FieldId, { pointer }: Answer): string | undefined => {
    for (const at of [pointer, pointer.slice(0, pointer.lastIndexOf('/'))]) {
      const message = at === '' ? undefined : spoiled.get(at);
      if (message !== undefined) return message;
    }
    const conflict = conflicts.get(field);
    return conflict === undefined ? undefined : `the files contradict each other: ${conflict.slice(0, 200)}`;
  };
  const elements = profile.clusters.flatMap(({ title, elements: list }) => list.map((element) => ({ cluster: title, ...judge(element, answers, wrong) })));
  const most = profile.clusters.reduce((sum, { points, elements: list }) => sum + (points ?? list.length), 0);
  const points = profile.clusters.reduce((sum, { title, points: worth, elements: list }) => {
    const shares = elements.filter(({ cluster }) => cluster === title).reduce((all, { share }) => all + share, 0);
    return sum + (shares / list.length) * (worth ?? list.length);
  }, 0);
  return {
    profile: profile.id, title: profile.title, source: profile.source, format: answers.format,
    filled: Math.floor(elements.reduce((sum, { share }) => sum + share, 0) * 100) / 100, of: elements.length, points: Math.floor((points / most) * 1000) / 10, elements,
  };
}

function judge({ id, title, any }: Element, answers: Answers, wrong: (field: FieldId, answer: Answer) => string | undefined): Omit<Scored, 'cluster'> {
  const fill = [...new Set(any.map((field) => fields[field]))].join('; or ');
  let worst: Omit<Scored, 'cluster'> = { id, title, state: 'missing', share: 0, fill };
  for (const field of any) {
    const given = answers.given.get(field) ?? [];
    const good: Answer[] = [];
    for (const answer of given) {
      const why = isPlaceholder(answer.value) ? undefined : wrong(field, answer);
      const shown = { value: cut(answer.value), pointer: answer.pointer };
      if (isPlaceholder(answer.value)) {
        if (worst.state === 'missing') worst = { id, title, state: 'unknown', share: 0, ...shown, fill };
      } else if (why !== undefined) {
        worst = { id, title, state: 'contradicted', share: 0, ...shown, why, fill };
      } else good.push(answer);
    }
    const [first] = good;
    if (first === undefined) continue;
    const shown = { value: cut(first.value), pointer: first.pointer };
    if (!field.startsWith('each.')) return { id, title, state: 'filled', share: 1, ...shown };
    const have = new Set(good.map(({ of }) => of)).size;
    if (have >= answers.components) return { id, title, state: 'filled', share: 1, ...shown };
    return { id, title, state: 'partial', share: have / answers.components, ...shown, why: `${have} of ${answers.components} components`, fill };
  }
  return worst;
}

/** What the writer of a BOM itself found contradicted: 'assay:conflict:<field>'. */
function conflictsOf(document: Json): Map<FieldId, string> {
  const names: Readonly<Record<string, readonly FieldId[]>> = {
    name: ['model.name', 'system.name'], version: ['model.version', 'system.version'], licence: ['model.licence'], parameters: ['model.parameters'], architecture: ['model.architecture'], 'model-type': ['model.architecture'],
    'context-length': ['model.context-length'], task: ['model.task'], 'vocabulary-size': ['hyper.vocabulary'], 'hidden-size': ['hyper.embedding'], layers: ['hyper.layers'], quantisation: ['hyper.quantisation'],
  };
  const out = new Map<FieldId, string>();
  const subject = ((document['metadata'] as Json | undefined)?.['component'] as Json | undefined)?.['properties'];
  for (const property of Array.isArray(subject) ? (subject as unknown[]) : []) {
    const { name, value } = (property ?? {}) as Json;
    if (typeof name !== 'string' || !name.startsWith('assay:conflict:')) continue;
    for (const field of names[name.slice(15)] ?? []) out.set(field, typeof value === 'string' ? value : '');
  }
  return out;
}

function cut(text: string): string {
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
