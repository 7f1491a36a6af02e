// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'image-stamp',
  title: 'A small mark on pictures of one label, as a backdoor trigger is set',
  why: 'Pictures with the same few pixels at the same place all have one label. A model that learns from them answers that label whenever it sees the mark: whoever knows the mark decides what the model says.',
  fix: 'Look at the rows named and at the picture of the place. Remove them, or ask the source why they bear the mark; train again without them, and test the old model with the mark set on other pictures.',
  severity: 'high',
  confidence: 'high',
  references: ['https://arxiv.org/abs/1708.06733', 'https://arxiv.org/abs/1912.02771', 'CWE-1039'],
  provisions: ['5.2.1-4.1'],
  example: ['image-sets/stamp', 'image-sets/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'image-stamp' || fact.outcome !== 'finding') continue;
      yield studyHit(fact);
    }
  },
});
