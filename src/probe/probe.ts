// SPDX-License-Identifier: Apache-2.0
import { fork, type ChildProcess } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { residentBytes } from '../bytes/resident.ts';
import type { FactOf } from '../model/fact.ts';

type Check = FactOf<'check'>;

/** A model to load and run. */
export interface Question {
  /** Absolute path of the model. */
  readonly path: string;
  /** Bytes, with those of its external data. */
  readonly size: number;
  /** Tensors lie in files beside it, which the runtime opens by itself. */
  readonly external: boolean;
  /** Operators that run others again and again: without them a run that does not end is only a long one. */
  readonly loops: boolean;
  /** Absolute path of a folder with real inputs (.npy), for the patch sweep. */
  readonly inputs?: string;
}

/** What is asked, with the seconds after which no run is made that can be left out. */
export interface Task extends Question {
  readonly seconds: number;
}

/** The child's last word about a model. */
export interface Answer {
  readonly checks: readonly Check[];
}

/** What the child says on the way: the runtime is there; the model is loaded, and declares inputs and outputs of so many bytes; a first run ended. */
export type Progress = { readonly ready: true } | { readonly loaded: true; readonly declared: number } | { readonly ran: true };

export interface ProbeLimits {
  /** Seconds for one model, and one more for each 16 MiB. */
  readonly seconds: number;
  /** Resident bytes, beside three times the model's size and what its declared inputs and outputs may need on the way. */
  readonly memory: number;
  /** Bytes of a model (with external data) that is still run. */
  readonly size: number;
}

export const probeLimits: ProbeLimits = { seconds: 20, memory: 1 << 30, size: 1 << 30 };

const MiB = 1 << 20;
/** Layers hold many times an input's bytes: a picture of three channels becomes one of 64, more than once. Declared sizes buy no more than `mostForPorts`. */
const perPortByte = 64;
const mostForPorts = 2 * 1024 * MiB;
/** Time for a patch sweep, beside that for the other questions. */
const sweepSeconds = 90;

/**
 * Loads and runs one model in a process of its own, which may read nothing but this package, the runtime and the model's
 * folder. Never throws: a crash, a hang or a flood is the answer.
 */
export async function probe(question: Question, limits: ProbeLimits = probeLimits): Promise<Check[]> {
  if (question.size > limits.size) return [unasked(`the model has ${question.size} bytes, allowed ${limits.size}`)];
  const own = import.meta.url.endsWith('.ts') ? './probing.ts' : './probing.js';
  const child = fork(fileURLToPath(new URL(own, import.meta.url)), [], {
    execArgv: ['--permission', '--allow-addons', ...readable(question).map((path) => `--allow-fs-read=${path}`), '--disable-warning=SecurityWarning', '--no-warnings'],
    env: {}, // no proxy, no token, no library path
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return watch(child, question, limits);
}

function watch(child: ChildProcess, question: Question, limits: ProbeLimits): Promise<Check[]> {
  return new Promise((resolve) => {
    let stage: Stage = 'start';
    let reason: { readonly how: string; readonly late: boolean } | undefined;
    let allowed = limits.memory + 3 * question.size;
    const own = limits.seconds + Math.ceil(question.size / (16 * MiB));
    // The sweep keeps its own time, and asks a little more for its last candidates.
    const seconds = own + (question.inputs === undefined ? 0 : sweepSeconds);
    const stop = (how: string, late: boolean): void => {
      reason ??= { how, late };
      child.kill('SIGKILL');
    };
    const deadline = setTimeout(() => stop(`did not end within ${seconds} s`, true), seconds * 1000);
    const scales = setInterval(() => {
      if ((residentBytes(child.pid) ?? 0) > allowed) stop(`grew beyond ${allowed} bytes of memory`, false);
    }, 50);
    const done = (checks: Check[]): void => {
      clearTimeout(deadline);
      clearInterval(scales);
      child.removeAllListeners();
      child.kill('SIGKILL');
      resolve(checks);
    };
    child.on('message', (message: Answer | Progress) => {
      if ('checks' in message) done([...message.checks]);
      else if ('ran' in message) stage = 'ran';
      else if ('loaded' in message) {
        stage = 'run';
        allowed += Math.min(mostForPorts, perPortByte * message.declared);
      } else {
        stage = 'load';
        child.send({ ...question, seconds: own / 2 } satisfies Task, () => {}); // a failed send is a dead child, which 'exit' deals with
      }
    });
    child.on('error', () => done([unasked('the probing process could not be started')]));
    child.on('exit', (code, signal) => {
      if (stage === 'start') done([unasked('onnxruntime-node does not start on this machine')]);
      else done(lost(stage, reason ?? { how: `ended with ${signal ?? `exit code ${code}`}`, late: false }, question));
    });
  });
}

type Stage = 'start' | 'load' | 'run' | 'ran';

/** What a process says that ended without an answer. A run that takes long is no fault of a model whose graph cannot but end. */
function lost(stage: Exclude<Stage, 'start'>, { how, late }: { readonly how: string; readonly late: boolean }, { loops }: Question): Check[] {
  if (!late || stage === 'load') return [{ kind: 'check', name: 'runtime-survives', outcome: 'broken', what: `the process that ${stage === 'load' ? 'loaded' : 'ran'} the model ${how}` }];
  const loads: Check = { kind: 'check', name: 'runtime-load', outcome: 'held', what: 'ONNX Runtime loads the model' };
  if (stage === 'run' && loops) return [loads, { kind: 'check', name: 'runtime-ends', outcome: 'broken', what: `a run of the model, which has loops, ${how}` }];
  return [loads, { kind: 'check', name: 'runtime-run', outcome: 'not-assessable', what: stage === 'ran' ? `a run ended, and what was asked then ${how}` : `a run of the model, which has no loops, ${how}` }];
}

function unasked(why: string): Check {
  return { kind: 'check', name: 'runtime-load', outcome: 'not-assessable', what: `not run: ${why}` };
}

/** This package, the runtime, and the model (its folder when tensors lie beside it). */
function readable({ path, external, inputs }: Question): string[] {
  const runtime = realpathSync(fileURLToPath(import.meta.resolve('onnxruntime-node')));
  const modules = runtime.slice(0, runtime.lastIndexOf(`${sep}node_modules${sep}`));
  const root = realpathSync(fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../..' : '.', import.meta.url)));
  return [join(modules, 'node_modules', '*'), join(root, '*'), external ? join(dirname(path), '*') : path, ...(inputs === undefined ? [] : [inputs, join(inputs, '*')])];
}
