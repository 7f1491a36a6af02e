// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { links } from './policy/repository.ts';

export default collectionRule({
  id: 'base-model-unpinned',
  title: 'A base model is named without a revision',
  why: 'A name on a hub is a moving target: what it stands for can be replaced at any time. Without a commit nobody can tell which weights this model was made from, or get the same ones again.',
  fix: 'State the 40-digit commit of the base model (adapter_config.json has `revision`; in a card write it beside the name), or its digest.',
  severity: 'low',
  confidence: 'high',
  references: ['https://huggingface.co/docs/hub/model-cards#specifying-a-base-model', 'CWE-494'],
  provisions: ['5.2.1-2', '5.2.3-1'],
  example: ['repository/base-model-unpinned', 'repository/base-model-pinned'],
  reads: ['link'],
  *check(among) {
    const told = new Set<string>();
    const all = links(among, 'base-model').filter(({ link }) => link.detail !== '_name_or_path'); // a trace of training, not a statement
    const pinned = new Set(all.filter(({ link }) => isCommit(link.revision)).map(({ link }) => link.target));
    for (const { id, link } of all) {
      if (pinned.has(link.target) || told.has(link.target) || isPath(link.target)) continue;
      told.add(link.target);
      const revision = link.revision === undefined ? 'without a revision' : `at ${link.revision}, which is a name that can move`;
      yield { artefact: id, message: `base model ${link.target} is named ${revision}`, key: link.target };
    }
  },
});

function isCommit(revision: string | undefined): boolean {
  return revision !== undefined && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(revision);
}

function isPath(target: string): boolean {
  return /^(\.{0,2}\/|[A-Za-z]:[\\/]|~)/.test(target);
}
