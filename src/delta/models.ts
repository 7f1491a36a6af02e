// SPDX-License-Identifier: Apache-2.0
// Models as sets of named tensors: all weight files of one folder together.
import type { Inspected } from '../model/artefact.ts';
import type { FactOf } from '../model/fact.ts';

/** A tensor and the file that it lies in. */
export interface Placed {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly file: string;
  readonly begin: number;
  readonly end: number;
}

/** The weights of one folder. Of names that two files have, the first file's counts, and `twice` says so. */
export interface Model {
  /** The folder's id; '' for the root. */
  readonly folder: string;
  /** The file that is spoken of: the first that holds weights. */
  readonly file: string;
  readonly tensors: ReadonlyMap<string, Placed>;
  readonly bytes: number;
  /** Digests of the weight files. */
  readonly digests: ReadonlyMap<string, string>;
}

/** What writers put before the same names. */
const prefixes = /^(?:(?:module|model|transformer|base_model|_orig_mod|bert|roberta|language_model|backbone|net)\.)+/;

/** A name as it is compared: without what wrappers add in front. */
export function plainName(name: string): string {
  const bare = name.replace(prefixes, '');
  return bare === '' ? name : bare;
}

/** Folders with weights. Only tensors of root files, that lie in one piece, can be read again. */
export function modelsIn(all: readonly Inspected[]): Model[] {
  const folders = new Map<string, Inspected[]>();
  for (const one of all) {
    const { id } = one.artefact;
    if (id.includes('!/') || !one.facts.some((fact) => fact.kind === 'tensor')) continue;
    const folder = id.slice(0, Math.max(0, id.lastIndexOf('/')));
    folders.set(folder, [...(folders.get(folder) ?? []), one]);
  }
  return [...folders].map(([folder, files]) => model(folder, files.toSorted((a, b) => (a.artefact.id < b.artefact.id ? -1 : 1))));
}

function model(folder: string, files: readonly Inspected[]): Model {
  const tensors = new Map<string, Placed>();
  const digests = new Map<string, string>();
  let bytes = 0;
  for (const { artefact, facts } of files) {
    if (artefact.digests.sha256 !== undefined) digests.set(artefact.id, artefact.digests.sha256);
    for (const fact of facts) {
      if (!isPlaced(fact)) continue;
      const name = plainName(fact.name);
      if (tensors.has(name)) continue; // the same weights in a second format
      bytes += fact.at[1] - fact.at[0];
      tensors.set(name, { name: fact.name, dtype: fact.dtype, shape: fact.shape, file: artefact.id, begin: fact.at[0], end: fact.at[1] });
    }
  }
  return { folder, file: files[0]!.artefact.id, tensors, bytes, digests };
}

function isPlaced(fact: Inspected['facts'][number]): fact is FactOf<'tensor'> & { readonly at: readonly [number, number] } {
  return fact.kind === 'tensor' && fact.at !== undefined;
}

/** Whether a model is an adapter: what it adds has no counterpart in its base. */
export function isAdapter({ tensors }: Model): boolean {
  const names = [...tensors.keys()];
  return names.length > 0 && names.filter((name) => /lora_|\.lokr|\.hada|\.adapter|ia3|prompt_embeddings/i.test(name)).length > names.length / 2;
}
