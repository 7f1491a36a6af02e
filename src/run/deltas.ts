// SPDX-License-Identifier: Apache-2.0
// Models beside the base they come from, given or found in the same scan; adapters by themselves. Only arithmetic on numbers that
// facts have placed is done here, so it needs no process of its own.
import { FileSource } from '../bytes/file.ts';
import { Budget, type Limits } from '../bytes/limits.ts';
import type { ByteSource } from '../bytes/source.ts';
import { adapter } from '../delta/adapter.ts';
import { delta, type Open } from '../delta/delta.ts';
import { isAdapter, modelsIn, type Model } from '../delta/models.ts';
import { pairsIn, quantised } from '../delta/quantised.ts';
import { tied } from '../delta/tied.ts';
import type { Job } from '../inspect/inspect.ts';
import type { Inspected } from '../model/artefact.ts';
import type { FactOf } from '../model/fact.ts';
import type { Rule } from '../model/rule.ts';
import { fileJudge } from '../rules/judge.ts';
import { resolveFrom } from '../rules/policy/repository.ts';
import type { Answer } from './task.ts';

type Study = FactOf<'study'>;

/** What was scanned as a base: its artefacts, and where their files are. */
export interface Base {
  readonly inspected: readonly Inspected[];
  readonly jobs: readonly Job[];
}

/** Bytes of weights up to which a base that was only found is compared; one that was given always is. */
const mostFound = 16 * 2 ** 30;

/** Adds what comparing tells to the first weight file of each model. Never throws: a file that changed since cannot be compared, and is said so. */
export async function compareModels(answers: readonly Answer[], jobs: readonly Job[], rules: readonly Rule[], limits: Limits, base?: Base): Promise<readonly Answer[]> {
  const all = answers.flatMap(({ inspected }) => inspected);
  const models = modelsIn(all);
  const given = base === undefined ? [] : modelsIn(base.inspected);
  const said = new Map<string, Study[]>();
  for (const model of models) {
    const facts = await about(model, { models, given, all, jobs, limits, base });
    if (facts.length > 0) said.set(model.file, facts);
  }
  for (const [file, pairs] of pairsIn(all)) {
    const { open, close } = opener(jobs, limits);
    try {
      said.set(file, [...(said.get(file) ?? []), await quantised(file, pairs, open)]);
    } catch (error) {
      said.set(file, [...(said.get(file) ?? []), { kind: 'study', question: 'quantised-source', outcome: 'not-assessable', of: file, what: `comparing was given up: ${(error as Error).message}`, n: 0, among: pairs.length, blind: 'whether it was made from the weights beside it' }]);
    } finally {
      close();
    }
  }
  if (said.size === 0) return answers;
  const judgeFile = fileJudge(rules);
  return answers.map((answer) => {
    const mine = answer.inspected.find(({ artefact }) => said.has(artefact.id));
    if (mine === undefined) return answer;
    const facts = said.get(mine.artefact.id)!;
    return {
      inspected: answer.inspected.map((one) => (one === mine ? { ...one, facts: [...one.facts, ...facts] } : one)),
      // What was judged already holds none of these, and rules about studies read nothing else.
      ...(answer.findings === undefined ? {} : { findings: [...answer.findings, ...judgeFile([{ ...mine, facts }])] }),
    };
  });
}

interface Among {
  readonly models: readonly Model[];
  readonly given: readonly Model[];
  readonly all: readonly Inspected[];
  readonly jobs: readonly Job[];
  readonly limits: Limits;
  readonly base: Base | undefined;
}

async function about(model: Model, { models, given, all, jobs, limits, base }: Among): Promise<Study[]> {
  const mine = opener(jobs, limits);
  const theirs = base === undefined ? undefined : opener(base.jobs, limits);
  try {
    const bound = isTied(model, all) ? await tied(model, mine.open) : undefined;
    const own = bound === undefined ? [] : [bound];
    if (isAdapter(model)) {
      const study = await adapter(model, mine.open);
      return study === undefined ? [] : [study];
    }
    if (base !== undefined) {
      const [best] = given.map((one) => ({ one, shared: sharedNames(model, one) })).toSorted((a, b) => b.shared - a.shared);
      return best === undefined ? [...own, undone(model, 'the base that was given holds no weights that can be compared')] : [...own, ...await delta(model, best.one, 'given', { mine: mine.open, base: theirs!.open })];
    }
    const found = foundBase(model, models, all);
    if (found === undefined) return own;
    if (model.bytes + found.bytes > mostFound) return [...own, undone(model, `the base ${found.folder} is here too, and both have ${model.bytes + found.bytes} bytes (${mostFound} are compared unasked); give it with --base-model`)];
    return [...own, ...await delta(model, found, 'declared', { mine: mine.open, base: mine.open })];
  } catch (error) {
    return [undone(model, `comparing with the base was given up: ${(error as Error).message}`)];
  } finally {
    mine.close();
    theirs?.close();
  }
}

/** Whether the configuration beside the weights says that embedding and output layer are one. */
function isTied({ folder }: Model, all: readonly Inspected[]): boolean {
  const config = all.find(({ artefact }) => artefact.id === (folder === '' ? 'config.json' : `${folder}/config.json`));
  return config?.facts.some((fact) => fact.kind === 'claim' && fact.field === 'hyperparameter' && fact.value === 'tie_word_embeddings=true') === true;
}

function undone(model: Model, what: string): Study {
  return { kind: 'study', question: 'base-delta', outcome: 'not-assessable', of: model.folder === '' ? model.file : model.folder, what, n: 0, among: model.tensors.size, blind: 'whether it comes from this base, and what was changed' };
}

function sharedNames(a: Model, b: Model): number {
  let shared = 0;
  for (const name of a.tensors.keys()) if (b.tensors.has(name)) shared += 1;
  return shared;
}

/** The model of another folder that files of this one name as their base. */
function foundBase(model: Model, models: readonly Model[], all: readonly Inspected[]): Model | undefined {
  const inside = model.folder === '' ? '' : `${model.folder}/`;
  for (const { artefact, facts } of all) {
    const { id } = artefact;
    const file = id.split('!/', 1)[0]!;
    if (!file.startsWith(inside) || file.slice(inside.length).includes('/')) continue;
    for (const fact of facts) {
      if (fact.kind !== 'link' || fact.role !== 'base-model') continue;
      const other = models.find((one) => one !== model && isCalled(one.folder, fact.target, model.folder));
      if (other !== undefined && !isAdapter(other)) return other;
    }
  }
  return undefined;
}

/** Whether a folder is what a base is called: its path from here, its name, or its place in a hub's cache. */
function isCalled(folder: string, target: string, from: string): boolean {
  const plain = target.toLowerCase().replace(/\/+$/, '');
  const path = folder.toLowerCase();
  return resolveFrom(from, target) === folder || (plain !== '' && path.split('/').at(-1) === plain.split('/').at(-1)) || path.includes(`models--${plain.replaceAll('/', '--')}/snapshots/`);
}

/** Opens each file once. */
function opener(jobs: readonly Job[], limits: Limits): { readonly open: Open; readonly close: () => void } {
  const sources = new Map<string, FileSource | undefined>();
  const open = (id: string): ByteSource | undefined => {
    if (!sources.has(id)) sources.set(id, openFile(jobs.find((job) => job.id === id), limits));
    return sources.get(id);
  };
  return { open, close: () => { for (const source of sources.values()) source?.close(); } };
}

function openFile(job: Job | undefined, limits: Limits): FileSource | undefined {
  if (job === undefined) return undefined;
  try {
    return FileSource.open(typeof job.path === 'string' ? job.path : Buffer.from(job.path.base64, 'base64'), new Budget(limits, job.size), false);
  } catch {
    return undefined; // it went since it was scanned
  }
}
