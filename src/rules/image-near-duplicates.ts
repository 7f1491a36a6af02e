// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'image-near-duplicates',
  title: 'A flood of near copies of one picture',
  why: 'Many near copies of one picture with one label pull a model towards it, evade exact deduplication, and are memorised. Sets made by a crawl have some; one group far larger than all others was put there.',
  fix: 'Look at the group. Keep one of it, and ask where the others came from.',
  severity: 'medium',
  confidence: 'medium',
  references: ['https://arxiv.org/abs/2107.06499', 'CWE-1039'],
  provisions: ['5.2.1-4.1'],
  example: ['image-sets/flood', 'image-sets/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'image-near-duplicates' || fact.outcome !== 'finding') continue;
      yield studyHit(fact);
    }
  },
});
