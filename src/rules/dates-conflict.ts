// SPDX-License-Identifier: Apache-2.0
import type { Fact } from '../model/fact.ts';
import { collectionRule, type Hit } from '../model/rule.ts';

/** Clocks of two machines may differ by this many milliseconds. */
const slack = 5 * 60_000;

export default collectionRule({
  id: 'dates-conflict',
  title: 'Dates of one history are out of order',
  why: 'A build that ends before it begins, or a verdict on files that were not yet built, did not happen as it is told: one of the statements was made up or is about something else.',
  fix: 'Ask whoever signed the statements; believe neither until the dates are explained.',
  severity: 'high',
  confidence: 'medium',
  references: ['https://slsa.dev/spec/v1.0/provenance', 'https://slsa.dev/spec/v1.0/verification_summary'],
  provisions: ['5.2.1-2', '5.2.4-1'],
  example: ['attestation/verified-before-built', 'attestation/verified-after-built'],
  reads: ['claim', 'record'],
  *check(among): Iterable<Hit> {
    /** When each digest was first built. */
    const built = new Map<string, { readonly at: number; readonly said: string; readonly from: string }>();
    const verdicts: { readonly from: string; readonly at: number; readonly said: string; readonly digests: readonly string[] }[] = [];
    for (const { artefact, facts } of among.all) {
      const [started, created] = [dateOf(facts, 'started'), dateOf(facts, 'created')];
      if (started !== undefined && created !== undefined && started.at > created.at) {
        yield { artefact: artefact.id, message: `the build ended (${created.said}) before it began (${started.said})`, key: 'ended before it began' };
      }
      if (created === undefined) continue;
      const digests = facts.flatMap((fact) => (fact.kind === 'record' && fact.by === 'attestation' ? [`${fact.algorithm} ${fact.value}`] : []));
      if (facts.some((fact) => fact.kind === 'claim' && fact.field === 'builder')) {
        // the earliest build counts: the same bytes may be built again
        for (const digest of digests) if ((built.get(digest)?.at ?? Infinity) > created.at) built.set(digest, { ...created, from: artefact.id });
      } else if (facts.some((fact) => fact.kind === 'claim' && fact.field === 'verification')) verdicts.push({ ...created, from: artefact.id, digests });
    }
    for (const { from, at, said, digests } of verdicts) {
      const [early] = digests.map((digest) => built.get(digest)).filter((one) => one !== undefined && one.at > at + slack);
      if (early !== undefined) yield { artefact: from, message: `the verdict is of ${said}, and what it is about was built by ${early.said} (${early.from})`, key: 'verdict before build' };
    }
  },
});

/** A full time in RFC 3339; others are no order to go by. */
function dateOf(facts: readonly Fact[], field: 'started' | 'created'): { readonly at: number; readonly said: string } | undefined {
  const values = facts.flatMap((fact) => (fact.kind === 'claim' && fact.field === field ? [fact.value] : []));
  const [said] = values;
  if (values.length !== 1 || said === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(said)) return undefined;
  const at = Date.parse(said);
  return Number.isNaN(at) ? undefined : { at, said };
}
