// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Inspected } from '../model/artefact.ts';
import { version } from '../version.ts';

/**
 * Facts of files already inspected, one JSON file each. The key is everything that the facts depend on: the bytes'
 * digest, the file's name (recognition looks at it), the limits, and the version of the scanners. Ids are kept relative
 * to the file, so that a copy elsewhere is known too.
 */
export interface Cache {
  get(sha256: string, id: string, limits: unknown): Inspected[] | undefined;
  put(sha256: string, id: string, limits: unknown, inspected: readonly Inspected[]): void;
}

export function cacheIn(folder: string): Cache {
  const place = (sha256: string, id: string, limits: unknown): string => {
    const name = id.slice(id.lastIndexOf('/') + 1);
    const key = createHash('sha256').update(JSON.stringify([version, sha256, name, limits])).digest('hex');
    return join(folder, key.slice(0, 2), `${key}.json`);
  };
  return {
    get(sha256, id, limits) {
      try {
        const kept = JSON.parse(readFileSync(place(sha256, id, limits), 'utf8')) as Inspected[];
        // Half of an entry must not stand for the whole: the file itself is always in it, with its digest.
        if (!kept.every(({ facts }) => Array.isArray(facts))) return undefined;
        if (!kept.some(({ artefact }) => artefact.id === '' && artefact.digests.sha256 === sha256)) return undefined;
        return kept.map((one) => ({ ...one, artefact: { ...one.artefact, id: id + one.artefact.id } }));
      } catch {
        return undefined; // not there, or damaged: inspect again
      }
    },
    put(sha256, id, limits, inspected) {
      const relative = inspected.map((one) => ({ ...one, artefact: { ...one.artefact, id: one.artefact.id.slice(id.length) } }));
      const path = place(sha256, id, limits);
      const temporary = `${path}.${process.pid}`;
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(temporary, JSON.stringify(relative));
        renameSync(temporary, path);
      } catch {
        // A full disk, say: the next scan inspects again. What is kept must not cost what was found.
      }
    },
  };
}
