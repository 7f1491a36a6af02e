// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'dataset-value-anomaly',
  title: 'Values that do not belong to their column',
  why: 'A sentinel that is read as a measurement, or one value a thousand times larger than all others, moves what a model learns; now and then it is a row that somebody slipped in.',
  fix: 'Look at the rows listed. Replace sentinels by an empty cell, and correct or remove what was mistyped.',
  severity: 'low',
  confidence: 'medium',
  references: ['https://doi.org/10.1080/01621459.1993.10476408', 'CWE-20'],
  provisions: [],
  reads: ['study'],
  example: ['datasets/values', 'datasets/values-heavy-tail'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question === 'value-anomalies' && fact.outcome === 'finding') yield { message: `${fact.of}: ${fact.what}`, key: fact.of, evidence: (fact.rows ?? []).slice(0, 8) };
    }
  },
});
