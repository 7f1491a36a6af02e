// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'dataset-formula',
  title: 'Cells that a spreadsheet would run',
  why: 'Whoever opens the table in a spreadsheet runs these cells: they can fetch addresses, send the content of other cells, or start programs by DDE.',
  fix: 'Look at the cells listed. Remove them, or put an apostrophe before them when they are data, and find out how they came in.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-1236', 'https://owasp.org/www-community/attacks/CSV_Injection'],
  provisions: [],
  reads: ['study'],
  example: ['datasets/formulas', 'datasets/formulas-not'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'formula-injection' || fact.outcome !== 'finding') continue;
      const reaches = Number(fact.detail?.['reaching'] ?? 0) > 0;
      yield { message: `${fact.of}: ${fact.what}`, key: fact.of, evidence: [...(fact.rows ?? []).slice(0, 8), ...(fact.excerpts ?? [])], ...(reaches ? {} : { severity: 'low' as const }) };
    }
  },
});
