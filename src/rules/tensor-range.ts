// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'tensor-range',
  title: 'Weights are far larger than weights are',
  why: 'Trained weights stay near zero. Numbers of millions among them overflow in half precision, or are something else than weights.',
  fix: 'Look at the tensor: token ids and frequencies are harmless, weights of this size are not.',
  severity: 'low',
  confidence: 'medium',
  references: ['CWE-682'],
  provisions: ['5.2.5-1'],
  example: ['weights/range.safetensors', 'weights/natural.safetensors'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.kind === 'study' && fact.outcome === 'finding' && fact.question === 'tensor-range') yield { message: fact.what, evidence: [`${fact.n} of ${fact.among ?? fact.n} numbers looked at; blind to ${fact.blind}`] };
    }
  },
});
