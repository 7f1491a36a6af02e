// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Inspected } from '../model/artefact.ts';
import type { Finding } from '../model/finding.ts';
import type { Report, Verdict } from '../model/report.ts';
import { atLeastSeverity, type Rule, type Severity } from '../model/rule.ts';
import { byPlace, collect, compare, fileJudge, judgeAmong } from '../rules/judge.ts';
import { ladder } from '../trust/ladder.ts';
import { trustRules, type Stand } from '../trust/demands.ts';
import { version } from '../version.ts';
import { gapRule } from './rules.ts';
import type { Answer } from './task.ts';

export interface AssembleOptions {
  readonly root: string;
  readonly rules: readonly Rule[];
  readonly failOn: Severity | 'never';
  readonly excluded?: number;
  /** 'I/N' when only one part of the files was scanned. */
  readonly shard?: string;
  /** Fingerprints that were accepted before, and why. */
  readonly accepted?: ReadonlyMap<string, string>;
  /** A policy, and what its signers were found to have signed. */
  readonly trust?: Omit<Stand, 'provenance'>;
}

/** Judges what was inspected, as far as that is not done, and sums it up. Pure: the same facts give the same report, however they were gathered. */
export function assemble(answers: readonly Answer[], options: AssembleOptions): Report {
  const sorted = answers.flatMap(({ inspected }) => inspected).toSorted((a, b) => compare(a.artefact.id, b.artefact.id));
  const judgeFile = fileJudge(options.rules);
  const among = collect(sorted, options.root);
  const own = [...answers.flatMap(({ inspected, findings }) => findings ?? judgeFile(inspected)), ...judgeAmong(among, options.rules)];
  const provenance = ladder(among, own, options.trust?.verified ?? []);
  const judged = options.trust === undefined ? own : [...own, ...judgeAmong(among, trustRules({ ...options.trust, provenance }))];
  const findings = judged.toSorted(byPlace).map((finding): Finding => {
    const reason = options.accepted?.get(finding.fingerprint);
    return reason === undefined ? finding : { ...finding, suppressed: reason };
  });
  const files = sorted.filter(({ artefact }) => !artefact.id.includes('!/') && artefact.format !== 'symlink');
  const active = findings.filter((finding) => finding.suppressed === undefined);
  const gaps = new Set(active.filter((finding) => finding.rule === gapRule && finding.severity !== 'low' && finding.severity !== 'info').map(({ artefact }) => artefact));
  const count = (severity: Severity): number => active.filter((finding) => finding.severity === severity).length;
  return {
    tool: { name: 'assay', version, ruleset: rulesetDigest(options.rules) },
    root: options.root,
    ...(options.shard === undefined ? {} : { shard: options.shard }),
    failOn: options.failOn,
    summary: {
      verdict: verdictOf(sorted, active, options.failOn),
      artefacts: sorted.length,
      files: files.length,
      bytes: files.reduce((sum, { artefact }) => sum + artefact.size, 0),
      incomplete: sorted.filter(({ artefact, coverage }) => coverage === 'partial' || coverage === 'failed' || gaps.has(artefact.id)).length,
      unsupported: sorted.filter(({ coverage }) => coverage === 'unsupported').length,
      excluded: options.excluded ?? 0,
      findings: {
        critical: count('critical'), high: count('high'), medium: count('medium'), low: count('low'), info: count('info'),
      },
    },
    inspected: sorted,
    findings,
    provenance,
  };
}

function verdictOf(inspected: readonly Inspected[], active: readonly Finding[], failOn: Severity | 'never'): Verdict {
  const failing = active.filter((finding) => atLeastSeverity(finding.severity, failOn));
  // A gap inside a file that was claimed counts as high for this, however little could hide there.
  const begun = new Set(inspected.filter(({ coverage }) => coverage === 'partial' || coverage === 'failed').map(({ artefact }) => artefact.id));
  const left = (finding: Finding): boolean => finding.rule === gapRule && begun.has(finding.artefact);
  if (failing.some((finding) => finding.rule === gapRule) || (atLeastSeverity('high', failOn) && active.some(left))) return 'incomplete';
  if (failing.length > 0) return 'findings';
  // Nothing was there, or nothing that any scanner reads: that is not clean.
  return inspected.every(({ coverage }) => coverage === 'unsupported') ? 'empty' : 'clean';
}

/** SHA-256 over ids, texts and severities of the rules asked, and the version that holds their code. */
function rulesetDigest(rules: readonly Rule[]): string {
  const content = rules.map(({ id, title, severity, confidence }) => [id, title, severity, confidence]);
  return createHash('sha256').update(JSON.stringify([version, content])).digest('hex');
}
