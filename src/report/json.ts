// SPDX-License-Identifier: Apache-2.0
import type { Inspected } from '../model/artefact.ts';
import type { FactOf } from '../model/fact.ts';
import type { Finding } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import { confidences, severities } from '../model/rule.ts';
import { UsageError } from '../model/usage-error.ts';

/** The JSON report as it is written and read: the published contract, src/report/report.schema.json. */
export interface JsonReport {
  readonly schemaVersion: 1;
  readonly tool: Report['tool'];
  readonly root: string;
  readonly shard?: string;
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
  /** What was asked of the data set or the weights that begin here, and how it came out; absent when nothing was, or with `--facts`. */
  readonly studies?: readonly FactOf<'study'>[];
  /** With `--facts` only. */
  readonly facts?: Inspected['facts'];
}

/** The report as JSON text, one line for each artefact and finding so that two reports can be compared line by line. */
export function json(report: Report, options: { facts?: boolean; showSuppressed?: boolean } = {}): string {
  const { tool, root, shard, failOn, summary, inspected } = report;
  const findings = report.findings.filter((finding) => finding.suppressed === undefined || options.showSuppressed === true);
  const artefacts = inspected.map(({ artefact, coverage, facts }): JsonArtefact => ({
    path: artefact.id,
    size: artefact.size,
    format: artefact.format,
    ...(artefact.digests.sha256 === undefined ? {} : { sha256: artefact.digests.sha256 }),
    coverage,
    ...(options.facts === true ? { facts } : studiesIn(facts)),
  }));
  const head = JSON.stringify({ schemaVersion: 1, tool, root, shard, failOn, summary }, undefined, 2).slice(0, -2);
  return `${head},\n  "artefacts": ${lines(artefacts)},\n  "findings": ${lines(findings)}\n}\n`;
}

function studiesIn(facts: Inspected['facts']): { studies?: readonly FactOf<'study'>[] } {
  const studies = facts.filter((fact) => fact.kind === 'study');
  return studies.length === 0 ? {} : { studies };
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
  const fault = faultOf(parsed);
  if (fault !== undefined) throw new UsageError(`${name} is not a whole report: ${fault}; write it again`);
  return parsed as JsonReport;
}

/** What keeps parsed JSON from being used as a report; undefined when its shape holds. Somebody else may have written it. */
function faultOf(report: Readonly<Record<string, unknown>>): string | undefined {
  const object = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
  const texts = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === 'string');
  const all = (value: unknown, check: (one: Readonly<Record<string, unknown>>) => boolean): number => (value as unknown[]).findIndex((one) => !object(one) || !check(one));
  const text = (one: Readonly<Record<string, unknown>>, ...keys: string[]): boolean => keys.every((key) => typeof one[key] === 'string');
  if (typeof report['root'] !== 'string') return 'root is missing';
  const { shard } = report;
  if (shard !== undefined && (typeof shard !== 'string' || !/^\d{1,9}\/\d{1,9}$/.test(shard))) return 'shard is not I/N';
  if (!object(report['summary']) || !Number.isSafeInteger(report['summary']['excluded'])) return 'summary.excluded is missing';
  const artefact = all(report['artefacts'], (one) => text(one, 'path', 'format', 'coverage') && Number.isSafeInteger(one['size'])
    && (one['sha256'] === undefined || text(one, 'sha256'))
    && (one['facts'] === undefined || (Array.isArray(one['facts']) && one['facts'].every((fact) => object(fact) && text(fact, 'kind')))));
  if (artefact !== -1) return `artefact ${artefact} has not the shape of one`;
  const finding = all(report['findings'], (one) => text(one, 'rule', 'artefact', 'message', 'fingerprint') && texts(one['evidence'])
    && severities.some((known) => known === one['severity']) && confidences.some((known) => known === one['confidence']));
  return finding === -1 ? undefined : `finding ${finding} has not the shape of one`;
}

/** What was inspected, out of a report written with `--facts`. Throws `UsageError` when the facts were left out. */
export function inspectedOf(report: JsonReport, name: string): Inspected[] {
  return report.artefacts.map(({ path, size, format, sha256, coverage, facts }) => {
    if (facts === undefined) throw new UsageError(`${name} was written without facts; write it again with --facts`);
    return { artefact: { id: path, size, format, digests: sha256 === undefined ? {} : { sha256 } }, coverage, facts };
  });
}
