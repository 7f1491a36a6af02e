// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { folderOf, nameOf, repositories, shown } from './policy/repository.ts';

export default collectionRule({
  id: 'model-card-missing',
  title: 'A model repository without a model card',
  why: 'The card says what the model is for, what it was made from, and what it cannot do. Without one none of this can be checked, and whoever deploys the model must guess.',
  fix: 'Add a README.md with front matter (licence, base model, datasets) and the sections on intended use and limitations.',
  severity: 'low',
  confidence: 'medium',
  references: ['https://huggingface.co/docs/hub/model-cards', 'https://arxiv.org/abs/1810.03993'],
  provisions: ['5.2.4-1.1'],
  example: ['repository/model-without-card', 'repository/sharded'],
  reads: ['claim', 'link'],
  *check(among) {
    const models = repositories(among).filter(({ kind }) => kind === 'model');
    const cards = among.all.filter(({ artefact }) => /^(readme|model_?card)(\.[a-z]+)?$/i.test(nameOf(artefact.id))).map(({ artefact }) => folderOf(artefact.id));
    for (const { folder, because } of models) {
      // A part of a pipeline (unet/, text_encoder/) is described by the card above it.
      const described = cards.some((card) => card === '' || folder === card || folder.startsWith(`${card}/`));
      const part = models.some((other) => other.folder !== folder && (other.folder === '' || folder.startsWith(`${other.folder}/`)));
      if (!described && !part) yield { artefact: because, message: `${shown(folder)} is a model repository without a README.md or model card`, key: 'card' };
    }
  },
});
