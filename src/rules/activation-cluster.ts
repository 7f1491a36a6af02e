// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'activation-cluster',
  title: 'A model takes some rows of a class for it by another way',
  why: 'Put to a model that was trained on it, a data set shows what the model has learned of it. Where some pictures of one class stand apart in what the last layer is given, the model knows them by something else than the class: most often a trigger that was planted in the data.',
  fix: 'Look at the rows named beside others of the class. If something that does not make the class is common to them, remove them, train anew, and do not use this model.',
  severity: 'high',
  confidence: 'medium',
  references: ['arXiv:1811.03728', 'CWE-506'],
  provisions: ['5.2.1-4.1', '5.2.5-1'],
  example: ['activation/poisoned', 'activation/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) if (fact.question === 'activation-clusters' && fact.outcome === 'finding') yield studyHit(fact);
  },
});
