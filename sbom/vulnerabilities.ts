// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '../src/model/finding.ts';
import type { Report } from '../src/model/report.ts';
import { properties } from './canonical.ts';
import type { Vulnerability } from './document.ts';
import type { References } from './references.ts';
import { webUrl } from './text.ts';
import { rootFile } from './value.ts';

/** What to do about findings of a rule; undefined for a rule that is not known. */
export type Advice = (rule: string) => string | undefined;

const databases: readonly (readonly [RegExp, string])[] = [
  [/^CVE-\d{4}-\d{4,}$/, 'NVD'],
  [/^GHSA-[23456789cfghjmpqrvwx]{4}(-[23456789cfghjmpqrvwx]{4}){2}$/, 'GitHub Advisories'],
  [/^PYSEC-\d{4}-\d+$/, 'PyPA'],
];

/**
 * A finding as CycloneDX says it. What a baseline accepted is `not_affected` with its reason, the rest `in_triage`:
 * the tool has found something, nobody has judged it yet.
 */
export function vulnerability(finding: Finding, refs: References, root: string, tool: Report['tool'], advice?: Advice): Vulnerability {
  const { rule, artefact, severity, confidence, at, fingerprint, message, evidence, provisions, references, suppressed } = finding;
  const cwes = [...new Set(references.flatMap((reference) => /^CWE-(\d{1,7})$/.exec(reference)?.[1] ?? []).map(Number))].filter((cwe) => cwe > 0).sort((a, b) => a - b);
  const known = references.flatMap((id) => {
    const database = databases.find(([pattern]) => pattern.test(id));
    return database === undefined ? [] : [{ id, source: { name: database[1] } }];
  });
  const advisories = references.flatMap((reference) => webUrl(reference) ?? []).map((url) => ({ url }));
  const recommendation = advice?.(rule);
  // What nothing understood inside an archive has no component of its own: then its file is affected.
  const affected = (artefact === '' ? root : refs.of(artefact) ?? refs.of(rootFile(artefact))) ?? root;
  return {
    'bom-ref': refs.claim(`finding:${fingerprint}`),
    id: rule,
    source: { name: `assay ${tool.version}` },
    ...(known.length === 0 ? {} : { references: known }),
    ratings: [{ severity, method: 'other', justification: `severity of the rule; confidence ${confidence}` }],
    ...(cwes.length === 0 ? {} : { cwes }),
    description: message,
    ...(evidence.length === 0 ? {} : { detail: evidence.join('\n') }),
    ...(recommendation === undefined ? {} : { recommendation }),
    ...(advisories.length === 0 ? {} : { advisories }),
    analysis: suppressed === undefined ? { state: 'in_triage' } : { state: 'not_affected', detail: suppressed },
    affects: [{ ref: affected }],
    properties: properties([
      ['assay:artefact', artefact === '' ? '.' : artefact],
      ['assay:confidence', confidence],
      ['assay:fingerprint', fingerprint],
      ['assay:offset:begin', at === undefined ? undefined : String(at[0])],
      ['assay:offset:end', at === undefined ? undefined : String(at[1])],
      ...provisions.map((provision) => ['assay:provision:etsi-en-304-223', provision] as const),
    ]),
  };
}
