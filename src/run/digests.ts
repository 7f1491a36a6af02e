// SPDX-License-Identifier: Apache-2.0
import { createHash, getHashes, type Hash } from 'node:crypto';
import { FileSource } from '../bytes/file.ts';
import { Budget, type Limits } from '../bytes/limits.ts';
import type { Job } from '../inspect/inspect.ts';
import { recordsOf } from '../model/records.ts';
import type { Answer } from './task.ts';

/** Names of `record` facts as the runtime's hash functions are called. */
const functions: Readonly<Record<string, string>> = { 'git-sha1': 'sha1', blake2b: 'blake2b512' };

/**
 * Takes the digests that records of the collection use and SHA-256 is not: a pointer's git object id, a lock file's MD5. Only
 * files that some record names are read again. Never throws: a file that cannot be read has a gap already.
 */
export async function digestsForRecords(answers: readonly Answer[], jobs: readonly Job[], limits: Limits): Promise<readonly Answer[]> {
  const wanted = new Map<string, Set<string>>();
  const want = (id: string, algorithm: string): void => {
    wanted.set(id, (wanted.get(id) ?? new Set()).add(algorithm));
  };
  const known = new Set(getHashes());
  for (const { target, algorithm } of recordsOf(answers.flatMap(({ inspected }) => inspected))) {
    if (target === undefined) continue;
    if (algorithm === 'md5-list') for (const { id } of jobs.filter((job) => job.id.startsWith(`${target}/`))) want(id, 'md5');
    else if (algorithm !== 'sha256' && known.has(functions[algorithm] ?? algorithm)) want(target, algorithm);
  }
  if (wanted.size === 0) return answers;
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const out: Answer[] = [];
  for (const answer of answers) {
    const [root] = answer.inspected.filter(({ artefact }) => wanted.has(artefact.id) && artefact.digests.sha256 !== undefined);
    const job = root === undefined ? undefined : byId.get(root.artefact.id);
    const others = root === undefined || job === undefined ? undefined : await digests(job, [...wanted.get(root.artefact.id)!].toSorted(), limits);
    out.push(others === undefined ? answer : {
      ...answer,
      inspected: answer.inspected.map((one) => (one === root ? { ...one, artefact: { ...one.artefact, digests: { ...one.artefact.digests, others } } } : one)),
    });
  }
  return out;
}

async function digests(job: Job, algorithms: readonly string[], limits: Limits): Promise<Record<string, string> | undefined> {
  let source: FileSource | undefined;
  try {
    source = FileSource.open(typeof job.path === 'string' ? job.path : Buffer.from(job.path.base64, 'base64'), new Budget(limits, job.size));
    source.checkReadable();
    const hashes = algorithms.map((algorithm) => [algorithm, begun(algorithm, source!.size)] as const);
    for await (const block of source.sweep()) for (const [, hash] of hashes) hash.update(block);
    return Object.fromEntries(hashes.map(([algorithm, hash]) => [algorithm, hash.digest('hex')]));
  } catch {
    return undefined; // the inspection read it a moment ago: what changed since cannot be compared
  } finally {
    source?.close();
  }
}

function begun(algorithm: string, size: number): Hash {
  const hash = createHash(functions[algorithm] ?? algorithm);
  return algorithm === 'git-sha1' ? hash.update(`blob ${size}\0`) : hash;
}
