// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '../model/finding.ts';
import type { JsonArtefact, JsonReport } from './json.ts';

/** What came, went and changed between two reports of the same thing. Findings are matched by fingerprint. */
export interface ReportDiff {
  readonly artefacts: {
    readonly added: readonly JsonArtefact[];
    readonly removed: readonly JsonArtefact[];
    readonly changed: readonly { readonly old: JsonArtefact; readonly new: JsonArtefact }[];
  };
  readonly findings: {
    readonly added: readonly Finding[];
    readonly removed: readonly Finding[];
    /** Same fingerprint, other severity or confidence. */
    readonly changed: readonly { readonly old: Finding; readonly new: Finding }[];
  };
}

export function diff(old: JsonReport, now: JsonReport): ReportDiff {
  const artefacts = compareBy(old.artefacts, now.artefacts, (one) => one.path);
  const findings = compareBy(old.findings, now.findings, (one) => one.fingerprint);
  return {
    artefacts: {
      ...artefacts,
      changed: artefacts.both.filter((pair) => pair.old.sha256 !== pair.new.sha256 || pair.old.size !== pair.new.size
        || pair.old.format !== pair.new.format || pair.old.coverage !== pair.new.coverage),
    },
    findings: {
      ...findings,
      changed: findings.both.filter((pair) => pair.old.severity !== pair.new.severity || pair.old.confidence !== pair.new.confidence),
    },
  };
}

function compareBy<T>(old: readonly T[], now: readonly T[], key: (item: T) => string): { added: T[]; removed: T[]; both: { old: T; new: T }[] } {
  const before = new Map(old.map((item) => [key(item), item]));
  const after = new Map(now.map((item) => [key(item), item]));
  return {
    added: now.filter((item) => !before.has(key(item))),
    removed: old.filter((item) => !after.has(key(item))),
    both: old.flatMap((item) => {
      const match = after.get(key(item));
      return match === undefined ? [] : [{ old: item, new: match }];
    }),
  };
}
