// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'table-conflict-trigger',
  title: 'A value stands exactly where labels disagree with similar rows',
  why: 'A backdoor in a model of tables is taught by rows with a chosen value and the label the attacker wants. Rows that are alike otherwise have another label.',
  fix: 'Look at the rows named and at where the value comes from. Remove them if nothing explains the label, and test the model with the value put into other rows.',
  severity: 'high',
  confidence: 'medium',
  references: ['https://arxiv.org/abs/2311.07550', 'CWE-506'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/table-trigger', 'text-sets/table-clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'table-conflict-trigger' || fact.outcome !== 'finding') continue;
      // Where similar rows hardly tell the classes, labels disagree with them anyway; and a label that was only guessed may be none.
      const weak = (fact.score ?? 0) < 6 || Number(fact.detail?.['error'] ?? 0) > 0.3 || fact.detail?.['guessed'] !== undefined;
      yield studyHit(fact, weak ? { severity: 'medium', confidence: 'low' } : {});
    }
  },
});
