// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'tensor-overwritten',
  title: 'Three of four bytes of the weights were replaced',
  why: 'Trained weights are more frequent the smaller they are, down to single binades. Here the lower three bytes of each number are evenly spread, as encrypted or compressed data is: the size of the number is left, everything else is a payload (EvilModel: MSB reservation, fast substitution).',
  fix: 'Do not use the model before the publisher confirms its digest.',
  severity: 'high',
  confidence: 'high',
  references: ['arXiv:2107.08590', 'arXiv:2109.04344', 'CWE-506'],
  provisions: ['5.2.5-1'],
  example: ['weights/overwritten.safetensors', 'weights/natural.safetensors'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.kind === 'study' && fact.outcome === 'finding' && fact.question === 'tensor-overwritten') yield { message: fact.what, evidence: [`${fact.n} of ${fact.among ?? fact.n} numbers looked at; blind to ${fact.blind}`] };
    }
  },
});
