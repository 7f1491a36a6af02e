// SPDX-License-Identifier: Apache-2.0
import { fileOf } from '../model/artefact.ts';
import type { Report } from '../model/report.ts';
import { atLeastSeverity } from '../model/rule.ts';
import { plain } from './terminal.ts';

/**
 * The report as JUnit XML, for build servers: a test case for each file, which fails when a finding at or above
 * `failOn` concerns it or a member of it. Findings on the root are a case of their own.
 */
export function junit(report: Report): string {
  const failing = report.findings.filter((finding) => finding.suppressed === undefined && atLeastSeverity(finding.severity, report.failOn));
  const byFile = Map.groupBy(failing, (finding) => fileOf(finding.artefact));
  const files = [...new Set([...byFile.keys(), ...report.inspected.map(({ artefact }) => fileOf(artefact.id))])].toSorted();
  const cases = files.map((file) => {
    const findings = byFile.get(file) ?? [];
    const name = `classname="${attribute(report.root)}" name="${attribute(file === '' ? '(the whole folder)' : file)}"`;
    if (findings.length === 0) return `  <testcase ${name}/>`;
    const failures = findings.map((finding) => (
      `    <failure type="${attribute(finding.rule)}" message="${attribute(`${finding.severity}: ${finding.message}`)}">${attribute(`${finding.artefact}${finding.at === undefined ? '' : ` at byte ${finding.at[0]}`}\n${finding.evidence.join('\n')}`)}</failure>`
    ));
    return `  <testcase ${name}>\n${failures.join('\n')}\n  </testcase>`;
  });
  const failed = files.filter((file) => byFile.has(file)).length;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="assay" tests="${files.length}" failures="${failed}">\n${cases.join('\n')}\n</testsuite>\n`;
}

function attribute(text: string): string {
  // Two characters are left that XML 1.0 does not allow (2.2 Characters).
  return text.split('\n').map((line) => plain(line)).join('\n')
    .replaceAll('\ufffe', '\\u{fffe}').replaceAll('\uffff', '\\u{ffff}')
    .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll('\n', '&#10;');
}
