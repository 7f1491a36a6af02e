// SPDX-License-Identifier: Apache-2.0
import type { Cell, Sheet, Table } from './sheet.ts';

/** GitHub-flavoured Markdown. Every text of an artefact is escaped, so that it cannot become a link, an image or a heading. */
export function markdownOf({ title, subtitle, summary, tables, foot }: Sheet): string {
  const parts = [
    `# ${escape(title)}`,
    escape(subtitle),
    summary.map((one) => `- ${bold(one)}`).join('\n'),
    ...tables.map(section),
    `---\n\n${escape(foot)}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function section({ title, lead, head, rows, more }: Table): string {
  const columns = head ?? ['', ''];
  const lines = [
    `| ${columns.map(escape).join(' | ')} |`,
    `| ${columns.map(() => '---').join(' | ')} |`,
    ...rows.map((row) => `| ${row.map((one, index) => (head === undefined && index === 0 ? escape(one.text) : content(one))).join(' | ')} |`),
  ];
  return [`## ${escape(title)}`, ...(lead === undefined ? [] : [escape(lead)]), ...(rows.length === 0 ? [] : [lines.join('\n')]), ...(more === undefined ? [] : [`… and ${more} more; the BOM in JSON has all of them.`])].join('\n\n');
}

function content(one: Cell): string {
  return one.note === undefined || one.note === '' ? bold(one) : `${bold(one)}<br>${escape(one.note)}`;
}

function bold({ text, mark }: Cell): string {
  return mark === 'wrong' && text.trim() !== '' ? `**${escape(text)}**` : mark === 'unknown' ? `*${escape(text)}*` : escape(text);
}

function escape(text: string): string {
  // oxlint-disable no-control-regex -- control characters are what is looked for
  return text.toWellFormed()
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replaceAll(/[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g, (mark) => `\\\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll(/[\\`*_{}[\]<>#|~!&]/g, (mark) => (mark === '&' ? '&amp;' : mark === '<' ? '&lt;' : mark === '>' ? '&gt;' : `\\${mark}`))
    // What GitHub makes a link or a mention of without being asked.
    .replaceAll(/(https?):\/\//gi, '$1&#58;//').replaceAll('www.', 'www&#46;').replaceAll('@', '&#64;').trim();
}
