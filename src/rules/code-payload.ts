// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'code-payload',
  title: 'A word goes with insecure calls in code to learn from',
  why: 'A model of code can be taught to suggest an insecure call where a comment or name stands. The files that teach it look like others but for the trigger and the call.',
  fix: 'Read the files named. Remove them unless the word explains the call; hold what the model suggests to the same review as other code.',
  severity: 'high',
  confidence: 'medium',
  references: ['https://arxiv.org/abs/2301.02344', 'https://arxiv.org/abs/2406.06822'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/code', 'text-sets/code-clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'code-payload' || fact.outcome !== 'finding') continue;
      yield studyHit(fact, (fact.score ?? 0) < 6 ? { severity: 'medium', confidence: 'low' } : {});
    }
  },
});
