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
  /** Absolute path of a folder with real inputs (.npy), for the patch sweep. */
  readonly inputs?: string;
}

/** The child's last word about a model. */
export interface Answer {
  readonly checks: readonly Check[];
}

export interface ProbeLimits {
  /** Seconds for one model, and one more for each 16 MiB. */
  readonly seconds: number;
  /** Resident bytes, beside three times the model's size. */
  readonly memory: number;
  /** Bytes of a model (with external data) that is still run. */
  readonly size: number;
}

export const probeLimits: ProbeLimits = { seconds: 20, memory: 1 << 30, size: 1 << 30 };

const MiB = 1 << 20;
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
    let stage: 'start' | 'load' | 'run' = 'start';
    let reason: string | undefined;
    const allowed = limits.memory + 3 * question.size;
    // The sweep keeps its own time, and asks a little more for its last candidates.
    const seconds = limits.seconds + Math.ceil(question.size / (16 * MiB)) + (question.inputs === undefined ? 0 : sweepSeconds);
    const stop = (why: string): void => {
      reason ??= why;
      child.kill('SIGKILL');
    };
    const deadline = setTimeout(() => stop(`did not end within ${seconds} s`), seconds * 1000);
    const scales = setInterval(() => {
      if ((residentBytes(child.pid) ?? 0) > allowed) stop(`grew beyond ${allowed} bytes of memory`);
    }, 50);
    const done = (checks: Check[]): void => {
      clearTimeout(deadline);
      clearInterval(scales);
      child.removeAllListeners();
      child.kill('SIGKILL');
      resolve(checks);
    };
    child.on('message', (message: Answer | { ready: true } | { loaded: true }) => {
      if ('checks' in message) done([...message.checks]);
      else if ('loaded' in message) stage = 'run';
      else {
        stage = 'load';
        child.send(question, () => {}); // a failed send is a dead child, which 'exit' deals with
      }
    });
    child.on('error', () => done([unasked('the probing process could not be started')]));
    child.on('exit', (code, signal) => {
      if (stage === 'start') done([unasked('onnxruntime-node does not start on this machine')]);
      else done([lost(stage, reason ?? `ended with ${signal ?? `exit code ${code}`}`)]);
    });
  });
}

function lost(stage: 'load' | 'run', how: string): Check {
  return { kind: 'check', name: 'runtime-survives', outcome: 'broken', what: `the process that ${stage === 'load' ? 'loaded' : 'ran'} the model ${how}` };
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
