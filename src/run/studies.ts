// SPDX-License-Identifier: Apache-2.0
// Studies of data sets: found among what was inspected, each put to its questions in a process of its own.
import { fork, type ChildProcess } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { residentBytes } from '../bytes/resident.ts';
import type { Job } from '../inspect/inspect.ts';
import { fileOf } from '../model/artefact.ts';
import type { Rule } from '../model/rule.ts';
import { fileJudge } from '../rules/judge.ts';
import type { StudyFact } from '../study/question.ts';
import type { Place } from '../study/reading.ts';
import { findSets, type Draft } from '../study/sets.ts';
import type { Stated } from '../study/stated.ts';
import { secondsFor, studyLimits, type StudyTask } from '../study/study.ts';
import type { Answer } from './task.ts';

export interface StudyOptions {
  readonly jobs: readonly Job[];
  readonly rules: readonly Rule[];
  readonly stated?: readonly Stated[];
  /** In this process, without the cap on time and memory. */
  readonly inline: boolean;
  /** Studies at once: each may take half a gigabyte. */
  readonly atOnce: number;
  /** Seconds for a study before what its size adds. */
  readonly seconds: number;
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
  await limit.map(drafts, async (draft) => {
    const task = taskFor(draft, jobs, options.seconds);
    const facts = task.places.length === 0 ? [] : await (options.inline ? inline(task) : sealed(task));
    const first = draft.files[0]!.id;
    said.set(first, [...(said.get(first) ?? []), ...facts]);
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

function taskFor(draft: Draft, jobs: ReadonlyMap<string, Job>, seconds: number): StudyTask {
  const places = new Map<string, Place>();
  for (const id of draft.files.flatMap(({ id, labels }) => (labels === undefined ? [id] : [id, labels]))) {
    const root = fileOf(id);
    const path = jobs.get(root)?.path;
    if (path !== undefined) places.set(root, typeof path === 'string' ? resolve(path) : path);
  }
  return { draft, places: [...places], limits: { ...studyLimits, seconds } };
}

async function inline(task: StudyTask): Promise<StudyFact[]> {
  const [{ scanners }, { questions }, { study }] = await Promise.all([import('../../scanners/index.ts'), import('../study/questions/index.ts'), import('../study/study.ts')]);
  return study(task, scanners, questions);
}

/** In a process of its own; a crash, a hang or a flood is an answer too. */
async function sealed(task: StudyTask): Promise<StudyFact[]> {
  const child = fork(fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './studying.ts' : './studying.js', import.meta.url)), [], {
    execArgv: ['--permission', '--allow-addons', ...readable(task).map((path) => `--allow-fs-read=${path}`), '--disable-warning=SecurityWarning', '--no-warnings'],
    env: {}, // no proxy, no token, no library path
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'json',
  });
  return watch(child, task);
}

function watch(child: ChildProcess, task: StudyTask): Promise<StudyFact[]> {
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
    const end = (facts: StudyFact[]): void => {
      clearTimeout(deadline);
      clearInterval(scales);
      child.removeAllListeners();
      child.on('error', () => {}); // killing what is gone already says nothing new
      child.kill('SIGKILL');
      done(facts);
    };
    child.on('message', (message: { facts: StudyFact[] } | { ready: true }) => {
      if ('facts' in message) end(message.facts);
      else child.send(task, () => {}); // a failed send is a dead child, which 'exit' deals with
    });
    child.on('error', () => end([lost(task, 'could not be started')]));
    child.on('exit', (code, signal) => end([lost(task, reason ?? `ended with ${signal ?? `exit code ${code}`}`)]));
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
function readable({ places }: StudyTask): string[] {
  const root = realpathSync(fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../..' : '.', import.meta.url)));
  const dependency = realpathSync(fileURLToPath(import.meta.resolve('p-limit')));
  const modules = dependency.slice(0, dependency.lastIndexOf(`${sep}node_modules${sep}`));
  const folders = new Set(places.map(([, place]) => dirname(typeof place === 'string' ? place : Buffer.from(place.base64, 'base64').toString('latin1'))));
  const data = folders.size <= 256 ? [...folders] : [commonFolder([...folders])];
  return [join(modules, 'node_modules', '*'), join(root, '*'), ...data.map((folder) => join(folder, '*'))];
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
