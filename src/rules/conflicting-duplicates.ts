// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'conflicting-duplicates',
  title: 'The same row stands there with different labels',
  why: 'A row cannot be both. Copies with another label are among the cheapest ways to blur a class, and among the surest signs of mislabelling.',
  fix: 'Decide for one label, or drop both.',
  severity: 'medium',
  confidence: 'high',
  references: ['https://arxiv.org/abs/2103.14749'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/conflicting', 'text-sets/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'conflicting-duplicates' || fact.outcome !== 'finding') continue;
      yield studyHit(fact);
    }
  },
});
