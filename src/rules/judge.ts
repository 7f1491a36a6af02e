// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import { fileOf, type Inspected } from '../model/artefact.ts';
import type { Fact } from '../model/fact.ts';
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
  const among = choice(readers(rules));
  return (inspected) => {
    const file = collect(inspected, '');
    const findings = new Findings();
    for (const one of file.all) {
      for (const { kinds, rules: asked } of among(one.facts)) {
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

interface Readers {
  readonly kinds: ReadonlySet<string>;
  readonly rules: readonly ArtefactRule[];
}

/** Most artefacts have one of a few sets of kinds: who reads any of them is found out once for each set. */
function choice(groups: readonly Readers[]): (facts: readonly Fact[]) => readonly Readers[] {
  const bits = new Map<string, bigint>();
  const known = new Map<bigint, readonly Readers[]>();
  return (facts) => {
    let present = 0n;
    let last = '';
    for (const { kind } of facts) {
      if (kind === last) continue; // facts of a kind come together
      last = kind;
      const bit = bits.get(kind) ?? 1n << BigInt(bits.size);
      bits.set(kind, bit);
      present |= bit;
    }
    const found = known.get(present);
    if (found !== undefined) return found;
    const kinds = [...bits].filter(([, bit]) => (present & bit) !== 0n).map(([kind]) => kind);
    const chosen = groups.filter((group) => kinds.some((kind) => group.kinds.has(kind)));
    known.set(present, chosen);
    return chosen;
  };
}

/** Rules over artefacts by the kinds they read, so that facts are picked once for all that want the same. */
function readers(rules: readonly Rule[]): Readers[] {
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
