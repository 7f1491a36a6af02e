// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { claims, repositories, folderOf } from './policy/repository.ts';

export default collectionRule({
  id: 'licence-conflict',
  title: 'Two files of one model state different licences',
  why: 'When the card, a header and an index disagree on the licence, at least one of them is wrong, and whoever relies on the wrong one has no permission.',
  fix: 'Ask the author which licence holds, and state that one everywhere.',
  severity: 'high',
  confidence: 'medium',
  references: ['https://spdx.org/licenses/'],
  provisions: ['5.2.4-1.1'],
  example: ['repository/licence-conflict', 'repository/sharded'],
  reads: ['claim'],
  *check(among) {
    const datasets = new Set(repositories(among).filter(({ kind }) => kind === 'dataset').map(({ folder }) => folder));
    const byFolder = Map.groupBy(claims(among, 'licence').filter(({ id }) => !datasets.has(folderOf(id)) && !describesData.test(id)), ({ id }) => folderOf(id));
    for (const [folder, stated] of byFolder) {
      const files = new Map<string, string[]>();
      for (const { id, value } of stated) files.set(id, [...(files.get(id) ?? []), plain(value)].toSorted());
      const distinct = new Map([...files].map(([id, values]) => [values.join(' and '), id]));
      if (distinct.size < 2) continue;
      const told = [...distinct].map(([licence, id]) => `${licence} in ${id}`).toSorted();
      yield { artefact: stated[0]!.id, message: `licences differ${folder === '' ? '' : ` in ${folder}`}: ${told.slice(0, 5).join(', ')}`, key: [...distinct.keys()].toSorted().join('|') };
    }
  },
});

/** Catalogues of data beside a model: their licence is that of the data. */
const describesData = /(^|\/)(croissant[\w.-]*|dataset_infos?|datapackage)\.json(!|$)/i;

/** The same licence is written in many ways: "Apache License 2.0", "apache-2.0", "Apache 2.0". */
function plain(licence: string): string {
  return licence.toLowerCase().replaceAll(/\b(the|licen[cs]e|version|v)\b/g, ' ').replaceAll(/[^a-z0-9.]+/g, '-').replaceAll(/^-+|-+$/g, '').replace(/-(\d)$/, '-$1.0');
}
