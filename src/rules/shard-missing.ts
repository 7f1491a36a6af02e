// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { folderOf, links, resolveFrom } from './policy/repository.ts';

export default collectionRule({
  id: 'shard-missing',
  title: 'A shard that the index names is not there',
  why: 'The index says which file holds which tensor. With a shard missing the model cannot be loaded as its author made it, or the loader fetches that part from elsewhere.',
  fix: 'Fetch the missing shard from where the model came from, and compare its digest with the one published there.',
  severity: 'medium',
  confidence: 'high',
  references: ['https://huggingface.co/docs/transformers/big_models', 'CWE-353'],
  provisions: ['5.2.1-1'],
  example: ['repository/shard-missing', 'repository/sharded'],
  reads: ['link'],
  *check(among) {
    for (const { id, link } of links(among, 'shard')) {
      const target = resolveFrom(folderOf(id), link.target);
      if (target !== undefined && among.has(target)) continue;
      const where = target === undefined ? 'leaves the scanned folder' : 'is not there';
      yield { artefact: id, message: `shard ${link.target} is named by the index and ${where}`, key: link.target, ...(target === undefined ? { severity: 'high' } : {}) };
    }
  },
});
