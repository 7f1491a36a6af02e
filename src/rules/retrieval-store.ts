// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'retrieval-store',
  title: 'Texts or vectors of a store were made to be retrieved',
  why: 'Whatever is retrieved is put before the model as if it were known to be true. A vector under another text, a vector near to every question, or texts that repeat one question and answer it differently put words of one writer there.',
  fix: 'Read the rows named and find out who wrote them. Embed their texts anew and compare the vectors; remove the rows that nobody can account for, and restrict who may write to the store.',
  severity: 'high',
  confidence: 'medium',
  references: ['https://arxiv.org/abs/2402.07867', 'https://genai.owasp.org/llmrisk/llm082025-vector-and-embedding-weaknesses/', 'CWE-345'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/store-swapped', 'text-sets/store-clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'retrieval-store' || fact.outcome !== 'finding') continue;
      const kind = fact.detail?.['kind'];
      // A question may be a heading that is repeated, and a vector that is no number is more often an accident.
      const doubtful = kind === 'question-group' || Number(fact.detail?.['long'] ?? 0) > 0;
      yield studyHit(fact, doubtful ? { severity: 'medium', confidence: 'low' } : kind === 'vector-health' ? { severity: 'low' } : {});
    }
  },
});
