// SPDX-License-Identifier: Apache-2.0
// Cells that a spreadsheet would run: OWASP "CSV injection". A cell must parse as a formula, not merely begin like one.
import { columnsOf, notAssessable, type Asking, type Question, type StudyFact } from '../question.ts';
import type { Cell } from '../../model/scanner.ts';

const blind = 'Only cells that a spreadsheet takes for a formula at their beginning; not macros in files of a spreadsheet, and not what a program does with a cell after it was changed.';

/** Functions and constructs that reach outside the sheet. */
const reaching = /\b(?:HYPERLINK|WEBSERVICE|IMPORTXML|IMPORTDATA|IMPORTFEED|IMPORTHTML|IMPORTRANGE|IMAGE|DDE|CALL|REGISTER(?:\.ID)?|EXEC|FILTERXML|RTD|SQL\.REQUEST|INDIRECT)\s{0,4}\(|^[=+@-]{1,4}\s{0,4}[\w'"!:.\\/ ]{1,64}\|/i;

/**
 * Whether a text is a formula: one of = + - @ (or a tab or carriage return before them), then a call, a reference, DDE, or an
 * arithmetic of references. Numbers, signs of lists, mails, mentions and words after a dash are none.
 */
export function isFormula(text: string): boolean {
  const body = /^[\t\r\n ]{0,16}([=+@-])(.{1,512})/s.exec(text.slice(0, 600));
  if (body === null) return false;
  const [, sign, rest] = body as unknown as [string, string, string];
  if (/^[\d.,\s]*(?:[eE][-+]?\d+)?\s*%?$/.test(rest)) return false; // a number
  const call = /^[=+-]{0,3}\s{0,4}[A-Za-z_][A-Za-z0-9_.]{0,40}\(.{0,500}\)/s.test(rest) || /^[=+-]{0,3}\s{0,4}[A-Za-z]{2,20}(?:\.[A-Za-z]{1,20})?\([^)]{0,400}$/s.test(rest) && text.length > 500;
  const dde = /^[=+@-]{0,3}\s{0,4}[\w'".:\\/+*-]{1,64}\|[^|]{1,256}![\w$':]/.test(rest);
  if (dde || (call && (sign === '=' || reaching.test(text) || /^[=+-]{0,3}\s{0,4}[A-Z][A-Z0-9.]{1,20}\(/.test(rest)))) return true;
  if (sign !== '=') return /^[-+]?\$?[A-Z]{1,3}\$?\d{1,7}(?:\s*[-+*/^&]\s*(?:\$?[A-Z]{1,3}\$?\d{1,7}|\d+(?:\.\d+)?))+\s*$/.test(rest);
  return /^[=+-]{0,2}\s{0,4}(?:\$?[A-Z]{1,3}\$?\d{1,7}|\d+(?:\.\d+)?|"[^"]{0,200}")(?:\s*[-+*/^&]\s*(?:\$?[A-Z]{1,3}\$?\d{1,7}|\d+(?:\.\d+)?|"[^"]{0,200}"|[A-Z]{2,20}\(.{0,300}\)))+\s*$/s.test(rest)
    || /^\s{0,4}(?:'?[\w .]{1,40}'?!)?\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?\s*$/.test(rest);
}

export const formulas: Question = {
  id: 'formula-injection',
  title: 'Cells that a spreadsheet would run as a formula',
  blind,
  needs: (set) => (set.columns.some(({ type, roles }) => ['string', 'mixed', 'null'].includes(type) && !roles.includes('code')) ? true : 'no column holds text'),
  begin(set, context): Asking {
    const code = new Set(columnsOf(set, 'code').map(({ index }) => index));
    const rows: string[] = [];
    const columns = new Map<string, number>();
    const excerpts: string[] = [];
    let [count, reach] = [0, 0];
    const look = (cell: Cell | undefined, index: number, id: string): void => {
      if (typeof cell !== 'string' || cell === '' || !starts(cell) || code.has(index) || !isFormula(cell)) return;
      count += 1;
      const reaches = reaching.test(cell.slice(0, 600));
      if (reaches) reach += 1;
      const { name } = set.columns[index]!;
      if (columns.size < 64 || columns.has(name)) columns.set(name, (columns.get(name) ?? 0) + 1);
      if (rows.length < 64 && rows.at(-1) !== id) rows.push(id);
      if (excerpts.length < 8 && (reaches || excerpts.length < 4)) excerpts.push(`${name.slice(0, 40)}: ${JSON.stringify(cell.slice(0, 120))}`);
    };
    return {
      batch({ rows: batch }) {
        for (const { id, cells } of batch) for (let i = 0; i < cells.length; i += 1) look(cells[i], i, id);
      },
      *end(): Iterable<StudyFact> {
        const { n, among } = context.seen();
        if (n === 0) {
          yield notAssessable(formulas, set, 'no row was read');
          return;
        }
        const where = [...columns].map(([name, some]) => `${name.slice(0, 64)} (${some})`).join(', ');
        yield {
          kind: 'study', question: formulas.id, outcome: count === 0 ? 'assessed' : 'finding', of: set.name, n, ...(among === undefined ? {} : { among }), blind,
          what: count === 0 ? 'no cell parses as a formula' : `${count} cells parse as formulas, ${reach} of them reach outside the sheet; in ${where}`,
          score: count, ...(count === 0 ? {} : { rows, rowCount: count, excerpts, detail: { formulas: count, reaching: reach } }),
        };
      },
    };
  },
};

/** A quick look at the first characters, before any pattern. */
function starts(text: string): boolean {
  const code = text.charCodeAt(0);
  return code === 0x3d || code === 0x2b || code === 0x2d || code === 0x40 || code === 0x09 || code === 0x0d || code === 0x20 || code === 0x0a;
}

