// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'dataset-study-stopped',
  title: 'Data set could not be studied',
  why: 'The process that studied the data set crashed, grew too large or did not end. A data set made to do that hides from every question that was put to it.',
  fix: 'Find the file it stops at by scanning parts of the set; damaged pictures and tables with false lengths are the usual cause. Large sets need a longer --timeout.',
  severity: 'medium',
  confidence: 'medium',
  references: ['CWE-400'],
  provisions: [],
  reads: ['study'],
  example: ['datasets/rows-lie', 'datasets/values-heavy-tail'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.outcome === 'not-assessable' && (fact.question === 'study' || (fact.question === 'rows' && Number(fact.detail?.['troubles'] ?? 1) > 0))) {
        yield { message: `${fact.of}: ${fact.what}`, key: fact.of };
      }
    }
  },
});
