// SPDX-License-Identifier: Apache-2.0
// Questions that are answered by looking at each text for itself: hidden characters, orders to the model, secrets.
import { clip } from '../../bytes/clip.ts';
import type { Cell } from '../../model/scanner.ts';
import { columnsOf, notAssessable, type Asking, type DataSet, type Question, type StudyFact } from '../question.ts';
import { hiddenIn } from '../text/hidden.ts';
import { injectionsIn } from '../text/injection.ts';
import { masked, secretsIn } from '../text/secrets.ts';

interface Sign {
  readonly kind: string;
  readonly at: number;
  readonly length: number;
  readonly spells?: string;
}

interface Definition {
  readonly id: string;
  readonly title: string;
  readonly blind: string;
  readonly nothing: string;
  readonly find: (text: string) => readonly Sign[];
  /** Whether the numbers make a finding; all of them do when absent. */
  readonly enough?: (counts: ReadonlyMap<string, number>, rows: number) => boolean;
  /** How a place is shown: what it is that was found must stay readable, and nothing else. */
  readonly show: (text: string, sign: Sign) => string;
}

/** Of a cell, only so many characters are looked at; of a longer one the beginning and the end. */
const longest = 1 << 20;

function signs(definition: Definition): Question {
  const { id, title, blind, nothing, find, enough, show } = definition;
  const question: Question = {
    id, title, blind,
    needs: (set) => (set.columns.some(holdsText) ? true : 'no column holds text'),
    begin(set, context): Asking {
      const columns = textual(set);
      const counts = new Map<string, number>();
      const rowsOf = new Map<string, number>();
      const where = new Map<string, number>();
      const rows: string[] = [];
      const excerpts: string[] = [];
      let [rowCount, all, characters] = [0, 0, 0];
      const look = (cell: Cell | undefined, name: string, row: string): boolean => {
        if (typeof cell !== 'string' || cell === '') return false;
        const text = cell.length <= longest ? cell : `${cell.slice(0, longest / 2)}\n${cell.slice(-longest / 2)}`;
        characters += text.length;
        const found = find(text);
        if (found.length === 0) return false;
        all += found.length;
        for (const { kind } of found) counts.set(kind, (counts.get(kind) ?? 0) + 1);
        for (const kind of new Set(found.map((one) => one.kind))) rowsOf.set(kind, (rowsOf.get(kind) ?? 0) + 1);
        if (where.has(name) || where.size < 32) where.set(name, (where.get(name) ?? 0) + found.length);
        if (excerpts.length < 8) excerpts.push(clip(`${row}, ${name}: ${show(text, found[0]!)}`, 256));
        return true;
      };
      return {
        batch({ rows: batch }) {
          for (const { id: row, cells } of batch) {
            let found = false;
            for (const { index, name } of columns) found = look(cells[index], name, row) || found;
            if (!found) continue;
            rowCount += 1;
            if (rows.length < 64) rows.push(row);
          }
          context.tick();
        },
        *end(): Iterable<StudyFact> {
          const seen = context.seen();
          if (seen.n === 0 || characters === 0) {
            yield notAssessable(question, set, 'no text was read');
            return;
          }
          const some = [...counts].toSorted((a, b) => b[1] - a[1]).map(([kind, count]) => `${kind} ${count}`).join(', ');
          const finding = all > 0 && (enough?.(counts, rowCount) ?? true);
          yield {
            kind: 'study', question: id, outcome: finding ? 'finding' : 'assessed', of: set.name, ...seen, blind, score: all,
            what: all === 0 ? nothing : `${rowCount} rows with ${some}${finding ? '' : ', too few to tell from text about such things'}; in ${[...where].map(([name]) => clip(name, 40)).join(', ')}`,
            ...(all === 0 ? {} : { rows, rowCount, excerpts, detail: { ...Object.fromEntries(counts), 'per-million-characters': Number(((1e6 * all) / characters).toFixed(2)) } }),
          };
        },
      };
    },
  };
  return question;
}

function holdsText({ type, roles }: DataSet['columns'][number]): boolean {
  return ['string', 'mixed', 'null'].includes(type) || roles.some((role) => ['text', 'code', 'prompt', 'response', 'chosen', 'rejected'].includes(role));
}

function textual(set: DataSet): { index: number; name: string }[] {
  // A conversation is told apart into further columns, which hold its text: there is no need to look twice.
  const placed = new Set(columnsOf(set, 'text', 'code', 'prompt', 'response', 'chosen', 'rejected').map(({ index }) => index));
  return set.columns.map((column, index) => ({ column, index })).filter(({ column, index }) => placed.has(index) || holdsText(column)).map(({ column, index }) => ({ index, name: column.name }));
}

function visible(text: string): string {
  return text.replaceAll(/[\p{Cf}\p{Mn}\ufe00-\ufe0f]/gu, (one) => `\\u{${one.codePointAt(0)!.toString(16)}}`).replaceAll(/\p{Cc}/gu, ' ');
}

const context = (text: string, { at, length }: Sign, around: number): string => text.slice(Math.max(0, at - around), at + length + around);

export const hiddenText = signs({
  id: 'hidden-unicode',
  title: 'Characters that people do not see and models read',
  blind: 'Single variation selectors, joiners in scripts that need them and look-alikes within one script are taken for ordinary; so is text that is merely white, small or behind other text where it was rendered from.',
  nothing: 'no hidden characters outside emoji, joining scripts and right-to-left text',
  find: (text) => hiddenIn(text),
  show: (text, sign) => `${sign.kind}, ${sign.length} characters${sign.spells === undefined || sign.spells === '' ? '' : `, spelling ${JSON.stringify(masked(sign.spells))}`}: ${JSON.stringify(visible(masked(clip(context(text, { ...sign, length: Math.min(sign.length, 8) }, 24), 160))))}`,
});

export const injection = signs({
  id: 'injection-text',
  title: 'Text that gives orders to the model which reads it',
  blind: 'English phrases, usual turn tokens, and orders in comments or hidden styles only: an order in other words, another language or a picture is not seen. What stands in code fences or behind a quotation mark is taken for an example.',
  nothing: 'no orders to a model, turn tokens or addresses that carry data away',
  find: (text) => injectionsIn(text),
  show: (text, sign) => `${sign.kind}: ${JSON.stringify(visible(masked(clip(context(text, sign, 16), 160))))}`,
});

export const secrets = signs({
  id: 'secrets',
  title: 'Secrets and personal data whose checksum or structure holds',
  blind: 'Passwords, names, addresses and telephone numbers have no checksum and are not looked for; nor are tokens whose kind is not known. Whether a secret still works is not tried.',
  nothing: 'no card numbers, IBANs, tokens or private keys whose checksum or structure holds',
  find: (text) => secretsIn(text),
  show: (_, sign) => `${sign.kind} of ${sign.length} characters`,
});
