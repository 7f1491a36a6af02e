// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'data-secrets',
  title: 'Data holds secrets or personal data',
  why: 'A model can repeat what it has learnt, and everyone who has the set has the secret. What is named here has a checksum or structure that holds, not merely the look of one.',
  fix: 'Revoke the tokens and keys, remove the rows, and say so to whom the data concerns. Values are not shown here.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-312', 'CWE-798', 'https://arxiv.org/abs/2012.07805'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/secrets', 'text-sets/languages'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'secrets' || fact.outcome !== 'finding') continue;
      yield studyHit(fact);
    }
  },
});
