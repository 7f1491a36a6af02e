// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { fileOf, folderOf, links, nameOf, resolveFrom } from './policy/repository.ts';

/** Names that loaders give to parts of one model: a stem, the number of the part, and of how many. */
const shardName = /^(.+)-\d{5}-of-\d{5}\.(safetensors|bin|pt|gguf)$/;

export default collectionRule({
  id: 'shard-unlisted',
  title: 'A shard that no index names',
  why: 'A file called like a part of the model that its index does not know is either left over from another version or meant to take a part\'s place. Nobody who reads the index learns that it is there.',
  fix: 'Remove the file, or write the index anew from the shards that belong to this release.',
  severity: 'medium',
  confidence: 'medium',
  references: ['https://huggingface.co/docs/transformers/big_models', 'CWE-1104'],
  provisions: ['5.2.1-1'],
  example: ['repository/shard-unlisted', 'repository/sharded'],
  reads: ['link', 'tensor'],
  *check(among) {
    const listed = new Map<string, Set<string>>();
    for (const { id, link } of links(among, 'shard')) {
      const folder = folderOf(id);
      const target = resolveFrom(folder, link.target);
      if (target === undefined) continue;
      const ending = /\.[a-z]+$/.exec(target)?.[0] ?? '';
      const key = `${folder}\n${ending}`; // a safetensors index knows nothing of .bin shards beside it
      listed.set(key, (listed.get(key) ?? new Set()).add(target));
    }
    for (const { artefact } of among.all) {
      const { id } = artefact;
      const match = fileOf(id) === id ? shardName.exec(nameOf(id)) : null;
      const names = match === null ? undefined : listed.get(`${folderOf(id)}\n.${match[2]}`);
      if (names === undefined || names.has(id)) continue;
      yield { artefact: id, message: `${nameOf(id)} is called like a shard, and the index beside it names ${names.size} others`, key: 'unlisted' };
    }
  },
});
