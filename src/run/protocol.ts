// SPDX-License-Identifier: Apache-2.0
import type { Limits } from '../bytes/limits.ts';
import type { Job } from '../inspect/inspect.ts';
import type { Inspected } from '../model/artefact.ts';
import type { Scanner } from '../model/scanner.ts';
import { inspectOrRecall } from './recall.ts';

/** From the parent: files to inspect one after the other. References travel, never bytes. */
export interface Request {
  readonly id: number;
  readonly jobs: readonly Job[];
  readonly limits: Limits;
  readonly cacheDir?: string;
}

/** To the parent: one answer for each job of the request. */
export interface Response {
  readonly id: number;
  readonly results: readonly (readonly Inspected[])[];
}

/** To the parent: the process lives, and goes on to the next file. Only sent when it has been silent for a while. */
export interface Alive {
  readonly id: number;
  readonly alive: true;
}

const silence = 100; // milliseconds

/** The life of an inspecting process: requests one after the other, until the parent goes away. */
export function serve(scanners: readonly Scanner[]): void {
  let last: Promise<unknown> = Promise.resolve();
  process.on('message', (request: Request) => {
    last = last.then(async () => {
      const results: Inspected[][] = [];
      let heard = performance.now();
      for (const job of request.jobs) {
        if (performance.now() - heard > silence) {
          heard = performance.now();
          process.send?.({ id: request.id, alive: true } satisfies Alive);
        }
        results.push(await inspectOrRecall(job, scanners, request.limits, request.cacheDir));
      }
      const response: Response = { id: request.id, results };
      process.send?.(response);
    });
  });
  process.on('disconnect', () => process.exit(0));
}
