// SPDX-License-Identifier: Apache-2.0
import type { Limits } from '../bytes/limits.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Job, Look } from '../inspect/inspect.ts';
import { fileOf, type Inspected } from '../model/artefact.ts';
import type { Fact } from '../model/fact.ts';
import type { Finding } from '../model/finding.ts';
import type { Rule } from '../model/rule.ts';
import type { Scanner } from '../model/scanner.ts';
import { fileJudge } from '../rules/judge.ts';
import { inspectOrRecall } from './recall.ts';

/** 'full' reads every tensor, 'sample' blocks at even distances, 'auto' samples only what is large, 'off' weighs nothing. */
export type Weights = 'full' | 'sample' | 'auto' | 'off';

/** What is to be done with every file. It travels to other processes. */
export interface Task {
  readonly limits: Limits;
  readonly cacheDir?: string | undefined;
  /** Ids of the rules to ask; all when absent. */
  readonly rules?: readonly string[] | undefined;
  /** How much of the weights is weighed: 'auto' when absent. */
  readonly weights?: Weights | undefined;
  /** Facts to keep after judging: all, or gaps and the kinds that rules over the collection look at. Few travel faster than many. */
  readonly facts: 'all' | 'needed';
  /** Whether data sets are studied afterwards: what tells them is kept. */
  readonly study?: boolean;
}

/** A root file and its members, inspected, and judged as far as that file alone goes. */
export interface Answer {
  readonly inspected: readonly Inspected[];
  /** Absent where nothing judged it yet. */
  readonly findings?: readonly Finding[];
}

/** Does the task for one file at a time. Never rejects: what cannot be done is a gap in the answer. */
export function worker(scanners: readonly Scanner[], rules: readonly Rule[], task: Task): (job: Job) => Promise<Answer> {
  const asked = task.rules === undefined ? undefined : new Set(task.rules);
  const mine = asked === undefined ? rules : rules.filter(({ id }) => asked.has(id));
  const judgeFile = fileJudge(mine);
  // Every report names the gaps, and what origins rest on; tensors are compared with those of a base.
  const needed = new Set<string>(['gap', 'claim', 'link', 'record', 'study', 'tensor', ...mine.flatMap(({ over, reads }) => (over === 'collection' ? reads : []))]);
  return async (job) => {
    const found = withKnown(job, await inspectOrRecall(job, scanners, task.limits, task.cacheDir, looker(task.weights), task.weights ?? 'auto'));
    const inspected = await withOutside(job, found, task.limits, task.weights);
    const findings = judgeFile(inspected);
    if (task.facts === 'all') return { inspected, findings };
    const kept = ({ facts }: Inspected): Inspected['facts'] => {
      const columns = task.study === true && facts.some(({ kind }) => kind === 'column');
      return facts.filter((fact) => needed.has(fact.kind) || (columns && tellsTable(fact)));
    };
    return { inspected: inspected.map((one) => ({ ...one, facts: kept(one) })), findings };
  };
}

/** What tells a table that may belong to a data set, and how large it is. */
function tellsTable(fact: Fact): boolean {
  return fact.kind === 'column' || (fact.kind === 'anomaly' && fact.measure === 'rows') || (fact.kind === 'claim' && fact.field === 'target');
}

/** Weighs tensors, where there are some: what it takes is loaded then. */
export function looker(weights: Weights = 'auto'): Look | undefined {
  if (weights === 'off') return undefined;
  return (source, facts) => (facts.some(({ kind }) => kind === 'tensor') ? weighed(source, facts, weights) : undefined);
}

async function* weighed(source: ByteSource, facts: readonly Fact[], weights: Exclude<Weights, 'off'>): AsyncGenerator<Fact> {
  yield* (await import('../weigh/weigh.ts')).weigh(source, facts, weights);
}

/** Weighs what lies in another file of the same folder. After the cache: those bytes are not what an answer is kept for. */
async function withOutside(job: Job, inspected: readonly Inspected[], limits: Limits, weights: Weights = 'auto'): Promise<readonly Inspected[]> {
  if (weights === 'off' || !inspected.some(({ facts }) => facts.some((fact) => fact.kind === 'tensor' && fact.outside !== undefined))) return inspected;
  return (await import('./outside.ts')).weighOutside(job, inspected, limits, weights);
}

/** Says of the root file what was known of it before it was opened. */
export function withKnown({ id, known = [] }: Job, inspected: readonly Inspected[]): readonly Inspected[] {
  return known.length === 0 ? inspected : inspected.map((one) => (one.artefact.id === id ? { ...one, facts: [...known, ...one.facts] } : one));
}

/** What was inspected before, file by file, to be judged again. */
export function answersOf(inspected: readonly Inspected[]): Answer[] {
  return [...Map.groupBy(inspected, ({ artefact }) => fileOf(artefact.id)).values()].map((file) => ({ inspected: file }));
}
