// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'image-label-noise',
  title: 'Labels of pictures that their look-alikes contradict',
  why: 'Some labels are wrong, by mistake or on purpose. Few harm little; many of one class given to another one harm exactly that class, which is also how a targeted attack on labels looks.',
  fix: 'Look at the ranked rows first, and at the pair of classes named. Correct or drop what is wrong; where one direction stands out ask who labelled these pictures.',
  severity: 'medium',
  confidence: 'medium',
  references: ['https://arxiv.org/abs/2103.14749', 'CWE-1039'],
  provisions: ['5.2.1-4.1'],
  example: ['image-sets/flips', 'image-sets/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'image-label-noise' || fact.outcome !== 'finding') continue;
      yield studyHit(fact);
    }
  },
});
