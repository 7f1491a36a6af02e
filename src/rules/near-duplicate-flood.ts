// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'near-duplicate-flood',
  title: 'Many texts are nearly the same',
  why: 'What stands in a set many times is learnt by heart and outweighs what stands there once: a cheap way to make a model say something, and an ordinary defect of crawls.',
  fix: 'Keep one copy of each. Find out where the copies come from if they favour a product, a person or an opinion.',
  severity: 'medium',
  confidence: 'high',
  references: ['https://arxiv.org/abs/2107.06499'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/flood', 'text-sets/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'near-duplicate-flood' || fact.outcome !== 'finding') continue;
      yield studyHit(fact);
    }
  },
});
