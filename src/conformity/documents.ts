// SPDX-License-Identifier: Apache-2.0
// Reads documentation for statements: which sections there are, and whether they say anything.
import type { Basis } from './basis.ts';

/** A part of a document under its heading, with everything below it. `path` is the file. */
export interface Section {
  readonly path: string;
  readonly heading: string;
  readonly body: string;
}

/** Where a statement was found. */
export interface Found {
  readonly path: string;
  readonly text: string;
}

const remembered = new WeakMap<Basis, readonly Section[]>();

/** Sections looked at in all; a folder of ten thousand manuals is not read for one sentence. */
const mostSections = 20_000;

/** Sections of every document that describes the subject. */
export function sections(basis: Basis): readonly Section[] {
  let known = remembered.get(basis);
  if (known === undefined) {
    known = documentsOf(basis).flatMap(({ path, text }) => sectionsOf(path, text)).slice(0, mostSections);
    remembered.set(basis, known);
  }
  return known;
}

const documents = new WeakMap<Basis, readonly TextDocument[]>();

/** Documentation with its text: README and card first, then the rest, then model cards in BOMs. */
export function documentsOf(basis: Basis): readonly TextDocument[] {
  const known = documents.get(basis);
  if (known !== undefined) return known;
  const out: TextDocument[] = [];
  for (const { path, role, name } of basis.assets) {
    if (role !== 'documentation' || /^(licen[cs]e|copying|notice)/i.test(name)) continue;
    const text = basis.texts?.get(path);
    if (text !== undefined) out.push({ path, text });
  }
  for (const { path, card } of basis.boms) if (card !== '') out.push({ path, text: card });
  documents.set(basis, out);
  return out;
}

/** Headings of one document, and lines under one, that are looked at. */
const mostHeadings = 2000;
const mostLines = 500;

/** Cuts Markdown (ATX and underlined headings) and reStructuredText at their headings. */
export function sectionsOf(path: string, text: string): Section[] {
  const lines = text.split(/\r?\n/);
  const heads: { at: number; level: number; heading: string; from: number }[] = [];
  let fenced = false;
  for (const [at, line] of lines.entries()) {
    if (/^(```|~~~)/.test(line)) fenced = !fenced;
    if (fenced) continue;
    const atx = /^(#{1,6})[ \t]+([^\n]{1,200})/.exec(line);
    if (atx !== null) heads.push({ at, level: atx[1]!.length, heading: atx[2]!.replace(/[#\s]+$/, ''), from: at + 1 });
    else if (/^(=|-|~|\^){3,200}\s*$/.test(line) && at > 0 && lines[at - 1]!.trim() !== '' && lines[at - 1]!.length < 200 && !/^[-=~^\s]*$/.test(lines[at - 1]!)) {
      heads.push({ at: at - 1, level: line.startsWith('=') ? 1 : 2, heading: lines[at - 1]!.trim(), from: at + 1 });
    }
  }
  return heads.slice(0, mostHeadings).map(({ level, heading, from }, index) => {
    let next = index + 1;
    while (next < heads.length && heads[next]!.level > level) next += 1;
    // A statement is found in the first lines under its heading, or not at all.
    return { path, heading, body: lines.slice(from, Math.min(heads[next]?.at ?? lines.length, from + mostLines)).join('\n') };
  });
}

/** What templates leave for the author to fill in. */
const filler = /\[?more information needed\]?|\[?(to be (added|done|written|completed|determined))\]?|\b(todo|tbd|fixme|lorem ipsum)\b|<!--[\s\S]{0,2000}?-->|\{\{[^}]{0,200}\}\}|\[optional\]/gi;

/** Whether words remain once what a template wrote is taken away. "None" is an answer; silence is not. */
export function saysSomething(body: string): boolean {
  const own = body.slice(0, 50_000).replaceAll(filler, ' ').replaceAll(/^#{1,6}[^\n]*$/gm, ' ').replaceAll(/^[ \t>_-]{0,20}\*\*[^*\n]{1,80}:?\*\*:?[ \t]{0,20}$/gm, ' ');
  return /[\p{L}\p{N}]{2,}/u.test(own);
}

/**
 * A statement on a subject: a section whose heading matches and that says something, or a line "subject: words" in a
 * document or a front matter.
 */
export function statementOn(basis: Basis, subject: RegExp): Found | undefined {
  for (const { path, heading, body } of sections(basis)) {
    if (subject.test(heading) && saysSomething(body)) return { path, text: heading };
  }
  for (const document of documentsOf(basis)) {
    const line = lineOn(document, subject);
    if (line !== undefined) return { path: document.path, text: line };
  }
  return undefined;
}

/** A document with its text. One object each, so that what was read in it is remembered. */
export interface TextDocument {
  readonly path: string;
  readonly text: string;
}

/** Lines of one document that are looked at for labels. */
const mostLabelled = 20_000;
const labelled = new WeakMap<TextDocument, readonly { readonly label: string; readonly line: string; readonly words: string }[]>();

/** Lines of the form "Subject: words", in bold, in a table or in a list too. */
function labelledLines(document: TextDocument): readonly { readonly label: string; readonly line: string; readonly words: string }[] {
  let known = labelled.get(document);
  if (known !== undefined) return known;
  const out: { label: string; line: string; words: string }[] = [];
  for (const raw of document.text.split('\n')) {
    if (raw.length > 4000 || raw.length < 3 || out.length >= mostLabelled) continue;
    const line = raw.replace(/^[\s>*|_#-]+/, '').replaceAll(/\*\*|__|`/g, '');
    const cut = line.search(/[:|]/);
    if (cut > 0 && cut <= 80) out.push({ label: line.slice(0, cut), line, words: line.slice(cut + 1) });
  }
  labelled.set(document, known = out);
  return known;
}

/** A line "Subject: words" that says something; the line. */
export function lineOn(document: TextDocument, subject: RegExp): string | undefined {
  return labelledLines(document).find(({ label, words }) => subject.test(label) && saysSomething(words))?.line.trim().slice(0, 120);
}
