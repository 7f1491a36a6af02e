// SPDX-License-Identifier: Apache-2.0
import { FileSource } from '../bytes/file.ts';
import { Budget, type Limits } from '../bytes/limits.ts';
import { inspectFile, type Job, type Look } from '../inspect/inspect.ts';
import type { Inspected } from '../model/artefact.ts';
import type { Scanner } from '../model/scanner.ts';
import { cacheIn } from './cache.ts';

/** Inspects, or answers from the cache when these very bytes were inspected before. The digest is always taken afresh. */
export async function inspectOrRecall(job: Job, scanners: readonly Scanner[], limits: Limits, cacheDir: string | undefined, look?: Look, depth = 'off'): Promise<Inspected[]> {
  if (cacheDir === undefined) return inspectFile(job, scanners, limits, look);
  const key = { ...limits, weights: depth, ...(job.beside === undefined ? {} : { beside: job.beside }) };
  const cache = cacheIn(cacheDir);
  const sha256 = await digestOf(job, limits);
  const known = sha256 === undefined ? undefined : cache.get(sha256, job.id, key);
  if (known !== undefined) return known;
  const inspected = await inspectFile(job, scanners, limits, look);
  const own = inspected.find(({ artefact }) => artefact.id === job.id);
  // Only what was read to its end is worth keeping; a gap may be of the moment.
  if (own?.artefact.digests.sha256 === sha256 && sha256 !== undefined && !inspected.some(({ facts }) => facts.some(({ kind }) => kind === 'gap'))) {
    cache.put(sha256, job.id, key, inspected);
  }
  return inspected;
}

async function digestOf(job: Job, limits: Limits): Promise<string | undefined> {
  let source: FileSource | undefined;
  try {
    source = FileSource.open(typeof job.path === 'string' ? job.path : Buffer.from(job.path.base64, 'base64'), new Budget(limits, job.size));
    source.checkReadable();
    return await source.digest();
  } catch {
    return undefined; // inspection says why
  } finally {
    source?.close();
  }
}
