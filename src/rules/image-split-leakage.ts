// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'image-split-leakage',
  title: 'Held-out pictures are in the training split too',
  why: 'A test on pictures that were trained on says nothing about new ones: accuracy is overstated, and a backdoored or weak model passes.',
  fix: 'Remove the copies from one of the splits, and measure again.',
  severity: 'medium',
  confidence: 'high',
  references: ['https://arxiv.org/abs/1902.00423', 'CWE-1039'],
  provisions: ['5.2.5-1'],
  example: ['image-sets/leak', 'image-sets/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'image-split-leakage' || fact.outcome !== 'finding') continue;
      yield studyHit(fact);
    }
  },
});
