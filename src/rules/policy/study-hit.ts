// SPDX-License-Identifier: Apache-2.0
import type { FactOf } from '../../model/fact.ts';
import type { Hit } from '../../model/rule.ts';

/** What a study found, as a hit: its words, and for a person to check them the numbers, the rows, and what it cannot see. */
export function studyHit(fact: FactOf<'study'>, grade: Pick<Hit, 'severity' | 'confidence'> = {}): Hit {
  const { what, score, null: zero, n, among, rows = [], rowCount = rows.length, blind, of, question, trigger } = fact;
  const numbers = [
    ...(score === undefined ? [] : [`score ${score}`]),
    ...(zero === undefined || zero.trials === 0 ? [] : [`at most ${zero.max} in ${zero.trials} resamples without it`]),
    `${n}${among === undefined ? '' : ` of ${among}`} rows looked at`,
  ];
  return {
    message: `${of}: ${what}`,
    evidence: [numbers.join('; '), ...(rows.length === 0 ? [] : [`rows (${rowCount}${rows.some((row) => /#\d+$/.test(row)) ? '; # counts from 0' : ''}): ${rows.slice(0, 12).join(', ')}${rowCount > 12 ? ', …' : ''}`]), `does not see: ${blind}`],
    key: `${question} ${of} ${trigger ?? ''} ${String(fact.detail?.['label'] ?? '')}`,
    ...grade,
  };
}
