// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'image-conflicting-duplicates',
  title: 'Copies of a picture with different labels',
  why: 'The same picture cannot be two classes: one of the labels is wrong, by mistake or because somebody added copies with a label of their choice.',
  fix: 'Look at the groups named, keep one copy with the right label, and ask where the other came from.',
  severity: 'medium',
  confidence: 'high',
  references: ['https://arxiv.org/abs/2103.14749', 'CWE-1039'],
  provisions: ['5.2.1-4.1'],
  example: ['image-sets/conflicting-copies', 'image-sets/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'image-conflicting-duplicates' || fact.outcome !== 'finding') continue;
      yield studyHit(fact);
    }
  },
});
