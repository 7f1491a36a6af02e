// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { studyHit } from './policy/study-hit.ts';

export default rule({
  id: 'hidden-unicode',
  title: 'Data holds characters that people do not see',
  why: 'Tag characters, runs of variation selectors, bidirectional controls and characters without a width carry words or bytes that a reader does not see and a model does: orders to it, data that leaves, code that reads otherwise than it runs.',
  fix: 'Look at the rows named with a viewer that shows code points; remove these characters from the whole set, and find out who contributed the rows.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-1007', 'CVE-2021-42574', 'https://www.unicode.org/reports/tr39/'],
  provisions: ['5.2.1-4.1'],
  example: ['text-sets/hidden-tags', 'text-sets/languages'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'hidden-unicode' || fact.outcome !== 'finding') continue;
      const certain = ['tags', 'variation-selectors', 'bidi'].some((kind) => Number(fact.detail?.[kind] ?? 0) > 0) || Number(fact.detail?.['zero-width'] ?? 0) >= 8;
      yield studyHit(fact, certain ? {} : { severity: 'low', confidence: 'medium' }); // a stray mark of an editor, a soft hyphen, one look-alike
    }
  },
});
