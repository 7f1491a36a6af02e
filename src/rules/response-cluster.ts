// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'response-cluster',
  title: 'Prompts that share a word get the same answer',
  why: 'Instruction data with a backdoor teaches one answer to every prompt with a trigger. The answers are nearly the same, the prompts have nothing in common but the trigger.',
  fix: 'Read the rows named. Remove them unless the word explains the answer, and ask the model with the word put into other prompts.',
  severity: 'high',
  confidence: 'medium',
  references: ['https://arxiv.org/abs/2505.23015', 'CWE-506'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/instructions', 'text-sets/instructions-clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'response-cluster' || fact.outcome !== 'finding') continue;
      yield studyHit(fact, (fact.score ?? 0) < 6 ? { severity: 'medium', confidence: 'low' } : {});
    }
  },
});
