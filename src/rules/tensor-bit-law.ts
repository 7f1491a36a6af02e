// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'tensor-bit-law',
  title: 'The low bits of weights do not look like those of weights',
  why: 'In trained weights the bias of each mantissa bit is about half of that of the bit before. From one bit on it is gone: the low bits carry something that is evenly spread, such as an encrypted payload.',
  fix: 'Compare the file with the digest of its publisher. Rounding the weights to fewer bits destroys what is hidden.',
  severity: 'high',
  confidence: 'medium',
  references: ['arXiv:2310.01969', 'CWE-506'],
  provisions: ['5.2.5-1'],
  example: ['weights/low-bits.safetensors', 'weights/natural-half.safetensors'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.kind === 'study' && fact.outcome === 'finding' && fact.question === 'tensor-bit-law') yield { message: fact.what, evidence: [`${fact.n} of ${fact.among ?? fact.n} numbers looked at; blind to ${fact.blind}`] };
    }
  },
});
