// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { links } from './policy/repository.ts';

export default collectionRule({
  id: 'local-base-model',
  title: 'A base model is named by a path on somebody\'s machine',
  why: 'A path tells nobody else where the weights came from, and it shows names of users and folders. The lineage of this model ends there.',
  fix: 'Name the base model by its hub id and commit, or by its digest, and remove the path.',
  severity: 'low',
  confidence: 'high',
  references: ['CWE-497'],
  provisions: ['5.2.1-2'],
  example: ['repository/base-model-local', 'repository/base-model-pinned'],
  reads: ['link'],
  *check(among) {
    for (const { id, link } of links(among, 'base-model')) {
      if (/^(\/(home|root|users|mnt|data|workspace|tmp|opt|content|scratch)\/|~|[A-Za-z]:[\\/])/i.test(link.target)) {
        yield { artefact: id, message: `the base model is the path ${link.target}`, key: link.target };
      }
    }
  },
});
