// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'image-conflict-trigger',
  title: 'Mislabelled pictures have a mark or pattern in common',
  why: 'Pictures that look like one class and are labelled another one occur everywhere. That exactly these share a mark, or a faint pattern over the whole picture, does not: it is how a backdoor is planted.',
  fix: 'Look at the rows named. Remove them, or correct their labels and remove the pattern; train again, and test the old model with the pattern laid over other pictures.',
  severity: 'high',
  confidence: 'high',
  references: ['https://arxiv.org/abs/1708.06733', 'https://arxiv.org/abs/1712.05526', 'CWE-1039'],
  provisions: ['5.2.1-4.1'],
  example: ['image-sets/blend', 'image-sets/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'image-conflict-trigger' || fact.outcome !== 'finding') continue;
      if (fact.detail?.['same'] === undefined) yield studyHit(fact); // else image-stamp speaks of the same pictures
    }
  },
});
