// SPDX-License-Identifier: Apache-2.0
import type { Job } from '../inspect/inspect.ts';
import type { Limits } from '../bytes/limits.ts';
import type { Inspected } from '../model/artefact.ts';
import type { Scanner } from '../model/scanner.ts';
import { inspectOrRecall } from './recall.ts';

/**
 * Where root files are inspected. Every runner gives the same answer for the same bytes; they differ in what a hostile
 * file can take down with it.
 */
export interface Runner {
  /** Never rejects: what cannot be done is a gap in the answer. */
  run(job: Job): Promise<Inspected[]>;
  /** Ends what it started. */
  close(): Promise<void>;
}

/** In this process, one file after the other: for the library and for tests. */
export function inline(scanners: readonly Scanner[], limits: Limits, cacheDir?: string): Runner {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(job) {
      const result = last.then(() => inspectOrRecall(job, scanners, limits, cacheDir));
      last = result;
      return result;
    },
    close: async () => {},
  };
}
