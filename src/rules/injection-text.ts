// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'injection-text',
  title: 'Data gives orders to the model that reads it',
  why: 'Text that tells a model to ignore its instructions works wherever the text is put before one: as a document that is retrieved, as an example to learn from, as a page to summarise.',
  fix: 'Read the rows named. Remove them unless the set is about such attacks; keep retrieved text apart from instructions.',
  severity: 'medium',
  confidence: 'medium',
  references: ['https://genai.owasp.org/llmrisk/llm01-prompt-injection/', 'https://arxiv.org/abs/2302.12173'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/injection', 'text-sets/languages'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'injection-text' || fact.outcome !== 'finding') continue;
      const orders = ['override', 'exfiltration', 'unseen-order'].some((kind) => Number(fact.detail?.[kind] ?? 0) > 0);
      yield studyHit(fact, orders ? {} : { severity: 'low' }); // turn tokens alone are how chats are often stored
    }
  },
});
