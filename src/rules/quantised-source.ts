// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'quantised-source',
  title: 'A quantised file is not made from the weights beside it',
  why: 'Quantising rounds each number to the next step of a grid. Numbers that lie further away were not rounded from these weights: the two files are of different models, or the small one, which most people load, was changed.',
  fix: 'Quantise the source again yourself, or compare digests with the publisher of both files.',
  severity: 'high',
  confidence: 'medium',
  references: ['CWE-345', 'arXiv:2405.18137'],
  provisions: ['5.2.1-2', '5.2.5-1'],
  example: ['quantised/others', 'quantised/rounded'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question === 'quantised-source' && fact.outcome === 'finding') yield { message: fact.what, evidence: [...(fact.excerpts ?? []), `does not see: ${fact.blind}`], key: fact.of };
    }
  },
});
