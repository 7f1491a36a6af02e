// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'image-scaling',
  title: 'A picture that shows something else once it is made smaller',
  why: 'The few pixels that scaling takes were changed: a person sees one picture, the model another one. Labels given by people then belong to the wrong picture, and a trigger can hide in plain sight.',
  fix: 'Scale the pictures named to the size named and look at both. Remove them; scale with area averaging (Pillow BOX or a reducing gap, OpenCV INTER_AREA).',
  severity: 'medium',
  confidence: 'high',
  references: ['https://www.usenix.org/conference/usenixsecurity20/presentation/quiring', 'https://www.usenix.org/conference/usenixsecurity19/presentation/xiao', 'CWE-1039'],
  provisions: ['5.2.1-4.1'],
  example: ['image-sets/scaling', 'image-sets/scaling-clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'image-scaling' || fact.outcome !== 'finding') continue;
      yield studyHit(fact);
    }
  },
});
