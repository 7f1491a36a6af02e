// SPDX-License-Identifier: Apache-2.0
// Records of digests, brought together with the files that they speak of.
import { fileOf, type Inspected } from './artefact.ts';
import type { Fact, RecordSource } from './fact.ts';

/** A record and the file it is about. */
export interface Recorded {
  /** Id of the artefact that holds the record. */
  readonly from: string;
  readonly by: RecordSource;
  /** Id that the record's target leads to; undefined when it leads out of the root. */
  readonly target: string | undefined;
  /** The target in the record's own words. */
  readonly named: string;
  readonly algorithm: string;
  readonly value: string;
  readonly size?: number;
  readonly signed: boolean;
}

/** Lengths of digests in hex digits: a record of another length is no digest of that kind. */
export const digestLengths: Readonly<Record<string, number>> = {
  md5: 32, sha1: 40, 'git-sha1': 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128, blake2b: 128,
};

/** Digests that cannot be forged on purpose, as far as is known. */
export function isStrong(algorithm: string): boolean {
  return /^(sha(224|256|384|512)|blake2b|blake3)$/.test(algorithm);
}

/** Documents that may lie deeper than the tree they speak of: their paths are tried from their own folder, then from those above. */
const roaming: ReadonlySet<RecordSource> = new Set(['attestation', 'bom', 'checksum-list']);

/** All records of a collection, those that names imply among them: a hub's blobs and an OCI layout's are called by their digest. */
export function recordsOf(all: readonly Inspected[]): Recorded[] {
  const out: Recorded[] = [];
  const ids = new Set(all.map(({ artefact }) => artefact.id));
  for (const { artefact, facts } of all) {
    const base = baseOf(artefact.id, facts, ids);
    const name = /(?:^|\/)blobs\/sha256\/([0-9a-f]{64})$/.exec(artefact.id)?.[1];
    if (name !== undefined) out.push(implied(artefact.id, artefact.id, 'sha256', name));
    for (const fact of facts) {
      if (fact.kind === 'record') {
        const { target: named, algorithm, value, by, size, signed = false } = fact;
        out.push({ from: artefact.id, by, target: targetOf(artefact.id, by, named, base), named, algorithm, value, signed, ...(size === undefined ? {} : { size }) });
      } else if (fact.kind === 'link' && fact.role === 'symlink') {
        const blob = /(?:^|\/)blobs\/(?:([0-9a-f]{40})|([0-9a-f]{64}))$/.exec(fact.target);
        if (blob?.[2] !== undefined) out.push(implied(artefact.id, artefact.id, 'sha256', blob[2]));
        else if (blob?.[1] !== undefined) out.push(implied(artefact.id, artefact.id, 'git-sha1', blob[1]));
      }
    }
  }
  return out;
}

/** The folder, of the document's own and those above it, in which most of its files are. */
function baseOf(id: string, facts: readonly Fact[], ids: ReadonlySet<string>): string {
  const file = fileOf(id);
  const own = file.slice(0, file.lastIndexOf('/') + 1);
  const named = facts.flatMap((fact) => (fact.kind === 'record' && roaming.has(fact.by) ? [fact.target] : []));
  if (named.length === 0 || own === '') return own;
  const steps = own.split('/').slice(0, -1);
  let best = { folder: own, found: 0 };
  for (let depth = steps.length; depth >= 0; depth -= 1) {
    const folder = depth === 0 ? '' : `${steps.slice(0, depth).join('/')}/`;
    const found = named.filter((target) => ids.has(inside(folder, target) ?? '')).length;
    if (found > best.found) best = { folder, found };
  }
  return best.folder;
}

function implied(from: string, target: string, algorithm: string, value: string): Recorded {
  return { from, by: 'file-name', target, named: value, algorithm, value, signed: false };
}

const hubFolder = '.cache/huggingface/download/';

function targetOf(id: string, by: RecordSource, named: string, base: string): string | undefined {
  const file = fileOf(id);
  if (by === 'hub-metadata') {
    // The hub's client keeps a note for each file it fetched in a folder that mirrors the tree.
    const cut = file.lastIndexOf(hubFolder);
    return cut < 0 || !file.endsWith('.metadata') ? undefined : file.slice(0, cut) + file.slice(cut + hubFolder.length, -'.metadata'.length);
  }
  if (named === '') return undefined;
  // A manifest lies among the blobs that it names.
  if (by === 'registry' && named.startsWith('blobs/')) return inside(base.replace(/(?:^|(?<=\/))blobs\/sha256\/$/, ''), named);
  return inside(base, named);
}

/** A relative path from a folder ('' or with a slash at its end), as an id; undefined where it leaves the root or is no path. */
function inside(folder: string, path: string): string | undefined {
  if (/^[/\\~]|^[a-z][a-z0-9+.-]*:/i.test(path) || path.includes('\0')) return undefined;
  const steps = folder.split('/').filter((step) => step !== '');
  for (const step of path.split('/')) {
    if (step === '..') {
      if (steps.pop() === undefined) return undefined;
    } else if (step !== '.' && step !== '') steps.push(step);
  }
  return steps.join('/');
}
