// SPDX-License-Identifier: Apache-2.0
import { buildPurl } from './purl.ts';
import { compare, lastPart, nameKey, publishable, webUrl, withoutFolders } from './text.ts';
import { fileName, folderOf, type Facts, type Value } from './value.ts';

/** A model that the subject, or an adapter in it, is said to come from. It is not among the files. */
export interface BaseModel {
  /** 'org/name' on the hub, or what else the artefact calls it; for a path on some machine only its last part. */
  readonly id: Value;
  /** Commit, branch or tag. */
  readonly revision?: string;
  /** finetune, adapter, quantized, merge; as declared. */
  readonly relation?: string;
  readonly purl?: string;
  readonly url?: string;
  /** All places that say so. */
  readonly said: readonly Value[];
  /** Said only where tools leave the name of what was loaded, which may be the subject itself. */
  readonly weak: boolean;
  /** Folder of the adapter that says so; '' for the subject. */
  readonly folder: string;
}

export type DatasetUse = 'training' | 'evaluation';

/** A dataset that an artefact refers to and that is not among the files. */
export interface ReferencedDataset {
  readonly id: Value;
  readonly uses: readonly DatasetUse[];
  readonly revision?: string;
  readonly url?: string;
  readonly said: readonly Value[];
}

const hubId = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/;
const hubUrl = /^https?:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\/(datasets\/)?([\w.-]+\/[\w.-]+)\/?$/;

/** 'https://huggingface.co/org/name' and 'org/name' are the same thing; a path keeps only its last part. */
function nameOf(said: string): string {
  const target = said.trim();
  const hub = hubUrl.exec(target);
  return hub === null ? publishable(withoutFolders(target)) : hub[2]!;
}

/** GGUF headers give a bare name beside the repository: 'Llama 3.2 1B' then stands for the one 'org/Llama-3.2-1B'. */
function fullNames(targets: readonly string[]): (id: string) => string {
  const full = new Map<string, Set<string>>();
  for (const id of targets) {
    if (!hubId.test(id)) continue;
    const key = nameKey(lastPart(id));
    full.set(key, (full.get(key) ?? new Set()).add(id));
  }
  return (id) => {
    const candidates = id.includes('/') ? undefined : full.get(nameKey(id));
    return candidates?.size === 1 ? [...candidates][0]! : id;
  };
}

interface Group {
  readonly id: Value;
  said: Value[];
  revision?: string;
  weak: boolean;
  readonly folder: string;
}

/** Base models by id and folder; the strongest statement leads. */
export function baseModels(facts: Facts, adapters: ReadonlySet<string>): BaseModel[] {
  const groups = new Map<string, Group>();
  const links = facts.links('base-model');
  const fullName = fullNames(links.map(({ link }) => nameOf(link.target)));
  for (const { link, value } of links) {
    const id = fullName(nameOf(link.target));
    if (id === '') continue;
    const own = folderOf(value.source);
    const folder = adapters.has(own) ? own : '';
    // Transformers leaves in config.json the name of what was loaded (`_name_or_path`), which is often the model itself.
    const left = /name_or_path/.test(link.detail ?? '') || fileName(value.source) === 'config.json';
    const weak = left && !/base_model/.test(link.detail ?? '');
    const said: Value = { ...value, value: id, confidence: weak ? 'low' : value.confidence };
    const key = `${folder}\n${id}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { id: said, said: [said], weak, folder, ...(link.revision === undefined ? {} : { revision: link.revision }) });
    } else {
      group.said.push(said);
      if (link.revision !== undefined) group.revision ??= link.revision;
      group.weak &&= weak;
    }
  }
  const relation = facts.first('base-model-relation')?.value;
  return [...groups.values()].sort((a, b) => compare(a.folder, b.folder) || compare(a.id.value, b.id.value)).map((group) => {
    const id = group.id.value;
    const commit = group.revision !== undefined && /^[0-9a-f]{40}$/i.test(group.revision) ? { version: group.revision } : {};
    const purl = hubId.test(id) ? buildPurl({ type: 'huggingface', namespace: id.slice(0, id.indexOf('/')), name: lastPart(id), ...commit }) : undefined;
    const url = webUrl(id);
    return {
      id: group.id,
      said: group.said,
      weak: group.weak,
      folder: group.folder,
      ...(group.revision === undefined ? {} : { revision: group.revision }),
      ...(relation === undefined || group.folder !== '' ? {} : { relation }),
      ...(purl === undefined ? {} : { purl }),
      ...(url === undefined ? {} : { url }),
    };
  });
}

/** Datasets that cards and headers name, one for each id, with all uses. */
export function referencedDatasets(facts: Facts): ReferencedDataset[] {
  const groups = new Map<string, { id: Value; uses: Set<DatasetUse>; said: Value[]; revision?: string }>();
  const fullName = fullNames([...facts.links('dataset'), ...facts.links('evaluation-dataset')].map(({ link }) => nameOf(link.target)));
  for (const [role, use] of [['dataset', 'training'], ['evaluation-dataset', 'evaluation']] as const) {
    for (const { link, value } of facts.links(role)) {
      const id = fullName(nameOf(link.target));
      if (id === '') continue;
      const said = { ...value, value: id };
      const group = groups.get(id) ?? { id: said, uses: new Set(), said: [] };
      groups.set(id, group);
      group.uses.add(use);
      group.said.push(said);
      if (link.revision !== undefined) group.revision ??= link.revision;
    }
  }
  return [...groups.values()].sort((a, b) => compare(a.id.value, b.id.value)).map(({ id, uses, said, revision }) => {
    const web = webUrl(id.value) ?? (hubId.test(id.value) ? `https://huggingface.co/datasets/${id.value}` : undefined);
    return {
      id,
      uses: [...uses].sort(compare),
      said,
      ...(revision === undefined ? {} : { revision }),
      ...(web === undefined ? {} : { url: web }),
    };
  });
}
