// SPDX-License-Identifier: Apache-2.0
import type { Literal, SourceCall } from '../../src/grammar/python-source/calls.ts';

/** Something that a program would fetch from a hub when it runs. */
export interface Fetch {
  /** Repository id: 'org/name', or a bare name. */
  readonly target: string;
  readonly revision?: string;
  /** The function as it is called. */
  readonly by: string;
  /** Asks the loader to run code of the repository. */
  readonly remoteCode: boolean;
}

/** Functions by their last name: which argument names the repository (position or keyword), and which the revision. */
const functions: Readonly<Record<string, { readonly position: number; readonly keyword: string; readonly needs?: RegExp; readonly runs?: boolean }>> = {
  from_pretrained: { position: 0, keyword: 'pretrained_model_name_or_path' },
  load_dataset: { position: 0, keyword: 'path' },
  hf_hub_download: { position: 0, keyword: 'repo_id' },
  snapshot_download: { position: 0, keyword: 'repo_id' },
  SentenceTransformer: { position: 0, keyword: 'model_name_or_path' },
  pipeline: { position: 1, keyword: 'model', needs: /^(?:transformers\.)?pipeline$/ },
  // torch.hub runs the hubconf.py of the repository.
  load: { position: 0, keyword: 'repo_or_dir', needs: /^torch\.hub\.load$/, runs: true },
};

/** Formats of the data set library: load_dataset('csv') fetches nothing. */
const builders = new Set(['csv', 'json', 'parquet', 'text', 'arrow', 'imagefolder', 'audiofolder', 'webdataset', 'pandas', 'xml', 'sql']);

/** What the calls of a program fetch, as far as it is written in literals. Paths are no fetch. */
export function* fetches(calls: readonly SourceCall[]): Generator<Fetch> {
  for (const { target: by, positional, named } of calls) {
    const name = by.slice(by.lastIndexOf('.') + 1);
    const known = Object.hasOwn(functions, name) ? functions[name]! : undefined;
    if (known === undefined || known.needs?.test(by) === false) continue;
    const repository = textOf(named.get(known.keyword)) ?? textOf(positional[known.position]);
    if (repository === undefined || isTrue(named.get('local_files_only'))) continue;
    const [target, tag] = known.runs === true ? repository.split(':', 2) : [repository, undefined];
    if (!isRepository(target) || (name === 'load_dataset' && builders.has(target))) continue;
    const revision = textOf(named.get('revision')) ?? tag;
    yield { target: target, by, remoteCode: known.runs === true || isTrue(named.get('trust_remote_code')), ...(revision === undefined ? {} : { revision }) };
  }
}

function textOf(value: Literal): string | undefined {
  return value?.type === 'text' ? value.text : undefined;
}

function isTrue(value: Literal): boolean {
  return value?.type === 'word' && value.text === 'True';
}

/** 'org/name' or 'name', as hubs allow them; not './x', '/x', 'a/b/c' or a file. */
function isRepository(text: string): boolean {
  return /^(?:[\w-][\w.-]{0,95}\/)?[\w-][\w.-]{0,95}$/.test(text) && !/\.(?:json|csv|bin|pt|txt|py|safetensors|parquet|jsonl)$/i.test(text) && !/^(?:data|model|models|output|outputs|checkpoint|checkpoints|results|ckpt|tmp)(?:\/|$)/i.test(text);
}
