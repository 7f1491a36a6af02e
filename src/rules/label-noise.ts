// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'label-noise',
  title: 'Many labels of one class are given to another',
  why: 'Wrong labels by accident go both ways. Where rows that look like one class carry the label of another far more often than the other way round, somebody may have flipped them, or one annotator misunderstood.',
  fix: 'Look at the rows listed, the least plausible first; about half of such rows are wrong in ordinary sets. Ask who labelled them.',
  severity: 'medium',
  confidence: 'low',
  references: ['https://arxiv.org/abs/2103.14749', 'https://arxiv.org/abs/1911.00068'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/table-flips', 'text-sets/table-clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if ((fact.question !== 'text-label-noise' && fact.question !== 'table-label-noise') || fact.outcome !== 'finding') continue;
      yield studyHit(fact);
    }
  },
});
