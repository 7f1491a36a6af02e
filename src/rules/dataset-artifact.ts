// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'dataset-artifact',
  title: 'A mark of format tells a class',
  why: 'Rows of one source carry a mark of it, and the model learns the mark instead of the content: right in tests and wrong elsewhere. Anyone can write the mark. Nothing says that this was done on purpose.',
  fix: 'Remove the mark from all rows, or add rows of that class without it, and test the model on text without it.',
  severity: 'low',
  confidence: 'medium',
  references: ['https://www.nature.com/articles/s42256-020-00257-z', 'CWE-1039'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/artifact', 'text-sets/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'dataset-artifact' || fact.outcome !== 'finding') continue;
      yield studyHit(fact);
    }
  },
});
