// SPDX-License-Identifier: Apache-2.0
import { styleText } from 'node:util';
import type { Finding } from '../model/finding.ts';
import type { Place, Report } from '../model/report.ts';
import { severities, type Rule, type Severity } from '../model/rule.ts';
import { amount, bySubject, measured } from './studies.ts';
import { bytes, count, plain } from './terminal.ts';

export interface TextOptions {
  readonly color?: boolean;
  /** Show only findings from this severity up; the counts stay whole. */
  readonly severity?: Severity;
  readonly showSuppressed?: boolean;
  readonly verbose?: boolean;
  /** Where `fix` and titles come from. */
  readonly rules: readonly Rule[];
}

type Style = Parameters<typeof styleText>[0];

const severityStyle: Record<Severity, Style> = { critical: ['red', 'bold'], high: 'red', medium: 'yellow', low: 'cyan', info: 'gray' };

/** Findings listed for one rule before the rest is counted; `-v` lists all. */
const listed = 8;

/** The report for a person: verdict first, then what was found and where, what to do, and what was not looked at. */
export function text(report: Report, options: TextOptions): string {
  const paint = (style: Style, words: string): string => (options.color === true ? styleText(style, words, { validateStream: false }) : words);
  const out: string[] = [headline(report, paint), ''];
  const least = severities.indexOf(options.severity ?? 'info');
  const shown = report.findings.filter((finding) => severities.indexOf(finding.severity) <= least && finding.suppressed === undefined);
  for (const [rule, findings] of grouped(shown)) out.push(...block(rule, findings, options, paint));
  const hidden = report.findings.filter((finding) => finding.suppressed === undefined).length - shown.length;
  if (hidden > 0) out.push(paint('gray', `${count(hidden, 'finding')} below ${options.severity} not shown.`), '');
  if (options.showSuppressed === true) out.push(...suppressed(report, paint));
  out.push(...studies(report, options, paint), ...provenance(report, options, paint), ...coverage(report, options, paint));
  return `${out.join('\n').trimEnd()}\n`;
}

type Paint = (style: Style, words: string) => string;

function headline(report: Report, paint: Paint): string {
  const { summary } = report;
  const words = {
    clean: () => paint(['green', 'bold'], 'CLEAN'),
    findings: () => paint(['red', 'bold'], 'FINDINGS'),
    incomplete: () => paint(['red', 'bold'], 'INCOMPLETE'),
    empty: () => paint(['yellow', 'bold'], 'NOTHING TO SCAN'),
  }[summary.verdict]();
  const found = severities.filter((severity) => summary.findings[severity] > 0)
    .map((severity) => paint(severityStyle[severity], `${summary.findings[severity]} ${severity}`));
  const inside = summary.artefacts - summary.files;
  const unread = ofNoFormat(report).filter(({ artefact }) => !artefact.id.includes('!/')).reduce((sum, { artefact }) => sum + artefact.size, 0);
  // Where much of it is of no known format, the first line says so: it would else vouch for all of the bytes.
  const much = unread >= 0.1 * summary.bytes && unread > 0 ? `, ${bytes(unread)} of no format that assay reads` : '';
  const size = `${count(summary.files, 'file')}${inside > 0 ? ` and ${inside} inside them` : ''}, ${bytes(summary.bytes)}${much}`;
  return `${words}  ${plain(report.root)}: ${size}; ${found.length === 0 ? 'no findings' : found.join(', ')}`;
}

/** Worst rule first; within one severity by rule id. */
function grouped(findings: readonly Finding[]): [string, Finding[]][] {
  const bySeverity = Map.groupBy(findings, (finding) => finding.severity);
  return severities.flatMap((severity) => (
    [...Map.groupBy(bySeverity.get(severity) ?? [], (finding) => finding.rule)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  ));
}

function block(id: string, findings: readonly Finding[], options: TextOptions, paint: Paint): string[] {
  const rule = options.rules.find((one) => one.id === id);
  const { severity } = findings[0]!;
  const out = [`${paint(severityStyle[severity], severity)}  ${paint('bold', rule?.title ?? id)}  ${paint('gray', id)}`];
  const groups = options.verbose === true ? findings.map((finding) => [finding]) : alike(findings);
  const most = options.verbose === true ? groups.length : listed;
  for (const group of groups.slice(0, most)) {
    const [finding] = group as [Finding];
    const place = finding.at === undefined || group.length > 1 ? '' : paint('gray', ` at byte ${finding.at[0]}`);
    const names = group.slice(0, 4).map(({ artefact }) => plain(artefact === '' ? '(the whole folder)' : artefact)).join(', ');
    out.push(`  ${names}${group.length > 4 ? ` and ${group.length - 4} more` : ''}${place}`, `    ${plain(finding.message)}`);
    if (options.verbose === true) for (const line of finding.evidence) out.push(paint('gray', `      ${plain(line)}`));
  }
  const rest = groups.slice(most).reduce((sum, group) => sum + group.length, 0);
  if (rest > 0) out.push(paint('gray', `  … and ${rest} more (-v lists all)`));
  if (rule !== undefined) out.push(`  ${paint('green', 'Fix:')} ${rule.fix}`);
  out.push('');
  return out;
}

/** Findings that say the same of three files and more, told once; the others one by one, in their order. */
function alike(findings: readonly Finding[]): Finding[][] {
  const same = Map.groupBy(findings, ({ message }) => message);
  return findings.flatMap((finding) => {
    const group = same.get(finding.message)!;
    return group.length < 3 ? [[finding]] : group[0] === finding ? [group] : [];
  });
}

function suppressed(report: Report, paint: Paint): string[] {
  const known = report.findings.filter((finding) => finding.suppressed !== undefined);
  if (known.length === 0) return [];
  return [
    paint('bold', 'Accepted by the baseline'),
    ...known.map((finding) => `  ${finding.severity} ${finding.rule} ${plain(finding.artefact)}: ${plain(finding.suppressed ?? '')}`),
    '',
  ];
}

const placeStyle: Record<Place, Style> = { verified: 'green', bound: 'green', declared: 'yellow', absent: 'gray', contradicted: ['red', 'bold'] };

/** What origins rest on: told where there is any evidence, or with `-v`. */
function provenance({ provenance: rows = [] }: Report, options: TextOptions, paint: Paint): string[] {
  if (options.verbose !== true && rows.every(({ place, evidence }) => place === 'absent' && evidence.every((one) => one.place === 'absent'))) return [];
  const out = [paint('bold', 'Provenance'), paint('gray', '  verified: a signature was checked · bound: a recorded digest fits · declared: something says so')];
  for (const { component, place, of, evidence } of rows) {
    const own = evidence.toSorted((a, b) => Number(b.place === place) - Number(a.place === place)); // what decided comes first
    const told = own.map((one) => `${one.place === place ? '' : `${one.place}: `}${plain(one.what)}${one.from === '' ? '' : ` (${plain(one.from)})`}${of > 1 ? `, ${one.of} of ${of}` : ''}`);
    out.push(`  ${component.padEnd(11)} ${paint(placeStyle[place], place.padEnd(12))} ${told.slice(0, options.verbose === true ? undefined : 3).join('; ')}${told.length > 3 && options.verbose !== true ? '; …' : ''}`.trimEnd());
  }
  return [...out, ''];
}

/** One paragraph for each data set: what was found, what was asked and not found, what could not be asked. */
function studies(report: Report, options: TextOptions, paint: Paint): string[] {
  const out: string[] = [];
  const loose: string[] = [];
  for (const [of, answers] of bySubject(report)) {
    const facts = answers.map(({ fact }) => fact);
    const rows = facts.find(({ question }) => question === 'rows');
    if (rows?.detail?.['loose'] !== undefined) {
      loose.push(plain(of));
      continue;
    }
    out.push(`${paint('bold', `Studied: ${plain(of)}`)}  ${paint('gray', plain(rows?.what ?? ''))}`);
    for (const fact of facts.filter(({ outcome }) => outcome === 'finding')) {
      out.push(`  ${paint('red', 'found')} ${fact.question}: ${plain(fact.what)}${paint('gray', ` (${[amount(fact), measured(fact)].filter((part) => part !== '').join('; ')})`)}`);
      if (options.verbose === true) for (const row of (fact.rows ?? []).slice(0, 16)) out.push(paint('gray', `      ${plain(row)}`));
    }
    const assessed = facts.filter(({ outcome, question }) => outcome === 'assessed' && question !== 'rows');
    const not = facts.filter(({ outcome }) => outcome === 'not-assessable');
    if (options.verbose === true) {
      for (const fact of assessed) out.push(`  assessed ${fact.question}: ${plain(fact.what)}${paint('gray', ` (${amount(fact)}; blind to: ${plain(fact.blind)})`)}`);
      for (const fact of not) out.push(`  not assessable ${fact.question}: ${plain(fact.what)}`);
    } else {
      if (assessed.length > 0) out.push(`  assessed, nothing found: ${[...new Set(assessed.map(({ question }) => question))].join(', ')}`);
      if (not.length > 0) out.push(`  not assessable: ${[...new Set(not.map(({ question }) => question))].join(', ')} ${paint('gray', '(-v says why)')}`);
    }
    out.push('');
  }
  if (loose.length > 0) {
    const named = loose.slice(0, options.verbose === true ? undefined : 4).join(', ');
    out.push(`Not studied: ${count(loose.length, 'set')} of loose texts or records (${named}${loose.length > 4 && options.verbose !== true ? ', …' : ''}); --study all studies them`, '');
  }
  return out;
}

function coverage(report: Report, options: TextOptions, paint: Paint): string[] {
  const unread = report.inspected.filter((one) => one.coverage === 'partial' || one.coverage === 'failed');
  const out: string[] = [];
  if (unread.length > 0) {
    out.push(paint('bold', `Not fully read: ${count(unread.length, 'artefact')}`));
    const most = options.verbose === true ? unread.length : listed;
    for (const { artefact, facts } of unread.slice(0, most)) {
      const gap = facts.find((fact) => fact.kind === 'gap');
      out.push(`  ${plain(artefact.id)}: ${plain(gap?.what ?? 'damaged')}`);
    }
    if (unread.length > most) out.push(paint('gray', `  … and ${unread.length - most} more (-v lists all)`));
  }
  out.push(...unknown(report, options, paint));
  if (report.summary.excluded > 0) out.push(paint('gray', `Left out by --exclude: ${report.summary.excluded}`));
  if (report.summary.verdict === 'empty') {
    out.push(report.inspected.length === 0 ? 'No file was found under the paths given.' : 'No file is of a format that assay reads, so nothing can be said about them.');
  }
  return out;
}

/** Files that nothing looked into, but for those of which a finding says so. */
function ofNoFormat(report: Report): Report['inspected'] {
  const told = new Set(report.findings.filter(({ rule }) => rule === 'scan-gap' || rule === 'executable-file').map(({ artefact }) => artefact));
  return report.inspected.filter(({ artefact, coverage }) => coverage === 'unsupported' && !told.has(artefact.id));
}

/** These files, the largest first: what is small and many is seldom what matters. */
function unknown(report: Report, options: TextOptions, paint: Paint): string[] {
  const files = ofNoFormat(report).toSorted((a, b) => b.artefact.size - a.artefact.size || (a.artefact.id < b.artefact.id ? -1 : 1));
  if (files.length === 0) return [];
  const size = files.reduce((sum, { artefact }) => sum + artefact.size, 0);
  const line = `Hashed, but of no format that assay reads: ${count(files.length, 'file')}, ${bytes(size)}`;
  if (options.verbose !== true) return [paint('gray', `${line} (${files.slice(0, 4).map(({ artefact }) => plain(artefact.id)).join(', ')}${files.length > 4 ? ', …' : ''})`)];
  return [line, ...files.slice(0, mostUnknown).map(({ artefact }) => paint('gray', `  ${plain(artefact.id)}, ${bytes(artefact.size)}`)), ...(files.length > mostUnknown ? [paint('gray', `  … and ${files.length - mostUnknown} more (the JSON report lists all)`)] : [])];
}

/** Files of no known format that `-v` lists. */
const mostUnknown = 200;
