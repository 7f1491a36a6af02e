// SPDX-License-Identifier: Apache-2.0
// Blocks as plain text, Markdown and HTML. Hostile text is made harmless here, and nowhere else.
import type { Block, Inline, Line, Row } from '../conformity/blocks.ts';
import { plain } from './terminal.ts';

function pieces(line: Line): readonly Inline[] {
  return typeof line === 'string' ? [line] : line;
}

function bare(line: Line): string {
  return pieces(line).map((one) => plain(typeof one === 'string' ? one : one.text)).join('');
}

/** For a terminal. */
export function blocksAsText(blocks: readonly Block[]): string {
  const out: string[] = [];
  for (const block of blocks) {
    if (block.kind === 'heading') out.push('', plain(block.text), ...(block.level < 3 ? [(block.level === 1 ? '=' : '-').repeat(Math.min(100, block.text.length))] : []));
    else if (block.kind === 'text') out.push(bare(block.line));
    else if (block.kind === 'list') out.push(...block.items.map((item) => `  - ${bare(item)}`));
    else if (block.kind === 'code') out.push(...block.text.split('\n').map((one) => `    ${plain(one)}`));
    else out.push(...textTable(block.head, block.rows));
  }
  return `${out.join('\n').trim()}\n`;
}

/** Characters of a line in which columns are still readable. */
const widest = 130;
/** Shorter cells stand in the first line of a row that is told line by line. */
const short = 24;

/** Columns where they fit; else each row as lines, what is short first, the rest under its name. */
function textTable(head: readonly string[], rows: readonly Row[]): string[] {
  const cells = rows.map((row) => row.cells.map(bare));
  if (head.length > 2 && cells.some((row) => row.join('  ').length > widest)) {
    return cells.flatMap((row) => {
      const first = row.findIndex((cell) => cell.length > short);
      const lead = first === -1 ? row.length : Math.max(1, first);
      return [`  ${row.slice(0, lead).map((cell, i) => (i === 0 || head[i] === '' ? cell : `${head[i]}: ${cell}`)).join(' · ')}`, ...row.slice(lead).flatMap((cell, i) => (cell === '' || cell === '-' ? [] : [`      ${head[lead + i]!}: ${cell}`]))];
    });
  }
  const widths = head.map((name, i) => Math.min(48, Math.max(name.length, ...cells.map((row) => row[i]?.length ?? 0))));
  const shown = (row: readonly string[]): string => `  ${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('  ')}`.trimEnd();
  return [shown(head), ...cells.map(shown)];
}

/** GitHub-flavoured Markdown. */
export function blocksAsMarkdown(blocks: readonly Block[]): string {
  const out: string[] = [];
  for (const block of blocks) {
    if (block.kind === 'heading') out.push(`${'#'.repeat(block.level)} ${escaped(block.text)}`, '');
    else if (block.kind === 'text') out.push(markdownLine(block.line), '');
    else if (block.kind === 'list') out.push(...block.items.map((item) => `- ${markdownLine(item)}`), '');
    else if (block.kind === 'code') out.push('```', ...block.text.split('\n').map((one) => plain(one).replaceAll('```', "'''")), '```', '');
    else {
      out.push(`| ${block.head.join(' | ')} |`, `| ${block.head.map(() => '---').join(' | ')} |`);
      for (const { id, cells } of block.rows) out.push(`| ${cells.map((cell, i) => `${i === 0 && id !== undefined ? `<a id="${attribute(id)}"></a>` : ''}${markdownLine(cell)}`).join(' | ')} |`);
      out.push('');
    }
  }
  return `${out.join('\n').trimEnd()}\n`;
}

/** Every character that Markdown or HTML gives a meaning is written as an entity. */
function escaped(text: string): string {
  return plain(text).replaceAll(/[&<>|`*_[\]\\~#!@$]/g, (character) => `&#${character.codePointAt(0)};`);
}

function markdownLine(line: Line): string {
  return pieces(line).map((one) => {
    if (typeof one === 'string') return escaped(one);
    const words = one.code === true ? `<code>${escaped(one.text)}</code>` : escaped(one.text);
    return one.to === undefined ? words : `<a href="#${attribute(one.to)}">${words}</a>`;
  }).join('');
}

/** One page, without script and without anything from outside. */
export function blocksAsHtml(title: string, blocks: readonly Block[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)}</title>
<style>${style}</style>
</head>
<body>
${blocks.map(htmlBlock).join('\n')}
</body>
</html>
`;
}

function htmlBlock(block: Block): string {
  if (block.kind === 'heading') return `<h${block.level}>${html(block.text)}</h${block.level}>`;
  if (block.kind === 'text') return `<p>${htmlLine(block.line)}</p>`;
  if (block.kind === 'list') return `<ul>${block.items.map((item) => `<li>${htmlLine(item)}</li>`).join('\n')}</ul>`;
  if (block.kind === 'code') return `<pre>${block.text.split('\n').map(html).join('\n')}</pre>`;
  const rows = block.rows.map(({ id, cells, tone }) => `<tr${id === undefined ? '' : ` id="${attribute(id)}"`}${tone === undefined ? '' : ` class="${attribute(tone)}"`}>${cells.map((cell) => `<td>${htmlLine(cell)}</td>`).join('')}</tr>`);
  return `<div class="scroll"><table><thead><tr>${block.head.map((one) => `<th>${html(one)}</th>`).join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

function htmlLine(line: Line): string {
  return pieces(line).map((one) => {
    if (typeof one === 'string') return html(one);
    const words = one.code === true ? `<code>${html(one.text)}</code>` : html(one.text);
    return one.to === undefined ? words : `<a href="#${attribute(one.to)}">${words}</a>`;
  }).join('');
}

function html(text: string): string {
  return plain(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

/** Anchors and classes are ours; what is not plain is made so. */
function attribute(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]/g, '-');
}

const style = `
:root{color-scheme:light dark;--line:#8884;--bad:#b00020;--good:#2b8a3e;--open:#b58900;--none:#777}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:80rem;padding:1rem}
h1{overflow-wrap:anywhere}h2{margin-top:2.2rem}code,pre{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}pre{white-space:pre-wrap;background:#8881;padding:.6rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere;min-width:4rem}
tr.evidenced td:first-child,tr.attested td:first-child{border-left:.4rem solid var(--good)}tr.gap td:first-child,tr.contradicted td:first-child,tr.critical td:first-child,tr.high td:first-child{border-left:.4rem solid var(--bad)}
tr.needs-attestation td:first-child,tr.medium td:first-child{border-left:.4rem solid var(--open)}tr.not-assessed td:first-child,tr.not-applicable td:first-child,tr.low td:first-child,tr.info td:first-child{border-left:.4rem solid var(--none)}
tr:target{background:#fd06}`;
