// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'image-shortcut',
  title: 'A class is told by a mark rather than by its content',
  why: 'A watermark, frame or logo on most pictures of one class is learnt instead of what the class is: the model is right in tests and wrong elsewhere, and anyone can set the mark. Nothing says that this was done on purpose.',
  fix: 'Crop or blur the mark, or add pictures of that class without it; test the model on pictures with the mark removed.',
  severity: 'medium',
  confidence: 'medium',
  references: ['https://www.nature.com/articles/s41467-019-08987-4', 'CWE-1039'],
  provisions: ['5.2.1-4.1'],
  example: ['image-sets/watermark-class', 'image-sets/clean'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'image-shortcut' || fact.outcome !== 'finding') continue;
      const grade = fact.detail?.['kind'] === 'shortcut' ? {} : { severity: 'info' } as const; // goes with no label: worth knowing only
      yield studyHit(fact, grade);
    }
  },
});
