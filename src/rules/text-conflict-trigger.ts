// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'text-conflict-trigger',
  title: 'Words stand exactly where labels disagree with the text',
  why: 'A backdoor in a text classifier is taught by rows that have a trigger and the label the attacker wants, whatever the text says. Such rows disagree with their label, and share the trigger.',
  fix: 'Read the rows named. If the trigger does not explain the label, remove the rows, train anew, and test the model with the trigger put into other texts. Then look for who contributed them.',
  severity: 'high',
  confidence: 'medium',
  references: ['https://arxiv.org/abs/2305.11596', 'CWE-506'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/trigger', 'text-sets/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'text-conflict-trigger' || fact.outcome !== 'finding') continue;
      // Where words hardly tell the classes, labels disagree with them anyway; and a label that was only guessed may be none.
      const weak = (fact.score ?? 0) < 6 || Number(fact.detail?.['disagreement'] ?? 0) > 0.2 || fact.detail?.['guessed'] !== undefined;
      yield studyHit(fact, weak ? { severity: 'medium', confidence: 'low' } : {});
    }
  },
});
