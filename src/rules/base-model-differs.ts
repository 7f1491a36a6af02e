// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { folderOf, links } from './policy/repository.ts';

export default collectionRule({
  id: 'base-model-differs',
  title: 'Two files name different base models',
  why: 'Where the card names one base model and the configuration another, the lineage is unknown: licence, training data and known faults of the base cannot be looked up, and an adapter loaded onto the wrong base does what nobody tested.',
  fix: 'Ask the author which model the weights were made from, and name that one everywhere.',
  severity: 'low',
  confidence: 'medium',
  references: ['https://huggingface.co/docs/hub/model-cards#specifying-a-base-model'],
  provisions: ['5.2.1-2'],
  example: ['contradiction/base-model', 'contradiction/as-downloaded'],
  reads: ['link'],
  *check(among) {
    const all = links(among, 'base-model').filter(({ link }) => link.detail !== '_name_or_path' && !/^(\.{0,2}\/|~|[A-Za-z]:[\\/])/.test(link.target));
    for (const stated of Map.groupBy(all, ({ id }) => folderOf(id)).values()) {
      const files = Map.groupBy(stated, ({ id }) => id);
      const adapter = [...files].find(([id]) => id.split('/').at(-1) === 'adapter_config.json');
      if (adapter === undefined) continue;
      for (const [id, named] of files) {
        // A card may name several: the adapter's own must be among them.
        if (id === adapter[0] || named.some(({ link }) => adapter[1].some((one) => same(one.link.target, link.target)))) continue;
        yield { artefact: id, message: `base model is ${named.map(({ link }) => link.target).slice(0, 3).join(', ')}, in ${adapter[0]} it is ${adapter[1][0]!.link.target}`, key: named[0]!.link.target };
        break;
      }
    }
  },
});

/** By the last part of the name: mirrors keep that, quantised bases add to it. */
function same(a: string, b: string): boolean {
  const plain = (target: string): string => target.replace(/\/+$/, '').split('/').at(-1)!.toLowerCase().replaceAll(/[\s._-]+/g, '-').replace(/-(bnb-4bit|unsloth-bnb-4bit|4bit|8bit|gptq|awq|fp8|int8|bf16)$/g, '');
  return plain(a) === plain(b);
}
