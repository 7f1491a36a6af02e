// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'split-leakage',
  title: 'Test rows stand in the training part',
  why: 'A test on rows that were learnt says nothing, and hides what a poisoned or poor model does on others.',
  fix: 'Remove the rows from one of the parts and measure again.',
  severity: 'medium',
  confidence: 'high',
  references: ['https://doi.org/10.1016/j.patter.2023.100804'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/leak', 'text-sets/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'split-leakage' || fact.outcome !== 'finding') continue;
      yield studyHit(fact);
    }
  },
});
