// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import { severities, type Rule, type Severity } from '../model/rule.ts';
import { count } from './terminal.ts';

const homepage = 'https://github.com/assay-scan/assay';

/** GitHub's code scanning keeps the first 5,000 results of a run and refuses more than 25,000. */
const resultsKept = 5000;

const levels: Record<Severity, 'error' | 'warning' | 'note'> = {
  critical: 'error', high: 'error', medium: 'warning', low: 'note', info: 'note',
};

/** GitHub's scale for `security-severity`: over 9.0 critical, 7.0 high, 4.0 medium, below low. */
const scores: Record<Severity, string> = { critical: '9.5', high: '8.0', medium: '5.0', low: '3.0', info: '0.0' };

/**
 * The report as SARIF 2.1.0 (OASIS). Findings inside a container are placed in the file that holds it, since a viewer
 * can open nothing else, and name the member as a logical location. Byte offsets of a member are within the member.
 */
export function sarif(report: Report, rules: readonly Rule[]): string {
  const used = rules.filter((rule) => report.findings.some((finding) => finding.rule === rule.id));
  const index = new Map(used.map((rule, position) => [rule.id, position]));
  const worstFirst = severities.flatMap((severity) => report.findings.filter((finding) => finding.severity === severity));
  const kept = worstFirst.slice(0, resultsKept);
  const left = worstFirst.length - kept.length;
  const run = {
    tool: {
      driver: {
        name: 'assay', semanticVersion: report.tool.version, version: report.tool.version, informationUri: homepage,
        rules: used.map(descriptor),
      },
    },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { ROOT: { description: { text: `The scanned folder, ${report.root}` } } },
    invocations: [{
      executionSuccessful: report.summary.verdict !== 'incomplete',
      toolExecutionNotifications: notifications(report, left),
    }],
    artifacts: report.inspected.filter(({ artefact }) => !artefact.id.includes('!/')).map(({ artefact }) => ({
      location: location(artefact.id),
      length: artefact.size,
      ...(artefact.digests.sha256 === undefined ? {} : { hashes: { 'sha-256': artefact.digests.sha256 } }),
    })),
    results: kept.map((finding) => result(finding, index.get(finding.rule))),
    properties: { verdict: report.summary.verdict, ruleset: report.tool.ruleset },
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function descriptor(rule: Rule): object {
  return {
    id: rule.id,
    name: rule.id.replaceAll(/(^|-)(.)/g, (_, _dash, letter: string) => letter.toUpperCase()),
    shortDescription: { text: rule.title },
    fullDescription: { text: rule.why },
    helpUri: `${homepage}/blob/main/docs/rules.md#${rule.id}`,
    help: { text: `${rule.why}\n\n${rule.fix}`, markdown: `${rule.why}\n\n**Fix:** ${rule.fix}` },
    defaultConfiguration: { level: levels[rule.severity] },
    properties: {
      'security-severity': scores[rule.severity],
      precision: { high: 'high', medium: 'medium', low: 'low' }[rule.confidence],
      tags: ['security', 'ai-supply-chain', ...rule.references.filter((reference) => reference.startsWith('CWE-')).map((cwe) => `external/cwe/${cwe.toLowerCase()}`)].slice(0, 20),
    },
  };
}

function result(finding: Finding, ruleIndex: number | undefined): object {
  const [file, ...members] = finding.artefact.split('!/');
  const inside = members.length > 0;
  const region = finding.at === undefined || inside ? {} : { region: { byteOffset: finding.at[0], byteLength: finding.at[1] - finding.at[0] } };
  return {
    ruleId: finding.rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: levels[finding.severity],
    message: { text: inside ? `${members.join('!/')}: ${finding.message}` : finding.message },
    locations: [{
      physicalLocation: { artifactLocation: location(file === '' ? '.' : file!), ...region },
      ...(inside ? { logicalLocations: [{ fullyQualifiedName: finding.artefact, kind: 'member' }] } : {}),
    }],
    partialFingerprints: { 'assay/v1': finding.fingerprint },
    ...(finding.suppressed === undefined ? {} : { suppressions: [{ kind: 'external', justification: finding.suppressed }] }),
    properties: {
      severity: finding.severity,
      confidence: finding.confidence,
      artefact: finding.artefact,
      ...(inside && finding.at !== undefined ? { byteOffset: finding.at[0], byteLength: finding.at[1] - finding.at[0] } : {}),
      evidence: finding.evidence,
      provisions: finding.provisions,
      references: finding.references,
    },
  };
}

function location(id: string): object {
  return { uri: id.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'ROOT' };
}

function notifications(report: Report, left: number): object[] {
  const out: object[] = [];
  for (const { artefact, facts } of report.inspected) {
    for (const fact of facts) {
      if (fact.kind !== 'gap') continue;
      out.push({ level: 'warning', message: { text: `${artefact.id}: ${fact.what}` }, descriptor: { id: 'scan-gap' } });
      if (out.length === 1000) return out;
    }
  }
  if (left > 0) out.push({ level: 'warning', message: { text: `${count(left, 'further finding')} left out: code scanning keeps ${resultsKept}; the JSON report has all` } });
  return out;
}
