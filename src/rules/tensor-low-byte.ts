// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'tensor-low-byte',
  title: 'The lowest byte of weights is far from evenly spread',
  why: 'The last byte of a trained 32-bit weight is noise. Here some values are much more frequent than others, as in a program or a text that was written into these bytes.',
  fix: 'Look at the bytes: rounding leaves zeros, a payload leaves text.',
  severity: 'medium',
  confidence: 'medium',
  references: ['arXiv:2107.08590', 'CWE-506'],
  provisions: ['5.2.5-1'],
  example: ['weights/low-byte.safetensors', 'weights/natural.safetensors'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.kind === 'study' && fact.outcome === 'finding' && fact.question === 'tensor-low-byte') yield { message: fact.what, evidence: [`${fact.n} of ${fact.among ?? fact.n} numbers looked at; blind to ${fact.blind}`] };
    }
  },
});
