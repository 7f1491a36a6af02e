// SPDX-License-Identifier: Apache-2.0
// Records of digests against the bytes that are there.
import { hash } from 'node:crypto';
import type { Inspected } from './artefact.ts';
import { recordsOf, type Recorded } from './records.ts';
import type { Collection } from './rule.ts';

/** How a record compares: `unknown` when the bytes were not read, or not with that algorithm. */
export type Outcome = 'equal' | 'different' | 'missing' | 'unknown';

export interface Compared {
  readonly record: Recorded;
  readonly outcome: Outcome;
  /** What the bytes are, where that is known and different. */
  readonly found?: string;
}

const remembered = new WeakMap<Collection, readonly Compared[]>();

/** Every record of the collection with its outcome; several rules ask. */
export function comparedRecords(among: Collection): readonly Compared[] {
  const known = remembered.get(among);
  if (known !== undefined) return known;
  const made = recordsOf(among.all).map((record) => compared(record, among));
  remembered.set(among, made);
  return made;
}

function compared(record: Recorded, among: Collection): Compared {
  const { target, algorithm, value, size, from } = record;
  if (target === undefined || (target === from && record.by !== 'file-name')) return { record, outcome: 'unknown' };
  if (algorithm === 'md5-list') return listing(record, among);
  const file = among.find(target);
  if (file === undefined) return { record, outcome: 'missing' };
  if (size !== undefined && size !== file.artefact.size && file.artefact.digests.sha256 !== undefined) return { record, outcome: 'different', found: `${file.artefact.size} bytes` };
  const found = digestOf(file, algorithm);
  if (found === undefined) return { record, outcome: 'unknown' };
  return found === value ? { record, outcome: 'equal' } : { record, outcome: 'different', found: `${algorithm} ${found}` };
}

function digestOf({ artefact: { digests } }: Inspected, algorithm: string): string | undefined {
  return algorithm === 'sha256' ? digests.sha256 : digests.others?.[algorithm];
}

/** DVC's digest of a folder: MD5 of the JSON that Python writes for its files, [{"md5": …, "relpath": …}, …] in order of the paths. */
function listing(record: Recorded, among: Collection): Compared {
  const folder = `${record.target}/`;
  const files = among.all.filter(({ artefact }) => artefact.id.startsWith(folder) && !artefact.id.includes('!/'));
  if (files.length === 0) return { record, outcome: 'missing' };
  const items = files.map((file) => ({ path: file.artefact.id.slice(folder.length), md5: digestOf(file, 'md5') }));
  if (items.some(({ path, md5 }) => md5 === undefined || !/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/.test(path))) return { record, outcome: 'unknown' };
  items.sort((a, b) => (a.path < b.path ? -1 : 1));
  const found = hash('md5', `[${items.map(({ path, md5 }) => `{"md5": "${md5}", "relpath": "${path}"}`).join(', ')}]`);
  return found === record.value ? { record, outcome: 'equal' } : { record, outcome: 'different', found: `listing md5 ${found}` };
}

/** What a document of that kind is called in a message. */
export const recordNames: Readonly<Record<Recorded['by'], string>> = {
  attestation: 'a signed statement', bom: 'a bill of materials', 'checksum-list': 'a list of checksums', croissant: 'a Croissant description', 'data-versioning': 'a DVC file',
  'hub-metadata': 'the note of the download', pointer: 'a Git LFS pointer', registry: 'a registry manifest', 'file-name': 'the name of the stored file',
};
