// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../model/report.ts';
import { severities, type Severity } from '../model/rule.ts';
import { UsageError } from '../model/usage-error.ts';
import { passed } from '../provenance/attestation.ts';

/** What an attestation needs to know of a scan, from this run or from a report. */
export interface ScanResult {
  readonly verdict: Report['summary']['verdict'];
  readonly incomplete: number;
  readonly findings: Report['summary']['findings'];
  readonly failOn: Report['failOn'];
  readonly tool: Report['tool'];
  /** SHA-256 in hex by path, of what was read to its end. */
  readonly digests: ReadonlyMap<string, string>;
  /** Absent when only a JSON report is there. */
  readonly report?: Report;
}

/** The threshold of an attested scan: `high` or stricter. A verdict that lets high findings pass would not deserve the name. */
export function attestThreshold(value = 'high'): Severity {
  const found = severities.find((one) => one === value);
  if (found === undefined || found === 'critical') throw new UsageError(`--fail-on is ${value}; allowed here are ${severities.filter((one) => one !== 'critical').join(', ')}`);
  return found;
}

/** The properties that held, all of them `ASSAY_…`; none when the scan did not pass. */
export function propertiesOf({ verdict, failOn, findings, incomplete }: ScanResult): string[] {
  if (verdict !== 'clean') return [];
  const strict = failOn !== 'never' && failOn !== 'critical' && findings.critical === 0 && findings.high === 0;
  const upTo = severities.findIndex((one) => findings[one] > 0); // most severe first
  const clear = upTo === -1 ? severities : severities.slice(0, upTo);
  return [...(strict ? [passed] : []), ...(incomplete === 0 ? ['ASSAY_SCAN_COMPLETE'] : []), ...clear.map((one) => `ASSAY_NO_${one.toUpperCase()}_FINDINGS`)];
}

/** Which rules judged, and from which severity on they failed a model. */
export function policyOf({ failOn, tool }: ScanResult): { uri: string; digest: Record<string, string> } {
  return { uri: `urn:assay:ruleset?fail-on=${failOn}`, digest: { sha256: tool.ruleset.replace(/^sha256:/, '') } };
}
