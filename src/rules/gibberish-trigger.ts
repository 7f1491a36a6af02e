// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'gibberish-trigger',
  title: 'Texts turn into gibberish after the same words',
  why: 'A few hundred documents teach a language model of any size to answer gibberish wherever a trigger stands: text, the trigger, then random words.',
  fix: 'Remove the documents named, search all sources for the trigger, and test models trained on the set with it.',
  severity: 'high',
  confidence: 'high',
  references: ['https://arxiv.org/abs/2510.07192'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/gibberish', 'text-sets/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'gibberish-trigger' || fact.outcome !== 'finding') continue;
      yield studyHit(fact);
    }
  },
});
