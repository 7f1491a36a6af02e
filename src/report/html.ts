// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '../model/finding.ts';
import type { Report, Verdict } from '../model/report.ts';
import { severities, type Rule, type Severity } from '../model/rule.ts';
import { amount, bySubject, imageOf, measured, type StudyOf } from './studies.ts';
import { bytes, count, plain } from './terminal.ts';

/** Rows shown of one kind; the JSON report has all of them. */
const rows = 2000;

const headlines: Record<Verdict, string> = {
  clean: 'Clean: nothing found at or above the threshold, and everything was read',
  findings: 'Findings: something here should not be loaded or shipped as it is',
  incomplete: 'Incomplete: something could not be fully read, so this is no clean bill',
  empty: 'Nothing to scan: no file of a format that assay reads',
};

/**
 * The report as one HTML page: no script, no outside resource, a content security policy that forbids both. Every text
 * from an artefact is hostile and escaped.
 */
export function html(report: Report, rules: readonly Rule[]): string {
  const active = report.findings.filter((finding) => finding.suppressed === undefined);
  const accepted = report.findings.filter((finding) => finding.suppressed !== undefined);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Assay: ${escape(report.root)}</title>
<style>${style}</style>
</head>
<body>
<header class="${report.summary.verdict}">
<h1>${escape(report.root)}</h1>
<p class="verdict">${headlines[report.summary.verdict]}</p>
<p>${count(report.summary.files, 'file')}, ${bytes(report.summary.bytes)}; ${report.summary.incomplete} not fully read; ${report.summary.unsupported} of no known format.</p>
<ul class="counts">${severities.map((one) => `<li class="${one}"><b>${report.summary.findings[one]}</b> ${one}</li>`).join('')}</ul>
</header>
<main>
${sections(active, rules)}
${studies(report)}
${unread(report)}
${accepted.length === 0 ? '' : `<h2>Accepted by the baseline</h2><ul>${accepted.slice(0, rows).map((finding) => `<li>${escape(finding.rule)}: ${name(finding.artefact)}: ${escape(finding.suppressed ?? '')}</li>`).join('')}</ul>`}
${inventory(report)}
</main>
<footer>assay ${escape(report.tool.version)}, rules ${report.tool.ruleset.slice(0, 12)}, threshold ${report.failOn}</footer>
</body>
</html>
`;
}

function sections(findings: readonly Finding[], rules: readonly Rule[]): string {
  if (findings.length === 0) return '<p>No findings.</p>';
  const out: string[] = ['<h2>Findings</h2>'];
  for (const severity of severities) {
    const byRule = Map.groupBy(findings.filter((finding) => finding.severity === severity), (finding) => finding.rule);
    for (const [id, group] of byRule) out.push(section(severity, rules.find((rule) => rule.id === id), id, group));
  }
  return out.join('\n');
}

function section(severity: Severity, rule: Rule | undefined, id: string, findings: readonly Finding[]): string {
  const open = severity === 'critical' || severity === 'high' ? ' open' : '';
  const more = findings.length > rows ? `<p>… and ${findings.length - rows} more.</p>` : '';
  return `<details${open} class="${severity}"><summary><span class="badge">${severity}</span> ${escape(rule?.title ?? id)} <code>${escape(id)}</code> <span class="n">${findings.length}</span></summary>
${rule === undefined ? '' : `<p>${escape(rule.why)}</p><p><b>Fix:</b> ${escape(rule.fix)}</p>`}
<ul>${findings.slice(0, rows).map(item).join('\n')}</ul>${more}
${rule === undefined ? '' : `<p class="meta">Confidence ${findings[0]!.confidence}. ${escape([...rule.references, ...rule.provisions.map((one) => `EN 304 223 ${one}`)].join(' · '))}</p>`}
</details>`;
}

function item(finding: Finding): string {
  const at = finding.at === undefined ? '' : ` <span class="meta">byte ${finding.at[0]}</span>`;
  const evidence = finding.evidence.length === 0 ? '' : `<pre>${finding.evidence.map(escape).join('\n')}</pre>`;
  return `<li>${name(finding.artefact)}${at}<br>${escape(finding.message)}${evidence}</li>`;
}

/** What was asked of each data set: findings with their evidence open, the rest in a table. */
function studies(report: Report): string {
  const subjects = [...bySubject(report)];
  if (subjects.length === 0) return '';
  return `<h2>Studies</h2><p>What was asked of data sets and weights as a whole. <i>Assessed</i> means that this question found nothing within what it can see; it never means clean.</p>
${subjects.slice(0, rows).map(([of, answers]) => studied(of, answers)).join('\n')}`;
}

function studied(of: string, answers: readonly StudyOf[]): string {
  const found = answers.filter(({ fact }) => fact.outcome === 'finding');
  const others = answers.filter(({ fact }) => fact.outcome !== 'finding');
  const lines = others.map(({ fact }) => `<tr><td>${escape(fact.question)}</td><td>${fact.outcome === 'assessed' ? 'assessed' : 'not assessable'}</td><td>${escape(fact.what)}</td><td>${escape([amount(fact), measured(fact)].filter((part) => part !== '').join('; '))}</td><td>${escape(fact.blind)}</td></tr>`);
  return `<h3>${name(of)}</h3>
${found.map(({ fact }) => evidence(fact)).join('\n')}
<div class="scroll"><table><thead><tr><th>question</th><th>outcome</th><th>what</th><th>measured</th><th>cannot see</th></tr></thead><tbody>${lines.join('\n')}</tbody></table></div>`;
}

function evidence(fact: StudyOf['fact']): string {
  const listed = (fact.rows ?? []).slice(0, 64);
  const left = (fact.rowCount ?? listed.length) - listed.length;
  const parts = [
    `<p>${escape(fact.what)}</p>`,
    fact.trigger === undefined ? '' : `<p><b>Trigger:</b> <code>${escape(fact.trigger)}</code></p>`,
    fact.picture === undefined || fact.picture === '' ? '' : `<p><img alt="${escape(`${fact.question}: ${fact.what}`)}" src="${imageOf(fact.picture)}"></p>`,
    (fact.excerpts ?? []).length === 0 ? '' : `<pre>${fact.excerpts!.map(escape).join('\n')}</pre>`,
    listed.length === 0 ? '' : `<p><b>Rows:</b> ${listed.map((row) => `<code>${escape(row)}</code>`).join(', ')}${left > 0 ? `, and ${left} more` : ''}</p>`,
    `<p class="meta">${escape([amount(fact), measured(fact), `cannot see: ${fact.blind}`].filter((part) => part !== '').join('. '))}</p>`,
  ];
  return `<details open class="high"><summary>${escape(fact.question)}</summary>${parts.join('\n')}</details>`;
}

function unread(report: Report): string {
  const gaps = report.inspected.flatMap(({ artefact, facts }) => facts.flatMap((fact) => (fact.kind === 'gap' ? [`<li>${name(artefact.id)}: ${escape(fact.what)}</li>`] : [])));
  if (gaps.length === 0) return '';
  return `<h2>Not read</h2><ul>${gaps.slice(0, rows).join('\n')}</ul>${gaps.length > rows ? `<p>… and ${gaps.length - rows} more.</p>` : ''}`;
}

function inventory(report: Report): string {
  const lines = report.inspected.slice(0, rows).map(({ artefact, coverage }) => (
    `<tr><td>${name(artefact.id)}</td><td>${escape(artefact.format)}</td><td class="r">${artefact.size}</td><td>${coverage}</td><td><code>${artefact.digests.sha256 ?? 'not read to the end'}</code></td></tr>`
  ));
  const more = report.inspected.length > rows ? `<p>… and ${report.inspected.length - rows} more.</p>` : '';
  return `<h2>Artefacts</h2><div class="scroll"><table><thead><tr><th>path</th><th>format</th><th class="r">bytes</th><th>coverage</th><th>SHA-256</th></tr></thead><tbody>${lines.join('\n')}</tbody></table></div>${more}`;
}

function name(id: string): string {
  return id === '' ? '<i>the whole folder</i>' : `<code>${escape(id)}</code>`;
}

function escape(text: string): string {
  return plain(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

const style = `
:root{color-scheme:light dark;--line:#8884;--crit:#b00020;--high:#d9480f;--med:#b58900;--low:#1f7a8c;--info:#777}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1rem}
header{border-left:.5rem solid var(--info);padding:.2rem 1rem;margin-bottom:1.5rem;background:#8881}
header.clean{border-color:#2b8a3e}header.findings,header.incomplete{border-color:var(--crit)}
h1{margin:.3rem 0;overflow-wrap:anywhere}h2{margin-top:2rem}.verdict{font-size:1.2rem;font-weight:600;margin:.3rem 0}
.counts{list-style:none;display:flex;flex-wrap:wrap;gap:1rem;padding:0;margin:.5rem 0}
details{border:1px solid var(--line);border-left-width:.4rem;margin:.6rem 0;padding:.4rem .8rem}
summary{cursor:pointer;font-weight:600}.badge{font-size:.8rem;text-transform:uppercase}.n{color:var(--info)}
.critical{border-left-color:var(--crit)}.high{border-left-color:var(--high)}.medium{border-left-color:var(--med)}.low{border-left-color:var(--low)}
li.critical b,.critical .badge{color:var(--crit)}li.high b,.high .badge{color:var(--high)}li.medium b,.medium .badge{color:var(--med)}
code,pre{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}pre{white-space:pre-wrap;background:#8881;padding:.4rem;margin:.3rem 0}
li{margin:.5rem 0}img{max-width:100%;background:#fff}.meta{color:var(--info);font-size:.9em}.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}.r{text-align:right}
footer{margin:2rem 0;color:var(--info)}`;
