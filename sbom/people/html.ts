// SPDX-License-Identifier: Apache-2.0
import type { Cell, Sheet, Table } from './sheet.ts';

/** One page without script or outside resource, under a policy that forbids both. Every text of an artefact is escaped. */
export function htmlOf({ title, subtitle, summary, tables, foot }: Sheet): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}: bill of materials</title>
<style>${style}</style>
</head>
<body>
<header>
<p>${escape(subtitle)}</p>
<h1>${escape(title)}</h1>
<ul class="summary">
${summary.map((one) => `<li${marked(one)}>${escape(one.text)}</li>`).join('\n')}
</ul>
</header>
<nav aria-label="Sections"><ul>
${tables.map((one, index) => `<li><a href="#s${index + 1}">${escape(one.title)}</a></li>`).join('\n')}
</ul></nav>
<main>
${tables.map((one, index) => section(one, index + 1)).join('\n')}
</main>
<footer><p>${escape(foot)}</p></footer>
</body>
</html>
`;
}

function section({ title, lead, head, rows, more }: Table, number: number): string {
  const body = rows.map((row) => `<tr>${row.map((one, index) => (head === undefined && index === 0 ? `<th scope="row">${escape(one.text)}</th>` : `<td${marked(one)}>${content(one)}</td>`)).join('')}</tr>`);
  const columns = head === undefined ? '' : `<thead><tr>${head.map((one) => `<th scope="col">${escape(one)}</th>`).join('')}</tr></thead>\n`;
  return [
    `<section id="s${number}"><h2>${escape(title)}</h2>`,
    ...(lead === undefined ? [] : [`<p>${escape(lead)}</p>`]),
    ...(rows.length === 0 ? [] : [`<div class="scroll" role="region" aria-label="${escape(title)}" tabindex="0"><table>${columns}<tbody>\n${body.join('\n')}\n</tbody></table></div>`]),
    ...(more === undefined ? [] : [`<p>… and ${more} more; the BOM in JSON has all of them.</p>`]),
    '</section>',
  ].join('\n');
}

function content({ text, note, code }: Cell): string {
  const shown = code === true ? `<code>${escape(text)}</code>` : escape(text);
  return note === undefined || note === '' ? shown : `${shown}<small>${escape(note)}</small>`;
}

function marked({ mark }: Cell): string {
  return mark === undefined ? '' : ` class="${mark}"`;
}

/** Control and bidirectional characters are shown as their number, so that no name can turn the line around. */
function escape(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.toWellFormed().replaceAll(/[&<>"']|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g, (mark) => entities[mark] ?? `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const style = `
:root{color-scheme:light dark;--line:#8886;--soft:#8881;--bad:#b3261e;--good:#1b6e3c;--open:#8a5a00}
@media(prefers-color-scheme:dark){:root{--bad:#ff9c94;--good:#7ddba0;--open:#f0c060}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;padding:1.5rem;max-width:72rem}
h1{margin:0 0 .5rem;overflow-wrap:anywhere}header p{margin:0}
h2{margin:2rem 0 .5rem;border-bottom:2px solid var(--line)}
ul.summary{padding-left:1.2rem}nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:.5rem;margin:0;background:var(--soft)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere;min-width:5rem}
th[scope=row]{font-weight:600;width:12rem}
small{display:block;opacity:.75}code{font-size:.9em;word-break:break-all}
.unknown{color:var(--open)}.wrong{color:var(--bad);font-weight:600}.good{color:var(--good)}
footer{margin-top:2rem;border-top:1px solid var(--line)}
@media print{nav{display:none}body{max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}
`;
