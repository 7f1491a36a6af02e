// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../model/report.ts';
import { UsageError } from '../model/usage-error.ts';

/** A finding that somebody looked at and accepted. Without a reason or after `expires` (YYYY-MM-DD) it counts again. */
interface Accepted {
  readonly fingerprint: string;
  readonly rule: string;
  readonly artefact: string;
  readonly reason: string;
  readonly expires?: string;
}

interface Baseline {
  readonly schemaVersion: 1;
  readonly accepted: readonly Accepted[];
}

/**
 * Fingerprints that a baseline accepts, with the reason. `today` is YYYY-MM-DD. Throws `UsageError` for a file that is
 * no baseline: taking it for an empty one would only be loud, taking a part of it could be silent.
 */
export function readBaseline(text: string, name: string, today: string): Map<string, string> {
  let parsed: Partial<Baseline> | null;
  try {
    parsed = JSON.parse(text) as Partial<Baseline> | null;
  } catch (error) {
    throw new UsageError(`the baseline ${name} is not JSON: ${(error as Error).message}`);
  }
  if (parsed?.schemaVersion !== 1 || !Array.isArray(parsed.accepted)) {
    throw new UsageError(`${name} is not a baseline: write one with assay scan --write-baseline ${name}`);
  }
  const accepted = new Map<string, string>();
  for (const entry of parsed.accepted as readonly (Partial<Accepted> | null)[]) {
    if (entry === null || typeof entry.fingerprint !== 'string' || typeof entry.reason !== 'string' || entry.reason.trim() === '') {
      throw new UsageError(`the baseline ${name} has an entry without fingerprint or reason: ${JSON.stringify(entry)}; say why it is accepted`);
    }
    if (entry.expires !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(entry.expires)) {
      throw new UsageError(`the baseline ${name} has expires ${entry.expires}; allowed is a date YYYY-MM-DD`);
    }
    if (entry.expires === undefined || entry.expires >= today) accepted.set(entry.fingerprint, entry.reason);
  }
  return accepted;
}

/** A baseline that accepts everything in the report, for a person to edit: each reason says that nobody has given one. */
export function writeBaseline(report: Report): string {
  const accepted = report.findings.map(({ fingerprint, rule, artefact, suppressed }): Accepted => ({
    fingerprint, rule, artefact, reason: suppressed ?? 'known when the baseline was written; not reviewed',
  }));
  const baseline: Baseline = { schemaVersion: 1, accepted };
  return `${JSON.stringify(baseline, undefined, 2)}\n`;
}
