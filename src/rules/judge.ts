// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Inspected } from '../model/artefact.ts';
import type { Finding } from '../model/finding.ts';
import { severities, type ArtefactRule, type Collection, type Hit, type Rule, type Subject } from '../model/rule.ts';

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
  for (const rule of rules) {
    if (rule.over === 'collection') for (const hit of rule.check(among)) add(rule, hit.artefact ?? '', hit);
  }
  const groups = readers(rules);
  for (const one of among.all) {
    for (const { kinds, rules: asked } of groups) {
      const facts = one.facts.filter((fact) => kinds.has(fact.kind));
      if (facts.length === 0) continue;
      const subject: Subject = { artefact: one.artefact, coverage: one.coverage, facts };
      for (const rule of asked) for (const hit of rule.check(subject, among)) add(rule, one.artefact.id, hit);
    }
  }
  return findings.toSorted(byPlace);
}

/** Rules over artefacts by the kinds they read, so that facts are picked once for all that want the same. */
function readers(rules: readonly Rule[]): { readonly kinds: ReadonlySet<string>; readonly rules: ArtefactRule[] }[] {
  const groups = new Map<string, { kinds: ReadonlySet<string>; rules: ArtefactRule[] }>();
  for (const rule of rules) {
    if (rule.over !== 'artefact') continue;
    const key = rule.reads.toSorted().join(' ');
    const group = groups.get(key) ?? { kinds: new Set<string>(rule.reads), rules: [] };
    group.rules.push(rule);
    groups.set(key, group);
  }
  return [...groups.values()];
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
