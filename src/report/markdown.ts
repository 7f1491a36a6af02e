// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../model/report.ts';
import { severities, type Rule } from '../model/rule.ts';
import { bytes, count, plain } from './terminal.ts';

/** Rows of one table; a summary page is no place for ten thousand. */
const rows = 200;

/** The report as GitHub-flavoured Markdown, for a job summary or a pull request. */
export function markdown(report: Report, rules: readonly Rule[]): string {
  const { summary } = report;
  const active = report.findings.filter((finding) => finding.suppressed === undefined);
  const worstFirst = severities.flatMap((severity) => active.filter((finding) => finding.severity === severity));
  const titles = new Map(rules.map((rule) => [rule.id, rule.title]));
  const out = [
    `# Assay: ${summary.verdict}`, '',
    `${code(report.root)}: ${count(summary.files, 'file')}, ${bytes(summary.bytes)}; ${summary.incomplete} not fully read; ${severities.map((one) => `${summary.findings[one]} ${one}`).join(', ')}.`, '',
  ];
  if (worstFirst.length > 0) {
    out.push('| severity | finding | where | what |', '| --- | --- | --- | --- |');
    for (const finding of worstFirst.slice(0, rows)) {
      const at = finding.at === undefined ? '' : ` at byte ${finding.at[0]}`;
      out.push(`| ${finding.severity} | ${words(titles.get(finding.rule) ?? finding.rule)} (\`${finding.rule}\`) | ${finding.artefact === '' ? 'the whole folder' : code(finding.artefact)}${at} | ${words(finding.message)} |`);
    }
    if (worstFirst.length > rows) out.push('', `… and ${count(worstFirst.length - rows, 'more finding')}.`);
    out.push('', '## What to do', '');
    for (const rule of rules) if (worstFirst.some((finding) => finding.rule === rule.id)) out.push(`- \`${rule.id}\`: ${words(rule.fix)}`);
    out.push('');
  }
  const unread = report.inspected.filter(({ coverage }) => coverage === 'partial' || coverage === 'failed');
  if (unread.length > 0) {
    out.push('## Not fully read', '');
    for (const { artefact, facts } of unread.slice(0, rows)) out.push(`- ${code(artefact.id)}: ${words(facts.find((fact) => fact.kind === 'gap')?.what ?? 'damaged')}`);
    if (unread.length > rows) out.push(`- … and ${count(unread.length - rows, 'more artefact')}`);
    out.push('');
  }
  return `${out.join('\n').trimEnd()}\n`;
}

/** Text of unknown origin: every character that Markdown or HTML gives a meaning is written as an entity. */
function words(text: string): string {
  return plain(text).replaceAll(/[&<>|`*_[\]\\~#!@$]/g, (character) => `&#${character.codePointAt(0)};`);
}

/** A name in a code span that it cannot leave. */
function code(text: string): string {
  return `<code>${words(text)}</code>`;
}
