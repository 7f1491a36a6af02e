// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'tensor-not-finite',
  title: 'A tensor holds NaN or infinite numbers',
  why: 'One NaN in the weights turns every answer that passes it into NaN, and comparisons with it into "no". Training that diverged leaves them, and so does damage or an edit.',
  fix: 'Compare the file with the digest of its publisher. If it is the same, ask the publisher: do not replace the numbers by zeros.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-682'],
  provisions: ['5.2.5-1'],
  example: ['weights/not-finite.safetensors', 'weights/mask.safetensors'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.kind === 'study' && fact.outcome === 'finding' && fact.question === 'tensor-not-finite') yield { message: fact.what, evidence: [`${fact.n} of ${fact.among ?? fact.n} numbers looked at; blind to ${fact.blind}`] };
    }
  },
});
