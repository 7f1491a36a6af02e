// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { claims, folderOf, nameOf, repositories, shown } from './policy/repository.ts';

export default collectionRule({
  id: 'dataset-licence-missing',
  title: 'A dataset says nothing of its licence',
  why: 'What was collected, from whom and under which terms decides whether a model may be trained on it. A dataset without a licence leaves that open for every model made from it.',
  fix: 'Add `license:` to the dataset card\'s front matter, or a LICENSE file beside the data.',
  severity: 'low',
  confidence: 'high',
  references: ['https://huggingface.co/docs/hub/datasets-cards', 'https://spdx.org/licenses/'],
  provisions: ['5.2.4-2'],
  example: ['repository/dataset-without-licence', 'repository/dataset-with-licence'],
  reads: ['claim'],
  *check(among) {
    for (const { folder, kind, because } of repositories(among)) {
      if (kind !== 'dataset') continue;
      if (claims(among, 'licence', folder).length + claims(among, 'licence-name', folder).length > 0) continue;
      if (among.all.some(({ artefact }) => folderOf(artefact.id) === folder && /^(licen[cs]e|copying)(\.|$)/i.test(nameOf(artefact.id)))) continue;
      yield { artefact: because, message: `${shown(folder)} is a dataset, and neither its card nor a licence file states a licence`, key: 'licence' };
    }
  },
});
