// SPDX-License-Identifier: Apache-2.0
import { compare } from '../text.ts';
import type { Inventory } from './inventory.ts';

/** A file that is there, hashed on demand. */
export interface Present {
  /** Relative to the folder, '/' between parts. */
  readonly path: string;
  /** Hex digest by an algorithm's name in CycloneDX; throws errors of the file system. */
  readonly digest: (algorithm: string) => Promise<string>;
}

export interface Difference {
  /** `outside`: a name that leads out of the folder, which is not followed. `unchecked`: listed without a digest that can be computed. */
  readonly kind: 'missing' | 'extra' | 'changed' | 'outside' | 'unreadable' | 'unchecked';
  readonly path: string;
  readonly detail: string;
}

export interface Verified {
  /** Files whose digest is the one listed. */
  readonly same: number;
  /** By path. */
  readonly differences: readonly Difference[];
}

/** Strongest first. BLAKE3 is not in Node. */
const algorithms: Readonly<Record<string, string>> = {
  'SHA-512': 'sha512', 'SHA3-512': 'sha3-512', 'BLAKE2b-512': 'blake2b512', 'SHA-384': 'sha384', 'SHA3-384': 'sha3-384', 'SHA-256': 'sha256', 'SHA3-256': 'sha3-256', 'SHA-1': 'sha1', MD5: 'md5',
};

/** The name by which node:crypto knows an algorithm; undefined when it does not. */
export function nodeAlgorithm(algorithm: string): string | undefined {
  return Object.hasOwn(algorithms, algorithm) ? algorithms[algorithm] : undefined;
}

/** Compares what a BOM lists with what is there. Names in the BOM are looked up, never opened. */
export async function verifyFiles(inventory: Inventory, present: readonly Present[]): Promise<Verified> {
  const there = new Map(present.map((one) => [one.path, one]));
  const listed = new Set<string>();
  const differences: Difference[] = [];
  let same = 0;
  for (const { name, isFile, hasNoBytes, hashes } of inventory.items) {
    // Members of archives are covered by the digest of the archive.
    if (!isFile || name.includes('!/')) continue;
    const path = name.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
    const say = (kind: Difference['kind'], detail: string): void => void differences.push({ kind, path, detail });
    if (path.startsWith('/') || /^[A-Za-z]:/.test(path) || path.split('/').includes('..')) {
      say('outside', 'the BOM names a file outside the folder; it was not opened');
      continue;
    }
    const found = there.get(name) ?? there.get(path);
    if (found !== undefined) listed.add(found.path);
    if (hasNoBytes) continue;
    if (found === undefined) {
      say('missing', 'listed in the BOM, not in the folder');
      continue;
    }
    const known = Object.keys(algorithms).filter((algorithm) => hashes[algorithm] !== undefined);
    if (known.length === 0) {
      say('unchecked', Object.keys(hashes).length === 0 ? 'listed without a hash' : `listed with ${Object.keys(hashes).join(', ')} only, which is not computed here`);
      continue;
    }
    // All of them: a BOM with one right and one wrong digest is no match.
    let differs = false;
    for (const algorithm of known) {
      let digest: string;
      try {
        digest = await found.digest(algorithm);
      } catch (error) {
        say('unreadable', (error as NodeJS.ErrnoException).code ?? String(error));
        differs = true;
        break;
      }
      if (digest === hashes[algorithm]) continue;
      say('changed', `${algorithm} is ${digest}, listed is ${hashes[algorithm]!.slice(0, 160)}`);
      differs = true;
      break;
    }
    if (!differs) same += 1;
  }
  for (const { path } of present) if (!listed.has(path)) differences.push({ kind: 'extra', path, detail: 'in the folder, not listed in the BOM' });
  return { same, differences: differences.sort((a, b) => compare(a.path, b.path)) };
}
