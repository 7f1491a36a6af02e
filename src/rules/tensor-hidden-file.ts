// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'tensor-hidden-file',
  title: 'The low bits of weights hold a program or an archive',
  why: 'Put together, the low bits of a tensor begin with the whole header of an ELF, PE or ZIP file. Chance does not write such headers: somebody hid a file in the weights, which a small loader elsewhere takes out and runs.',
  fix: 'Do not use the model. Keep it for analysis, and look for code that reads weights bit by bit.',
  severity: 'high',
  confidence: 'high',
  references: ['arXiv:2107.08590', 'CWE-506'],
  provisions: ['5.2.5-1'],
  example: ['weights/hidden-elf.safetensors', 'weights/natural.safetensors'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.kind === 'study' && fact.outcome === 'finding' && fact.question === 'tensor-hidden-file') yield { message: fact.what, evidence: [`${fact.n} of ${fact.among ?? fact.n} numbers looked at; blind to ${fact.blind}`] };
    }
  },
});
