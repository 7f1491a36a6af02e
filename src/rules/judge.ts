// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Inspected } from '../model/artefact.ts';
import type { Fact } from '../model/fact.ts';
import type { Finding } from '../model/finding.ts';
import { severities, type Collection, type Hit, type Rule, type Subject } from '../model/rule.ts';

/** Facts in, findings out. Pure: the same facts give the same findings, in the same order. */
export function judge(inspected: readonly Inspected[], rules: readonly Rule[], root: string): Finding[] {
  const among = collect(inspected, root);
  const findings: Finding[] = [];
  const seen = new Map<string, number>();
  const add = (rule: Rule, artefact: string, hit: Hit): void => {
    const key = [rule.id, artefact, hit.key ?? hit.message].join('\n');
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    findings.push({
      rule: rule.id,
      severity: hit.severity ?? rule.severity,
      confidence: hit.confidence ?? rule.confidence,
      artefact,
      message: hit.message,
      ...(hit.at === undefined ? {} : { at: hit.at }),
      fingerprint: createHash('sha256').update(`${key}\n${nth}`).digest('hex').slice(0, 32),
      evidence: hit.evidence ?? [],
      provisions: rule.provisions,
      references: rule.references,
    });
  };
  const readers = new Map<string, Rule[]>();
  for (const rule of rules) {
    if (rule.over === 'collection') for (const hit of rule.check(among)) add(rule, hit.artefact ?? '', hit);
    else for (const kind of rule.reads) readers.set(kind, [...(readers.get(kind) ?? []), rule]);
  }
  for (const one of among.all) {
    for (const [rule, subject] of asked(one, readers)) {
      if (rule.over !== 'artefact') continue;
      for (const hit of rule.check(subject, among)) add(rule, one.artefact.id, hit);
    }
  }
  return findings.toSorted(byPlace);
}

/** The rules that an artefact's facts concern, each with the facts of the kinds it reads. */
function asked(one: Inspected, readers: ReadonlyMap<string, readonly Rule[]>): Map<Rule, Subject> {
  const kinds = new Set<string>();
  for (const fact of one.facts) kinds.add(fact.kind);
  const subjects = new Map<Rule, Subject>();
  for (const kind of kinds) {
    for (const rule of readers.get(kind) ?? []) {
      if (subjects.has(rule)) continue;
      const wanted = new Set<string>(rule.reads);
      const facts: readonly Fact[] = one.facts.filter((fact) => wanted.has(fact.kind));
      subjects.set(rule, { artefact: one.artefact, coverage: one.coverage, facts });
    }
  }
  return subjects;
}

function collect(inspected: readonly Inspected[], root: string): Collection {
  const all = inspected.toSorted((a, b) => compare(a.artefact.id, b.artefact.id));
  const byId = new Map(all.map((one) => [one.artefact.id, one]));
  return { root, all, find: (id) => byId.get(id), has: (id) => byId.has(id) };
}

function byPlace(a: Finding, b: Finding): number {
  return compare(a.artefact, b.artefact) || compare(a.rule, b.rule) || (a.at?.[0] ?? -1) - (b.at?.[0] ?? -1)
    || severities.indexOf(a.severity) - severities.indexOf(b.severity) || compare(a.message, b.message);
}

/** By UTF-16 code unit: the same on every machine, unlike a locale's order. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
