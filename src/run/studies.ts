// SPDX-License-Identifier: Apache-2.0
// Studies of data sets: found among what was inspected, each put to its questions in a process of its own.
import { fork, type ChildProcess } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { residentBytes } from '../bytes/resident.ts';
import type { Job } from '../inspect/inspect.ts';
import { fileOf, isOnnx, type Inspected } from '../model/artefact.ts';
import type { Rule } from '../model/rule.ts';
import { fileJudge } from '../rules/judge.ts';
import { leftOut, looseSets } from '../study/loose.ts';
import type { Candidate, StudyFact } from '../study/question.ts';
import type { Place } from '../study/reading.ts';
import { findSets, type Draft } from '../study/sets.ts';
import type { Stated } from '../study/stated.ts';
import { secondsFor, studyLimits, type StudyTask } from '../study/study.ts';
import { cacheIn } from './cache.ts';
import type { Answer } from './task.ts';

export interface StudyOptions {
  readonly jobs: readonly Job[];
  readonly rules: readonly Rule[];
  readonly stated?: readonly Stated[];
  /** 'all' studies loose texts and records too: see study/loose.ts. */
  readonly depth: 'auto' | 'all';
  /** Whether models of the scan may be run on sets that they may belong to. */
  readonly probe?: boolean;
  /** In this process, without the cap on time and memory. */
  readonly inline: boolean;
  /** Studies at once: each may take half a gigabyte. */
  readonly atOnce: number;
  /** Seconds for a study before what its size adds. */
  readonly seconds: number;
  /** Where answers are kept by the digests of all files of a set, as facts of files are. */
  readonly cacheDir?: string | undefined;
}

/** Resident bytes of a studying process; what it keeps is bounded far below. */
const memoryAllowed = 1 << 30;

/** Studies every data set, and adds what came out to what is known of its first file. */
export async function studySets(answers: readonly Answer[], options: StudyOptions): Promise<readonly Answer[]> {
  const inspected = answers.flatMap((answer) => answer.inspected);
  const drafts = findSets(inspected, options.stated);
  if (drafts.length === 0) return answers;
  const jobs = new Map(options.jobs.map((job) => [job.id, job]));
  const limit = pLimit(options.inline ? 1 : options.atOnce);
  const said = new Map<string, StudyFact[]>();
  const left = options.depth === 'all' ? new Set<Draft>() : looseSets(drafts, options.jobs.reduce((sum, { size }) => sum + size, 0));
  for (const draft of left) said.set(draft.files[0]!.id, [leftOut(draft)]);
  const tasks = drafts.filter((draft) => !left.has(draft)).map((draft) => taskFor(draft, jobs, options.seconds, options.probe === true ? modelsBeside(draft, inspected, jobs) : [])).filter(({ places }) => places.length > 0);
  const memory = options.cacheDir === undefined ? undefined : memoryIn(options.cacheDir, inspected);
  const open = tasks.filter((task) => {
    const known = memory?.recall(task);
    if (known !== undefined) said.set(task.draft.files[0]!.id, known);
    return known === undefined;
  });
  await limit.map(options.inline ? open.map((task) => [task]) : parcels(open, options.atOnce), async (parcel) => {
    const answers = await (options.inline ? inline(parcel) : sealed(parcel));
    parcel.forEach((task, index) => {
      said.set(task.draft.files[0]!.id, answers[index]!); // files of sets are disjoint
      memory?.keep(task, answers[index]!);
    });
  });
  const judgeFile = fileJudge(options.rules);
  return answers.map((answer) => {
    const mine = answer.inspected.filter(({ artefact }) => said.has(artefact.id));
    if (mine.length === 0) return answer;
    const studied = mine.map((one) => ({ ...one, facts: said.get(one.artefact.id)! }));
    return {
      inspected: answer.inspected.map((one) => (said.has(one.artefact.id) ? { ...one, facts: [...one.facts, ...said.get(one.artefact.id)!] } : one)),
      // What was judged already holds no study, and rules about studies read nothing else.
      ...(answer.findings === undefined ? {} : { findings: [...answer.findings, ...judgeFile(studied)] }),
    };
  });
}

interface Memory {
  recall(task: StudyTask): StudyFact[] | undefined;
  keep(task: StudyTask, facts: readonly StudyFact[]): void;
}

/** Answers of earlier scans, by everything they depend on: the set as it was found, and the bytes of all its files. */
function memoryIn(folder: string, inspected: readonly Inspected[]): Memory {
  const cache = cacheIn(folder);
  const digests = new Map(inspected.map(({ artefact }) => [artefact.id, artefact.digests.sha256]));
  const keyOf = ({ draft, places, limits, models = [] }: StudyTask): string | undefined => {
    const roots = [...places.map(([id]) => id), ...models.map(({ id }) => id)].map((id) => digests.get(id));
    return roots.includes(undefined) ? undefined : hash('sha256', JSON.stringify([draft, roots, limits]));
  };
  return {
    recall(task) {
      const key = keyOf(task);
      const [known] = key === undefined ? [] : (cache.get(key, 'study', task.limits) ?? []);
      return known?.facts.filter((fact) => fact.kind === 'study');
    },
    keep(task, facts) {
      const key = keyOf(task);
      // Only what went well is worth keeping; the rest may be of the moment.
      if (key === undefined || facts.length === 0 || facts.some(({ question, outcome }) => outcome === 'not-assessable' && (question === 'study' || question === 'rows'))) return;
      cache.put(key, 'study', task.limits, [{ artefact: { id: 'study', size: 0, format: 'study', digests: { sha256: key } }, coverage: 'complete', facts }]);
    },
  };
}

const mostModels = 4;

/** ONNX models of the collection, those that lie nearest to the set first; only sets of pictures are put to them. */
function modelsBeside({ name, files }: Draft, inspected: readonly Inspected[], jobs: ReadonlyMap<string, Job>): Candidate[] {
  const near = (id: string): number => {
    const [a, b] = [id.split('/'), (files[0]?.id ?? name).split('/')];
    let same = 0;
    while (same < a.length - 1 && a[same] === b[same]) same += 1;
    return same;
  };
  return inspected.filter(({ artefact, coverage }) => isOnnx(artefact) && coverage === 'complete' && !artefact.id.includes('!/'))
    .toSorted((a, b) => near(b.artefact.id) - near(a.artefact.id) || (a.artefact.id < b.artefact.id ? -1 : 1)).slice(0, mostModels)
    .flatMap(({ artefact: { id } }) => {
      const path = jobs.get(id)?.path;
      return typeof path === 'string' ? [{ id, path: realpathSync(path) }] : [];
    });
}

function taskFor(draft: Draft, jobs: ReadonlyMap<string, Job>, seconds: number, models: readonly Candidate[]): StudyTask {
  const places = new Map<string, Place>();
  for (const id of draft.files.flatMap(({ id, labels }) => (labels === undefined ? [id] : [id, labels]))) {
    const root = fileOf(id);
    const path = jobs.get(root)?.path;
    if (path !== undefined) places.set(root, typeof path === 'string' ? resolve(path) : path);
  }
  return { draft, places: [...places], ...(models.length === 0 ? {} : { models }), limits: { ...studyLimits, seconds } };
}

async function inline(tasks: readonly StudyTask[]): Promise<StudyFact[][]> {
  const [{ scanners }, { questions }, { study }] = await Promise.all([import('../../scanners/index.ts'), import('../study/questions/index.ts'), import('../study/study.ts')]);
  const out: StudyFact[][] = [];
  for (const task of tasks) out.push(await study(task, scanners, questions));
  return out;
}

/** Sets up to this size share a process, one after the other: it takes a second to start and to warm up. One that ends it is studied again alone. */
const shared = { bytes: 64 << 20, sets: 512 } as const;

/** Large sets alone; the others dealt out, largest first, to as many processes as work at once. */
function parcels(tasks: readonly StudyTask[], atOnce: number): StudyTask[][] {
  const largestFirst = tasks.toSorted((a, b) => b.draft.size - a.draft.size);
  const small = largestFirst.filter(({ draft }) => draft.size <= shared.bytes);
  const count = Math.max(Math.min(atOnce, Math.ceil(small.length / 4)), Math.ceil(small.length / shared.sets));
  const hands = Array.from({ length: count }, (): { tasks: StudyTask[]; size: number } => ({ tasks: [], size: 0 }));
  for (const task of small) {
    const open = hands.filter((hand) => hand.tasks.length < shared.sets);
    const least = open.reduce((one, other) => (other.size < one.size ? other : one));
    least.tasks.push(task);
    least.size += task.draft.size;
  }
  return [...largestFirst.filter(({ draft }) => draft.size > shared.bytes).map((task) => [task]), ...hands.map((hand) => hand.tasks)];
}

/** In a sealed process; a crash, a hang or a flood is an answer too. */
async function sealed(tasks: readonly StudyTask[]): Promise<StudyFact[][]> {
  // What is unpacked and too long for memory goes there, and nowhere else.
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'assay-study-')));
  try {
    return await sealedIn(scratch, tasks);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function sealedIn(scratch: string, tasks: readonly StudyTask[]): Promise<StudyFact[][]> {
  const out: StudyFact[][] = [];
  for (let begin = 0; begin < tasks.length; ) {
    const left = tasks.slice(begin);
    const child = fork(fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './studying.ts' : './studying.js', import.meta.url)), [], {
      // A heap that may grow waits with collecting: what is held is far below, what is thrown away must not count as held.
      execArgv: ['--max-old-space-size=768', '--max-semi-space-size=16', '--permission', '--allow-addons', '--allow-worker', `--allow-fs-write=${join(scratch, '*')}`, ...[join(scratch, '*'), ...readable(left)].map((path) => `--allow-fs-read=${path}`), '--disable-warning=SecurityWarning', '--no-warnings'],
      env: { TMPDIR: scratch }, // no proxy, no token, no library path
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('error', () => {}); // 'exit' follows, or the deadline
    for (const task of left) {
      const said = await watch(child, task);
      begin += 1;
      if (Array.isArray(said)) {
        out.push(said);
        continue;
      }
      out.push(left.length === 1 ? [lost(task, said.lost)] : (await sealed([task]))[0]!);
      break;
    }
    child.kill('SIGKILL');
  }
  return out;
}

/** Gives a task to a child, and its answer, or how the child was lost. */
function watch(child: ChildProcess, task: StudyTask): Promise<StudyFact[] | { readonly lost: string }> {
  return new Promise((done) => {
    let reason: string | undefined;
    const seconds = secondsFor(task) + 10; // it keeps to its own deadline where it can
    const stop = (why: string): void => {
      reason ??= why;
      child.kill('SIGKILL');
    };
    const deadline = setTimeout(() => stop(`did not end within ${seconds} s`), seconds * 1000);
    const scales = setInterval(() => {
      if ((residentBytes(child.pid) ?? 0) > memoryAllowed) stop(`grew beyond ${memoryAllowed} bytes of memory`);
    }, 50);
    const end = (said: StudyFact[] | { readonly lost: string }): void => {
      clearTimeout(deadline);
      clearInterval(scales);
      child.off('message', hear);
      child.off('exit', leave);
      done(said);
    };
    const hear = (message: { facts: StudyFact[] }): void => end(message.facts);
    const leave = (code: number | null, signal: string | null): void => end({ lost: reason ?? `ended with ${signal ?? `exit code ${code}`}` });
    child.on('message', hear);
    child.on('exit', leave);
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) end({ lost: 'could not be started' });
    else child.send(task, () => {}); // a failed send is a dead child, which 'exit' deals with
  });
}

/** What stands for all answers when the process is gone. */
function lost({ draft }: StudyTask, how: string): StudyFact {
  return {
    kind: 'study', question: 'study', outcome: 'not-assessable', of: draft.name, n: 0, ...(draft.rows === undefined ? {} : { among: draft.rows }),
    what: `the process that studied the data set ${how}: no question about it is answered`, blind: 'all of it',
  };
}

/** This package with what it needs, and the data: whole folders, since sets of pictures have many files. */
function readable(tasks: readonly StudyTask[]): string[] {
  const places = tasks.flatMap((task) => task.places);
  const root = realpathSync(fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../..' : '..', import.meta.url)));
  const dependency = realpathSync(fileURLToPath(import.meta.resolve('p-limit')));
  const modules = dependency.slice(0, dependency.indexOf(`${sep}node_modules${sep}`)); // the outermost: some installers nest them
  const folders = new Set(places.map(([, place]) => dirname(typeof place === 'string' ? place : Buffer.from(place.base64, 'base64').toString('latin1'))));
  const data = folders.size <= 256 ? [...folders] : [commonFolder([...folders])];
  const models = tasks.flatMap((task) => (task.models ?? []).map(({ path }) => realpathSync(path)));
  return [join(modules, 'node_modules', '*'), join(root, '*'), ...data.map((folder) => join(folder, '*')), ...new Set(models)];
}

function commonFolder(folders: readonly string[]): string {
  const [first, ...others] = folders.map((folder) => folder.split(sep));
  let length = first!.length;
  for (const other of others) {
    let same = 0;
    while (same < length && same < other.length && other[same] === first![same]) same += 1;
    length = same;
  }
  return first!.slice(0, length).join(sep) || sep;
}
