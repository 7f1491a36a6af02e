// SPDX-License-Identifier: Apache-2.0
import type { Job } from '../inspect/inspect.ts';
import type { Rule } from '../model/rule.ts';
import type { Scanner } from '../model/scanner.ts';
import { worker, type Answer, type Task } from './task.ts';

/** From the parent: files to inspect one after the other. References travel, never bytes. */
export interface Request {
  readonly id: number;
  readonly jobs: readonly Job[];
  /** The same for all; only the first request has it. */
  readonly task?: Task;
}

/** To the parent: one answer for each job of the request. */
export interface Response {
  readonly id: number;
  readonly results: readonly Answer[];
}

/** To the parent: the process lives, and goes on to the next file. Only sent when it has been silent for a while. */
export interface Alive {
  readonly id: number;
  readonly alive: true;
}

const silence = 100; // milliseconds

/** The life of an inspecting process: requests one after the other, until the parent goes away. */
export function serve(scanners: readonly Scanner[], rules: readonly Rule[]): void {
  let work: ((job: Job) => Promise<Answer>) | undefined;
  let last: Promise<unknown> = Promise.resolve();
  process.on('message', (request: Request) => {
    last = last.then(async () => {
      if (request.task !== undefined) work = worker(scanners, rules, request.task);
      if (work === undefined) throw new Error('the first request has no task');
      const results: Answer[] = [];
      let heard = performance.now();
      for (const job of request.jobs) {
        if (performance.now() - heard > silence) {
          heard = performance.now();
          process.send?.({ id: request.id, alive: true } satisfies Alive);
        }
        results.push(await work(job));
      }
      const response: Response = { id: request.id, results };
      process.send?.(response);
    });
  });
  process.on('disconnect', () => process.exit(0));
}
