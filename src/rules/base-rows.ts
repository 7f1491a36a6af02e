// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'base-rows',
  title: 'Only a few rows of the base were changed',
  why: 'A row of an embedding stands for a token. Changing a few of them and nothing else teaches the model a trigger word; ordinary training touches all that the data use, and further layers.',
  fix: 'Look up which tokens the rows stand for, and use the base model itself unless the publisher explains the change.',
  severity: 'medium',
  confidence: 'high',
  references: ['arXiv:2103.15543'],
  provisions: ['5.2.1-2', '5.2.5-1'],
  example: ['base-models/rows', 'base-models/trained'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question === 'base-rows' && fact.outcome === 'finding') yield { message: fact.what, evidence: [...(fact.excerpts ?? []), `does not see: ${fact.blind}`], key: fact.of };
    }
  },
});
