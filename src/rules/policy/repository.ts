// SPDX-License-Identifier: Apache-2.0
import { fileOf, type Inspected } from '../../model/artefact.ts';
import type { ClaimField, FactOf } from '../../model/fact.ts';
import type { Collection } from '../../model/rule.ts';

/** Folder of a file, '' for the root. */
export function folderOf(id: string): string {
  const file = fileOf(id);
  return file.slice(0, Math.max(0, file.lastIndexOf('/')));
}

/** Last part of a file's path. */
export function nameOf(id: string): string {
  const file = fileOf(id);
  return file.slice(file.lastIndexOf('/') + 1);
}

/** A relative reference made from a folder, as an id; undefined where it leaves the root or is no plain path. */
export function resolveFrom(folder: string, target: string): string | undefined {
  if (target === '' || target.startsWith('/') || target.includes('\\') || target.includes('\0')) return undefined;
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of target.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** Claims of one field with where they were made. */
export function claims(among: Collection, field: ClaimField, within?: string): { id: string; value: string }[] {
  const out: { id: string; value: string }[] = [];
  for (const { artefact, facts } of inFolder(among, within)) {
    for (const fact of facts) if (fact.kind === 'claim' && fact.field === field) out.push({ id: artefact.id, value: fact.value });
  }
  return out;
}

/** Links of one role with where they were found. */
export function links(among: Collection, role: FactOf<'link'>['role'], within?: string): { id: string; link: FactOf<'link'> }[] {
  const out: { id: string; link: FactOf<'link'> }[] = [];
  for (const { artefact, facts } of inFolder(among, within)) {
    for (const fact of facts) if (fact.kind === 'link' && fact.role === role) out.push({ id: artefact.id, link: fact });
  }
  return out;
}

function inFolder(among: Collection, folder: string | undefined): readonly Inspected[] {
  return folder === undefined ? among.all : among.all.filter(({ artefact }) => folderOf(artefact.id) === folder);
}

/** What a folder's own files say it is. */
export interface Repository {
  readonly folder: string;
  readonly kind: 'model' | 'dataset';
  /** The file that says so. */
  readonly because: string;
}

/**
 * Folders that are a model or dataset repository by their own account: a card, a configuration with an architecture, an
 * index of shards, adapter or pipeline configuration. A lonely weights file or pickle makes no repository.
 */
export function repositories(among: Collection): readonly Repository[] {
  const known = remembered.get(among);
  if (known !== undefined) return known;
  const made = lookFor(among);
  remembered.set(among, made);
  return made;
}

/** Several rules ask; the answer is the same. */
const remembered = new WeakMap<Collection, readonly Repository[]>();

function lookFor(among: Collection): Repository[] {
  const found = new Map<string, Repository>();
  const say = (kind: Repository['kind'], id: string): void => {
    const folder = folderOf(id);
    if (!found.has(folder)) found.set(folder, { folder, kind, because: fileOf(id) });
  };
  for (const { artefact, facts } of among.all) {
    for (const fact of facts) {
      if (fact.kind === 'claim' && fact.field === 'card' && (fact.value === 'model' || fact.value === 'dataset')) say(fact.value, artefact.id);
    }
  }
  for (const { artefact, facts } of among.all) {
    const name = nameOf(artefact.id);
    const describes = /^(config|adapter_config|model_index)\.json$/.test(name) && facts.some((fact) => fact.kind === 'claim' && (fact.field === 'architecture' || fact.field === 'model-type'));
    const adapts = name === 'adapter_config.json' && facts.some((fact) => fact.kind === 'link' && fact.role === 'base-model');
    const indexes = facts.some((fact) => fact.kind === 'link' && fact.role === 'shard');
    if (describes || adapts || indexes) say('model', artefact.id);
  }
  return [...found.values()].toSorted((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** A folder for a message. */
export function shown(folder: string): string {
  return folder === '' ? 'the scanned folder' : folder;
}
