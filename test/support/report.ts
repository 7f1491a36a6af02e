import type { Inspected } from '../../src/model/artefact.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Report } from '../../src/model/report.ts';

/** A report with these parts, consistent enough for documents to be made of it. */
export function reportOf(inspected: readonly Inspected[], findings: readonly Finding[] = [], verdict: Report['summary']['verdict'] = 'findings'): Report {
  const count = (severity: Finding['severity']): number => findings.filter((one) => one.severity === severity).length;
  return {
    tool: { name: 'assay', version: '1.2.3', ruleset: '0'.repeat(64) },
    root: 'model',
    failOn: 'high',
    summary: {
      verdict,
      artefacts: inspected.length,
      files: inspected.filter(({ artefact }) => !artefact.id.includes('!/')).length,
      bytes: inspected.filter(({ artefact }) => !artefact.id.includes('!/')).reduce((sum, { artefact }) => sum + artefact.size, 0),
      incomplete: inspected.filter(({ coverage }) => coverage === 'partial' || coverage === 'failed').length,
      unsupported: inspected.filter(({ coverage }) => coverage === 'unsupported').length,
      excluded: 0,
      findings: { critical: count('critical'), high: count('high'), medium: count('medium'), low: count('low'), info: count('info') },
    },
    inspected,
    findings,
  };
}

export function inspectedOf(id: string, more: Partial<Inspected> = {}): Inspected {
  return { artefact: { id, size: 10, format: 'pickle', digests: { sha256: 'a'.repeat(64) } }, coverage: 'complete', facts: [], ...more };
}

export function findingOf(artefact: string, more: Partial<Finding> = {}): Finding {
  return {
    rule: 'scan-gap', severity: 'high', confidence: 'high', artefact, message: 'the message', at: [3, 7], fingerprint: 'f'.repeat(32),
    evidence: ['byte 3: 0x52'], provisions: ['5.2.3-1'], references: ['CWE-502'], ...more,
  };
}
