// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import { fileOf, type Inspected } from '../model/artefact.ts';
import type { Finding } from '../model/finding.ts';
import { severities, type ArtefactRule, type Collection, type Hit, type Rule, type Subject } from '../model/rule.ts';

/** Facts in, findings out. Pure: the same facts give the same findings, in the same order. */
export function judge(inspected: readonly Inspected[], rules: readonly Rule[], root: string): Finding[] {
  const files = Map.groupBy(inspected, ({ artefact }) => fileOf(artefact.id));
  const judgeFile = fileJudge(rules);
  return [...judgeTogether(inspected, rules, root), ...[...files.values()].flatMap((file) => judgeFile(file))].toSorted(byPlace);
}

/** What rules over single artefacts say of a root file and its members: needs nothing but that file, wherever it was inspected. */
export function fileJudge(rules: readonly Rule[]): (inspected: readonly Inspected[]) => Finding[] {
  const groups = readers(rules);
  return (inspected) => {
    const file = collect(inspected, '');
    const findings = new Findings();
    for (const one of file.all) {
      const present = [...new Set<string>(one.facts.map(({ kind }) => kind))];
      for (const { kinds, rules: asked } of groups) {
        if (!present.some((kind) => kinds.has(kind))) continue;
        const facts = one.facts.filter((fact) => kinds.has(fact.kind));
        const subject: Subject = { artefact: one.artefact, coverage: one.coverage, facts };
        for (const rule of asked) for (const hit of rule.check(subject, file)) findings.add(rule, one.artefact.id, hit);
      }
    }
    return findings.all;
  };
}

/** What rules over the whole collection say. */
export function judgeTogether(inspected: readonly Inspected[], rules: readonly Rule[], root: string): Finding[] {
  return judgeAmong(collect(inspected, root), rules);
}

/** The same for a collection that is at hand. */
export function judgeAmong(among: Collection, rules: readonly Rule[]): Finding[] {
  const findings = new Findings();
  for (const rule of rules) {
    if (rule.over === 'collection') for (const hit of rule.check(among)) findings.add(rule, hit.artefact ?? '', hit);
  }
  return findings.all;
}

/** Makes findings of hits; those of one rule about one artefact that would have the same fingerprint are numbered. */
class Findings {
  readonly all: Finding[] = [];
  readonly #seen = new Map<string, number>();

  add(rule: Rule, artefact: string, hit: Hit): void {
    const key = [rule.id, artefact, hit.key ?? hit.message].join('\n');
    const nth = this.#seen.get(key) ?? 0;
    this.#seen.set(key, nth + 1);
    this.all.push({
      rule: rule.id,
      severity: hit.severity ?? rule.severity,
      confidence: hit.confidence ?? rule.confidence,
      artefact,
      message: hit.message,
      ...(hit.at === undefined ? {} : { at: hit.at }),
      fingerprint: hash('sha256', `${key}\n${nth}`).slice(0, 32),
      evidence: hit.evidence ?? [],
      provisions: rule.provisions,
      references: rule.references,
    });
  }
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

/** Sorted by id, with a way to look up one. */
export function collect(inspected: readonly Inspected[], root: string): Collection {
  const all = inspected.toSorted((a, b) => compare(a.artefact.id, b.artefact.id));
  const byId = new Map(all.map((one) => [one.artefact.id, one]));
  return { root, all, find: (id) => byId.get(id), has: (id) => byId.has(id) };
}

/** The order of findings in every report. */
export function byPlace(a: Finding, b: Finding): number {
  return compare(a.artefact, b.artefact) || compare(a.rule, b.rule) || (a.at?.[0] ?? -1) - (b.at?.[0] ?? -1)
    || severities.indexOf(a.severity) - severities.indexOf(b.severity) || compare(a.message, b.message);
}

/** By UTF-16 code unit: the same on every machine, unlike a locale's order. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
