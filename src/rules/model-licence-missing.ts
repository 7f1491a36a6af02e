// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { claims, folderOf, nameOf, repositories, shown } from './policy/repository.ts';

export default collectionRule({
  id: 'model-licence-missing',
  title: 'The model says nothing of its licence',
  why: 'Without a licence nobody may use or pass on the model, and nobody can tell whether its data and base model allowed it to be made.',
  fix: 'Add `license:` to the model card\'s front matter and a LICENSE file, or ask the supplier which licence applies.',
  severity: 'low',
  confidence: 'high',
  references: ['https://huggingface.co/docs/hub/model-cards', 'https://spdx.org/licenses/'],
  provisions: ['5.2.3-1', '5.2.4-1.1'],
  example: ['repository/model-without-licence', 'repository/sharded'],
  reads: ['claim', 'link'],
  *check(among) {
    const stated = claims(among, 'licence').length + claims(among, 'licence-name').length > 0;
    const file = among.all.some(({ artefact }) => /^(licen[cs]e|copying|notice)(\.|$)/i.test(nameOf(artefact.id)));
    if (stated || file) {
      // A licence anywhere under the root covers the model; one that only a dataset's folder states does not.
      const datasets = new Set(repositories(among).filter(({ kind }) => kind === 'dataset').map(({ folder }) => folder));
      if (file || [...claims(among, 'licence'), ...claims(among, 'licence-name')].some(({ id }) => !datasets.has(folderOf(id)))) return;
    }
    const [model] = repositories(among).filter(({ kind }) => kind === 'model');
    if (model === undefined) return;
    yield { artefact: model.because, message: `${shown(model.folder)} is a model repository, and neither its card nor a licence file states a licence`, key: 'licence' };
  },
});
