// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { folderOf, links } from './policy/repository.ts';

export default collectionRule({
  id: 'base-model-conflict',
  title: 'Two files of one model name different base models',
  why: 'The card, the adapter\'s configuration or a header disagree on what this model was made from. Licence, risks and behaviour are inherited from the base: with the wrong one named, all that was reviewed is about another model.',
  fix: 'Ask the author which base model was used, and state that one everywhere, with its commit.',
  severity: 'high',
  confidence: 'medium',
  references: ['CWE-345', 'https://huggingface.co/docs/hub/model-cards#specifying-a-base-model'],
  provisions: ['5.2.4-1'],
  example: ['repository/base-model-conflict', 'repository/base-model-agreed'],
  reads: ['link'],
  *check(among) {
    // A name in `_name_or_path` is a trace of training, and a path is no name.
    const all = links(among, 'base-model').filter(({ link }) => link.detail !== '_name_or_path' && !isPath(link.target));
    for (const [folder, named] of Map.groupBy(all, ({ id }) => folderOf(id))) {
      const byFile = [...Map.groupBy(named, ({ id }) => id)].toSorted(([a], [b]) => (a < b ? -1 : 1));
      const [[first, said], ...others] = byFile as [(typeof byFile)[number], ...typeof byFile];
      for (const [id, theirs] of others) {
        const agree = said.some(({ link }) => theirs.some((other) => core(other.link.target) === core(link.target)));
        if (agree) continue;
        const told = (list: typeof said): string => list.slice(0, 3).map(({ link }) => link.target).join(', ');
        yield { artefact: id, message: `the base model is ${told(theirs)} here, and ${told(said)} in ${first}`, key: `${folder} ${core(theirs[0]!.link.target)}` };
      }
    }
  },
});

function isPath(target: string): boolean {
  return /^(?:\.{0,2}\/|[A-Za-z]:[\\/]|~)/.test(target) || target.split('/').length > 2 && !target.includes('://');
}

/** What stays when owner and packing are taken off: repackaged copies of one base (quantised, converted) are no other model. */
function core(target: string): string {
  const name = target.replace(/^https?:\/\/[^/]+\//, '').split('/').at(-1)!.toLowerCase();
  return name.replaceAll(/[-_.](?:unsloth|bnb|[248]bit|int[48]|fp(?:8|16|32)|bf16|f16|gptq|awq|gguf|ggml|hf|q\d\w*|dynamic|onnx|mlx)(?=[-_.]|$)/g, '').replaceAll(/[-_.]+/g, '-');
}
