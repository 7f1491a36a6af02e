// SPDX-License-Identifier: Apache-2.0
import type { Job } from '../inspect/inspect.ts';
import type { Rule } from '../model/rule.ts';
import type { Scanner } from '../model/scanner.ts';
import { worker, type Answer, type Task } from './task.ts';

/**
 * Where root files are inspected. Every runner gives the same answer for the same bytes; they differ in what a hostile
 * file can take down with it.
 */
export interface Runner {
  /** One answer for each job, in their order. Never rejects: what cannot be done is a gap in the answer. */
  run(jobs: readonly Job[]): Promise<readonly Answer[]>;
  /** Ends what it started. */
  close(): Promise<void>;
}

/** In this process, one file after the other: for the library and for tests. */
export function inline(scanners: readonly Scanner[], rules: readonly Rule[], task: Task): Runner {
  const work = worker(scanners, rules, task);
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(jobs) {
      const result = last.then(async () => {
        const answers: Answer[] = [];
        for (const job of jobs) answers.push(await work(job));
        return answers;
      });
      last = result;
      return result;
    },
    close: async () => {},
  };
}
