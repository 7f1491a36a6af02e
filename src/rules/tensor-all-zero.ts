// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'tensor-all-zero',
  title: 'A large tensor holds nothing but zeros',
  why: 'A layer of zeros does nothing, or waits to be filled: it was never trained, was lost on export, or was erased.',
  fix: 'Check that the layer is meant to start from zero (as half of an adapter is).',
  severity: 'info',
  confidence: 'high',
  references: ['CWE-682'],
  provisions: ['5.2.5-1'],
  example: ['weights/all-zero.safetensors', 'weights/natural.safetensors'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.kind === 'study' && fact.outcome === 'finding' && fact.question === 'tensor-all-zero') yield { message: fact.what, evidence: [`${fact.n} of ${fact.among ?? fact.n} numbers looked at; blind to ${fact.blind}`] };
    }
  },
});
