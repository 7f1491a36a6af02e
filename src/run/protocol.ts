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

/** The life of an inspecting process: requests one after the other, until the parent goes away. */
export function serve(scanners: readonly Scanner[]): void {
  let last: Promise<unknown> = Promise.resolve();
  process.on('message', (request: Request) => {
    last = last.then(async () => {
      const results: Inspected[][] = [];
      for (const job of request.jobs) results.push(await inspectOrRecall(job, scanners, request.limits, request.cacheDir));
      const response: Response = { id: request.id, results };
      process.send?.(response);
    });
  });
  process.on('disconnect', () => process.exit(0));
}
