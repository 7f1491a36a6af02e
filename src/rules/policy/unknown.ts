// SPDX-License-Identifier: Apache-2.0
import type { Confidence, Hit, Severity } from '../../model/rule.ts';
import { evidence, shown, spelled, type Judged } from './calls.ts';

const most = 20;

const tiers = [
  { effect: 'suspect', severity: 'high', confidence: 'low', what: 'callables that no reviewed profile covers, and that look as if they do more than rebuild an object' },
  { effect: 'unknown', severity: 'medium', confidence: 'medium', what: 'callables that no reviewed profile covers' },
  { effect: 'foreign-class', severity: 'low', confidence: 'medium', what: 'classes that no reviewed profile covers' },
] as const satisfies readonly { effect: string; severity: Severity; confidence: Confidence; what: string }[];

/** At most one finding per tier, with the packages and how many calls each has. */
export function* unknownHits(judged: readonly Judged[]): Iterable<Hit> {
  for (const tier of tiers) {
    const ones = judged.filter((one) => one.verdict.effect === tier.effect);
    const [first] = ones;
    if (first === undefined) continue;
    const packages = [...new Set(ones.map((one) => one.verdict.name.split('.')[0] ?? ''))].toSorted();
    const some = packages.slice(0, 8).join(', ').slice(0, 256);
    const example = tier.effect === 'foreign-class' ? '' : `; first ${spelled(first.fact)}: it ${shown(first.verdict.reason)}`;
    yield {
      message: `loading uses ${tier.what}, of ${packages.length} ${packages.length === 1 ? 'package' : 'packages'}: ${some}${packages.length > 8 ? ', …' : ''}${example}`,
      ...(first.fact.at === undefined ? {} : { at: first.fact.at }),
      severity: tier.severity,
      confidence: tier.confidence,
      key: `${tier.effect} ${packages.join(' ')}`,
      evidence: ones.slice(0, most).flatMap((one) => [...evidence(one.fact), shown(one.verdict.reason)]).concat(ones.length > most ? [`and ${ones.length - most} more`] : []),
    };
  }
}
