// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { defaultLimits, type Limits } from '../bytes/limits.ts';
import type { Job } from '../inspect/inspect.ts';
import { fileOf, isOnnx } from '../model/artefact.ts';
import type { Report } from '../model/report.ts';
import type { Rule, Severity } from '../model/rule.ts';
import type { AssembleOptions } from './assemble.ts';
import type { Stated } from '../study/stated.ts';
import { chosenRules } from './rules.ts';
import { processes } from './processes.ts';
import type { Runner } from './runner.ts';
import type { Answer, Task, Weights } from './task.ts';
import { walk, type Walked } from './walk.ts';

export interface Progress {
  readonly files: number;
  readonly filesInAll: number;
  readonly bytes: number;
  readonly bytesInAll: number;
}

export interface ScanOptions {
  /** Globs on paths relative to the root. */
  readonly exclude?: readonly string[];
  /** Inspecting processes at once; as many as there are cores when absent. */
  readonly jobs?: number;
  readonly limits?: Partial<Limits>;
  /** Only these rules (and `scan-gap`, always). */
  readonly rules?: readonly string[];
  readonly skipRules?: readonly string[];
  /** Severity from which the verdict is 'findings' or 'incomplete'; 'high' when absent. */
  readonly failOn?: Severity | 'never';
  readonly accepted?: ReadonlyMap<string, string>;
  /** 'processes' (default) keeps a hostile file away from this process; 'inline' is for the library and for tests. */
  readonly runner?: 'processes' | 'inline';
  /** Takes one part of `of` of the files, chosen by path: part 1 is the first. */
  readonly shard?: { readonly part: number; readonly of: number };
  /** A folder for facts of files already inspected, named by digest. Whoever can write there can hide findings. */
  readonly cacheDir?: string;
  /** Whether ONNX models are loaded and run by ONNX Runtime, each in a sealed process of its own (default). */
  readonly probe?: boolean;
  /** Demands of a policy to judge by, with what its signers were found to have signed. */
  readonly trust?: AssembleOptions['trust'];
  /** A folder of real inputs (.npy) for the patch sweep over image models. */
  readonly probeInputs?: string;
  /**
   * Whether data sets are studied as a whole, in sealed processes. 'auto' (default, as true) leaves out loose texts and records that nothing
   * says are data, and says so; 'all' studies them too.
   */
  readonly study?: boolean | 'auto' | 'all';
  /** What is stated about data sets: see `readOverlay`. */
  readonly stated?: readonly Stated[];
  /** How much of the weights is weighed; 'auto' when absent: all up to 128 MiB of tensors in a file, a sample beyond. */
  readonly weights?: Weights;
  /** The model that the weights are said to come from: a file or folder, which is compared with them and not judged itself. */
  readonly baseModel?: string;
  readonly onProgress?: (progress: Progress) => void;
  /** 'all' (default) gives every fact in the report; 'needed' only those that rules over the collection look at, which is faster. */
  readonly facts?: 'all' | 'needed';
}

/**
 * Walks, hashes, inspects and judges. Throws `UsageError` for what the caller got wrong; everything that is wrong with
 * the artefacts is in the report.
 */
export async function scan(paths: readonly string[], options: ScanOptions = {}): Promise<Report> {
  const limits = { ...defaultLimits, ...options.limits };
  const named = options.rules === undefined && options.skipRules === undefined ? undefined : await chosenRules(options.rules, options.skipRules);
  const task: Task = {
    limits,
    cacheDir: options.cacheDir,
    weights: options.weights,
    rules: named?.map(({ id }) => id),
    facts: options.facts ?? 'all',
    study: options.study !== false,
  };
  const most = options.jobs ?? availableParallelism();
  const pool = options.runner === 'inline' ? undefined : processes({ processes: most, task });
  const runner = pool ?? (await inlineRunner(task));
  pool?.warm(paths.length === 1 && !isFolder(paths[0]!) ? 1 : Math.min(most, availableParallelism())); // more than that only as there is work
  const walked = await walkOrClose(paths, options.exclude, runner);
  const mine = options.shard === undefined ? () => true : inShard(options.shard);
  const jobs = walked.jobs.filter(({ id }) => mine(id));
  const others = walked.others.filter(({ artefact }) => mine(artefact.id));
  const inspecting = inspectAll(jobs, runner, most, options.onProgress);
  inspecting.catch(() => {}); // awaited below
  // Rules are loaded while the inspecting processes start.
  const { assemble } = await import('./assemble.ts');
  const rules = named ?? (await chosenRules());
  const answered = await withDigests(await inspecting, jobs, limits);
  const probed = options.probe === false ? answered : await withProbes(answered, jobs, rules, limits, options.probeInputs);
  const compared = options.weights === 'off' ? probed : await withDeltas(probed, jobs, rules, limits, options);
  const inspected = options.study === false ? compared : await withStudies(compared, jobs, rules, limits, options);
  return assemble([...others.map((one) => ({ inspected: [one] })), ...inspected], {
    root: walked.root,
    rules,
    failOn: options.failOn ?? 'high',
    excluded: walked.excluded,
    ...(options.shard === undefined ? {} : { shard: `${options.shard.part}/${options.shard.of}` }),
    ...(options.accepted === undefined ? {} : { accepted: options.accepted }),
    ...(options.trust === undefined ? {} : { trust: options.trust }),
  });
}

/** Parcels in flight: answers kept waiting in memory are bounded by what is in them. */
const inFlight = 16;
/** Small files are asked for together: a promise for each would cost more than reading it. */
const parcelJobs = 64;
const parcelBytes = 4 << 20;

/** Large files first: the last process to end then ends soonest. */
async function inspectAll(jobs: readonly Job[], runner: Runner, most: number, onProgress: ScanOptions['onProgress']): Promise<Answer[]> {
  const limit = pLimit(Math.max(inFlight, 4 * most));
  const bytesInAll = jobs.reduce((sum, job) => sum + job.size, 0);
  let files = 0;
  let bytes = 0;
  const largestFirst = jobs.toSorted((a, b) => b.size - a.size);
  try {
    const answers = await limit.map(parcels(largestFirst), async (parcel) => {
      const results = await runner.run(parcel);
      files += parcel.length;
      for (const { size } of parcel) bytes += size;
      onProgress?.({ files, filesInAll: jobs.length, bytes, bytesInAll });
      return results;
    });
    return answers.flat();
  } finally {
    await runner.close();
  }
}

function parcels(jobs: readonly Job[]): Job[][] {
  const out: Job[][] = [];
  let room = 0;
  for (const job of jobs) {
    const last = out.at(-1);
    if (last !== undefined && last.length < parcelJobs && job.size <= room) last.push(job);
    else {
      out.push([job]);
      room = parcelBytes;
    }
    room -= job.size;
  }
  return out;
}

/** What was started for nothing is ended before a bad path is reported. */
async function walkOrClose(paths: readonly string[], exclude: readonly string[] | undefined, runner: Runner): Promise<Walked> {
  try {
    return walk(paths, exclude);
  } catch (error) {
    await runner.close();
    throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Only this runner needs the scanners in this process. */
async function inlineRunner(task: Task): Promise<Runner> {
  const [{ scanners }, { rules }, { inline }] = await Promise.all([import('../../scanners/index.ts'), import('../rules/index.ts'), import('./runner.ts')]);
  return inline(scanners, rules, task);
}

function inShard({ part, of }: { part: number; of: number }): (id: string) => boolean {
  return (id) => {
    return createHash('sha256').update(fileOf(id)).digest().readUInt32BE(0) % of === part - 1;
  };
}

/** Loaded only where some file records what the bytes of another are. */
async function withDigests(answers: readonly Answer[], jobs: readonly Job[], limits: Limits): Promise<readonly Answer[]> {
  const records = ({ inspected }: Answer): boolean => inspected.some(({ facts }) => facts.some(({ kind }) => kind === 'record' || kind === 'link'));
  return answers.some(records) ? (await import('./digests.ts')).digestsForRecords(answers, jobs, limits) : answers;
}

/** The probing is loaded only where there is something to probe. */
async function withProbes(answers: readonly Answer[], jobs: readonly Job[], rules: readonly Rule[], limits: Limits, inputs?: string): Promise<readonly Answer[]> {
  const isModel = ({ inspected }: Answer): boolean => inspected.some(({ artefact }) => isOnnx(artefact));
  return answers.some(isModel) ? (await import('./probing.ts')).probeModels(answers, jobs, rules, limits, inputs) : answers;
}

/** The comparing is loaded only where weights may have a base here, or be an adapter. */
async function withDeltas(answers: readonly Answer[], jobs: readonly Job[], rules: readonly Rule[], limits: Limits, options: ScanOptions): Promise<readonly Answer[]> {
  const { baseModel, runner, jobs: most } = options;
  const base = baseModel === undefined ? undefined : {
    inspected: (await scan([baseModel], { limits, weights: 'off', probe: false, study: false, ...(runner === undefined ? {} : { runner }), ...(most === undefined ? {} : { jobs: most }) })).inspected,
    jobs: walk([baseModel]).jobs,
  };
  if (base === undefined && !answers.some(mayHaveBase)) return answers;
  return (await import('./deltas.ts')).compareModels(answers, jobs, rules, limits, base);
}

function mayHaveBase({ inspected }: Answer): boolean {
  return inspected.some(({ facts }) => facts.some((fact) => (fact.kind === 'link' && fact.role === 'base-model') || (fact.kind === 'claim' && fact.value === 'tie_word_embeddings=true') || (fact.kind === 'tensor' && (fact.name.includes('lora_') || /^Q\d/.test(fact.dtype)))));
}

/** The studying is loaded only where there may be a data set. */
async function withStudies(answers: readonly Answer[], jobs: readonly Job[], rules: readonly Rule[], limits: Limits, { stated = [], runner, jobs: most, cacheDir, probe, study }: ScanOptions): Promise<readonly Answer[]> {
  if (stated.length === 0 && !mayHoldSets(answers)) return answers;
  const { studySets } = await import('./studies.ts');
  return studySets(answers, { jobs, rules, stated, depth: study === 'all' ? 'all' : 'auto', probe: probe !== false, inline: runner === 'inline', atOnce: Math.max(1, Math.min(2, most ?? availableParallelism())), seconds: limits.timeout, cacheDir });
}

const mayBeRow = /(?:^|\/)[^./]+$|\.(?:png|jpe?g|gif|webp|bmp|tiff?|p[gp]m|txt|md|eml|html?|rst|text)$/i;
const fewestRows = 20;

/** A cheap look: a table's column, or many files that could be rows themselves. */
function mayHoldSets(answers: readonly Answer[]): boolean {
  let files = 0;
  for (const { inspected } of answers) {
    for (const { artefact, facts } of inspected) {
      if (facts.some(({ kind }) => kind === 'column')) return true;
      if (mayBeRow.test(artefact.id)) files += 1;
    }
  }
  return files >= fewestRows;
}
