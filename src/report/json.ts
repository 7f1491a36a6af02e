// SPDX-License-Identifier: Apache-2.0
import type { Inspected } from '../model/artefact.ts';
import type { Finding } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import { UsageError } from '../model/usage-error.ts';

/** The JSON report as it is written and read: the published contract, src/report/report.schema.json. */
export interface JsonReport {
  readonly schemaVersion: 1;
  readonly tool: Report['tool'];
  readonly root: string;
  readonly failOn: Report['failOn'];
  readonly summary: Report['summary'];
  readonly artefacts: readonly JsonArtefact[];
  readonly findings: readonly Finding[];
}

export interface JsonArtefact {
  readonly path: string;
  readonly size: number;
  readonly format: string;
  /** Absent when the bytes were not read to their end. */
  readonly sha256?: string;
  readonly coverage: Inspected['coverage'];
  /** With `--facts` only. */
  readonly facts?: Inspected['facts'];
}

/** The report as JSON text, one line for each artefact and finding so that two reports can be compared line by line. */
export function json(report: Report, options: { facts?: boolean; showSuppressed?: boolean } = {}): string {
  const { tool, root, failOn, summary, inspected } = report;
  const findings = report.findings.filter((finding) => finding.suppressed === undefined || options.showSuppressed === true);
  const artefacts = inspected.map(({ artefact, coverage, facts }): JsonArtefact => ({
    path: artefact.id,
    size: artefact.size,
    format: artefact.format,
    ...(artefact.digests.sha256 === undefined ? {} : { sha256: artefact.digests.sha256 }),
    coverage,
    ...(options.facts === true ? { facts } : {}),
  }));
  const head = JSON.stringify({ schemaVersion: 1, tool, root, failOn, summary }, undefined, 2).slice(0, -2);
  return `${head},\n  "artefacts": ${lines(artefacts)},\n  "findings": ${lines(findings)}\n}\n`;
}

function lines(items: readonly unknown[]): string {
  return items.length === 0 ? '[]' : `[\n${items.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`;
}

/** Reads a JSON report back. Throws `UsageError` when it is none, or of another schema version. */
export function readReport(text: string, name: string): JsonReport {
  let parsed: Partial<JsonReport> | null;
  try {
    parsed = JSON.parse(text) as Partial<JsonReport> | null;
  } catch (error) {
    throw new UsageError(`${name} is not JSON (${(error as Error).message}); write one with assay scan -f json=FILE`);
  }
  if (parsed === null || typeof parsed !== 'object' || !Array.isArray(parsed.artefacts) || !Array.isArray(parsed.findings)) {
    throw new UsageError(`${name} is not a report of assay: artefacts and findings are missing; write one with assay scan -f json=FILE`);
  }
  if (parsed.schemaVersion !== 1) {
    throw new UsageError(`${name} has schema version ${String(parsed.schemaVersion)}, this version reads 1; write it again with this version`);
  }
  return parsed as JsonReport;
}

/** What was inspected, out of a report written with `--facts`. Throws `UsageError` when the facts were left out. */
export function inspectedOf(report: JsonReport, name: string): Inspected[] {
  return report.artefacts.map(({ path, size, format, sha256, coverage, facts }) => {
    if (facts === undefined) throw new UsageError(`${name} was written without facts; write it again with --facts`);
    return { artefact: { id: path, size, format, digests: sha256 === undefined ? {} : { sha256 } }, coverage, facts };
  });
}
