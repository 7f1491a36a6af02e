// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'base-unrelated',
  title: 'The weights do not come from the base they are said to come from',
  why: 'A fine-tune stays close to its base in every layer. Weights that have nothing in common with it were made from something else, so that licence, data and known weaknesses of the stated base say nothing about them.',
  fix: 'Ask for the real origin, and do not rely on what the card says of the base.',
  severity: 'high',
  confidence: 'medium',
  references: ['CWE-345'],
  provisions: ['5.2.1-2', '5.2.4-1'],
  example: ['base-models/unrelated', 'base-models/trained'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'base-unrelated' || fact.outcome !== 'finding') continue;
      // Who gives a base by hand may have taken the wrong one; what the model's own card names is a claim.
      yield { message: fact.what, evidence: [...(fact.excerpts ?? []), `does not see: ${fact.blind}`], key: fact.of, ...(fact.what.includes('(given)') ? { severity: 'medium' } as const : {}) };
    }
  },
});
