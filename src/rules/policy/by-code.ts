// SPDX-License-Identifier: Apache-2.0
import type { FactOf } from '../../model/fact.ts';
import type { Hit, Severity } from '../../model/rule.ts';

/** One hit for each code in the table, however many facts say it: with its severity, and the first ten as evidence. */
export function* byCode(facts: readonly FactOf<'malformed'>[], severities: ReadonlyMap<string, Severity>): Generator<Hit> {
  const ours = facts.filter(({ code }) => severities.has(code));
  for (const [code, same] of Map.groupBy(ours, (fact) => fact.code)) {
    const first = same[0]!; // groups are not empty
    yield {
      message: first.what,
      key: code,
      severity: severities.get(code)!, // filtered above
      evidence: same.slice(0, 10).map(({ what }) => what),
      ...(first.at === undefined ? {} : { at: first.at }),
    };
  }
}
