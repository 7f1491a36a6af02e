// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { busy, drain, type Algorithm, type HashJob, type Outcome, type SharedWork } from './hash.ts';

/** Seconds of work, at a guess, below which starting threads (about 30 ms each) costs more than it saves. */
const worthThreads = 0.08;
const bytesPerSecond = 1.2e9;
const secondsPerFile = 5e-5;

/** Hashes all jobs on every core; outcome `i` belongs to job `i`. `lanes` is for tests and measurements. */
export async function hashAll(jobs: readonly HashJob[], algorithm: Algorithm, lanes = availableParallelism()): Promise<Outcome[]> {
  const size = (index: number): number => jobs[index]!.end - jobs[index]!.start;
  const order = jobs.map((_, index) => index).sort((a, b) => size(b) - size(a) || a - b);
  const seconds = jobs.reduce((sum, job) => sum + (job.end - job.start) / bytesPerSecond + secondsPerFile, 0);
  const helpers = seconds < worthThreads ? 0 : Math.max(0, Math.min(lanes, jobs.length) - 1);
  const shared = new Int32Array(new SharedArrayBuffer(8));
  shared[busy] = helpers + 1;
  const work: SharedWork = { jobs, order, algorithm, shared, cores: Math.max(2, availableParallelism()) };
  // This thread works too: it has hashed the first files before a new thread has started.
  const others = Array.from({ length: helpers }, () => inThread(work));
  const done = await Promise.all([drain(work), ...others]);
  const outcomes: Outcome[] = Array.from({ length: jobs.length });
  for (const [index, outcome] of done.flat()) outcomes[index] = outcome;
  return outcomes;
}

/** The compiler does not rewrite this string, so the built program has to ask for .js itself. */
const workerFile = import.meta.url.endsWith('.ts') ? './tree-hash-worker.ts' : './tree-hash-worker.js';

function inThread(work: SharedWork): Promise<[number, Outcome][]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(workerFile, import.meta.url), { workerData: work });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a hashing thread ended early (code ${code})`))); // after an answer this says nothing
  });
}
