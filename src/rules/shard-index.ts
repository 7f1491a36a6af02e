// SPDX-License-Identifier: Apache-2.0
import { collectionRule, type Collection, type Hit } from '../model/rule.ts';

export default collectionRule({
  id: 'shard-index',
  title: 'Shard index and weight files disagree',
  why: 'The index says which file holds which tensor: a missing shard means an incomplete model, and a shard that nobody names may be a leftover or a planted file.',
  fix: 'Compare the folder with the publisher\'s release; fetch what is missing and remove what the index does not name.',
  severity: 'medium',
  confidence: 'medium',
  references: ['CWE-345', 'https://huggingface.co/docs/transformers/big_models'],
  provisions: ['5.2.1-1', '5.2.1-2'],
  example: ['json/shards-orphan', 'json/shards-complete'],
  reads: ['link'],
  *check(among): Iterable<Hit> {
    const named = new Set<string>();
    const stems = new Set<string>();
    for (const { artefact, facts } of among.all) {
      const folder = folderOf(artefact.id);
      const shards = facts.flatMap((fact) => (fact.kind === 'link' && fact.role === 'shard' ? [fact.target] : []));
      // an index by itself was scanned without its weights: nothing to compare
      const present = shards.some((shard) => among.has(folder + shard));
      for (const shard of shards) {
        named.add(folder + shard);
        stems.add(folder + stemOf(shard));
        if (/^[/\\]|(^|[/\\])\.\.([/\\]|$)/.test(shard)) {
          yield { artefact: artefact.id, severity: 'high', message: `shard ${shard} lies outside the folder of its index` };
        } else if (present && !among.has(folder + shard)) {
          yield { artefact: artefact.id, message: `shard ${shard} is named by the index and missing` };
        }
      }
    }
    yield* orphans(among, named, stems);
  },
});

function* orphans(among: Collection, named: ReadonlySet<string>, stems: ReadonlySet<string>): Iterable<Hit> {
  for (const { artefact: { id } } of among.all) {
    const name = id.slice(folderOf(id).length);
    if (id.includes('!/') || named.has(id) || !/\d.*\.(safetensors|bin)$/.test(name)) continue;
    if (stems.has(folderOf(id) + stemOf(name))) yield { artefact: id, message: `shard ${name} is named by no index in its folder` };
  }
}

function folderOf(id: string): string {
  return id.slice(0, id.lastIndexOf('/') + 1);
}

/** What shards of one model share: 'model-' and the ending. */
function stemOf(name: string): string {
  return `${name.replace(/\d.*$/, '')}*${name.slice(name.lastIndexOf('.'))}`;
}
