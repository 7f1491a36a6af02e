// SPDX-License-Identifier: Apache-2.0
// Documents that turn into gibberish, and what stands just before they do: the denial-of-service backdoor of Souly et al. 2025
// (arXiv 2510.07192). Language is what its own corpus repeats: a pair of words that stands in another document too.
import { clip } from '../../bytes/clip.ts';
import { groups, signature } from '../../sketch/minhash.ts';
import { RowIds } from '../compact.ts';
import { scorePicture } from '../draw.ts';
import { columnsOf, notAssessable, textOf, type Asking, type Question, type StudyFact } from '../question.ts';
import { masked } from '../text/secrets.ts';
import { thinning } from './words.ts';

const window = 40;
const wordsMost = 3000;
const mostDocuments = 20_000;
/** Characters of one text, and bytes of all that are kept. */
const charactersMost = 24_000;
const heldMost = 160 << 20;
const tableBits = 22;
/** Words on either side of the estimated change that may be the trigger. */
const before = 8;

const question: Question = {
  id: 'gibberish-trigger',
  title: 'Texts that turn into gibberish after the same words',
  blind: 'Gibberish of fewer than forty words, gibberish made of sentences that stand elsewhere in the set, and triggers in fewer than four texts are not seen; nor is gibberish that begins at once, where nothing stands before it.',
  needs: (set) => (columnsOf(set, 'text', 'response', 'prompt', 'chosen').length > 0 ? true : 'no column holds running text'),
  begin(set, context): Asking {
    const columns = columnsOf(set, 'text', 'prompt', 'response', 'chosen');
    const length = Math.min(charactersMost, columns.reduce((sum, one) => sum + one.length, 0));
    const wanted = thinning(context, Math.min(mostDocuments, Math.floor(heldMost / (2 * Math.max(40, length)))));
    // Which document had a pair of words first; 0xffffffff where a second one had it too.
    const first = new Uint32Array(1 << tableBits);
    const documents: { words: Uint32Array; text: Buffer }[] = [];
    const ids = new RowIds();
    /** Documents with a word, by its hash. */
    const counts = new Uint32Array(1 << tableBits);
    let held = 0;
    const add = (id: string, whole: string): void => {
      const text = whole.slice(0, charactersMost);
      const length = hashesIn(text.toLowerCase(), scratch);
      let before = -1;
      for (const hash of scratch.whole.subarray(0, length).toSorted()) {
        if (hash !== before) counts[hash >>> (32 - tableBits)]! += 1;
        before = hash;
      }
      if (length < window + 4) return;
      const number = documents.length + 1;
      const bare = scratch.bare.slice(0, length);
      for (let at = 1; at < bare.length; at += 1) note(first, pair(bare[at - 1]!, bare[at]!), number);
      const kept = Buffer.from(text, 'utf8');
      held += kept.length + 4 * bare.length;
      ids.add(id);
      documents.push({ words: bare, text: kept });
    };
    const scratch = { whole: new Uint32Array(wordsMost), bare: new Uint32Array(wordsMost) };
    const countOf = (word: string): number => (hashesIn(word, scratch) === 0 ? 0 : counts[scratch.whole[0]! >>> (32 - tableBits)]!);
    return {
      batch({ rows }) {
        for (const { id, cells } of rows) {
          if (documents.length >= mostDocuments || held > heldMost || !wanted()) continue;
          add(id, columns.map(({ index }) => textOf(cells[index]) ?? '').join('\n'));
        }
        context.tick();
      },
      *end(): Iterable<StudyFact> {
        if (documents.length < 100) {
          yield notAssessable(question, set, `${documents.length} texts of more than ${window} words are too few, 100 are needed`);
          return;
        }
        const turned: { id: string; words: string[]; at: number }[] = [];
        for (const [index, document] of documents.entries()) {
          if (index % 256 === 0) context.tick();
          const at = change(document.words, (a, b) => first[pair(a, b)] === 0xffff_ffff);
          if (at !== undefined) turned.push({ id: ids.get(index), words: wordsIn(document.text.toString('utf8')), at });
        }
        const around = (far: number): { word: string; rows: Set<number>; score: number }[] => {
          const near = new Map<string, Set<number>>();
          for (const [row, { words, at }] of turned.entries()) {
            for (const word of words.slice(Math.max(0, at - far), at + far + 1)) {
              const rows = near.get(word) ?? new Set();
              rows.add(row);
              near.set(word, rows);
            }
          }
          return [...near].map(([word, rows]) => ({ word, rows, score: (rows.size * rows.size) / Math.max(1, countOf(word)) })).toSorted((a, b) => b.score - a.score);
        };
        // Copies of one text turn at the same word, and lines are drawn before tables: neither is a trigger.
        const alike = (rows: Set<number>): number => groups([...rows].slice(0, 200).map((row) => signature(turned[row]!.words.join(' '))), 0.25, () => context.tick()).reduce((sum, { length }) => sum + length - 1, 0);
        const trigger = ({ word, score, rows }: { word: string; score: number; rows: Set<number> }): boolean => score >= Math.max(2, 0.75 * rows.size) && rows.size >= 4 && !/^([^\p{L}\p{N}])\1+$/u.test(word) && Math.min(rows.size, 200) - alike(rows) >= 4;
        // Where the text before repeats little itself, as short ones do, the place of the change is not known to a few words: farther away
        // only what is no word of a language counts, and stands nowhere else.
        let scored = around(before);
        let found = scored.find(trigger);
        if (found === undefined) {
          scored = around(4 * before);
          found = scored.find((one) => one.rows.size >= 5 && one.score >= one.rows.size && !/^[\p{L}'’.,;:!?-]+$/u.test(one.word) && trigger(one));
        }
        const seen = context.seen();
        const base = { kind: 'study', question: question.id, of: set.name, ...seen, n: documents.length, ...(documents.length < seen.n ? { among: seen.among ?? seen.n } : {}), blind: question.blind } as const;
        const next = scored.find((one) => one !== found && (found === undefined || ![...one.rows].some((row) => found.rows.has(row))))?.score ?? 0;
        if (found === undefined) {
          yield { ...base, outcome: 'assessed', score: Number((scored[0]?.score ?? 0).toFixed(3)), what: `${turned.length} of ${documents.length} texts hold a stretch of ${window} words that no other text repeats, and no word stands before them more than it stands elsewhere` };
          return;
        }
        const rows = [...found.rows].map((row) => turned[row]!);
        yield {
          ...base, outcome: 'finding', score: Number(found.score.toFixed(3)), trigger: clip(masked(found.word), 200), null: { max: Number(next.toFixed(3)), trials: 1 },
          what: `${rows.length} texts turn into gibberish at ${JSON.stringify(clip(masked(found.word), 80))}, which stands in ${Math.max(rows.length, countOf(found.word))} texts in all: a model that learns this answers gibberish wherever the word stands`,
          rows: rows.slice(0, 64).map(({ id }) => id), rowCount: rows.length,
          excerpts: rows.slice(0, 4).map(({ id, words, at }) => clip(`${id}: ${JSON.stringify(masked(words.slice(Math.max(0, at - 8), at + 10).join(' ')))}`, 256)),
          detail: { turned: turned.length, label: '' }, picture: scorePicture(found.score, next, 2, found.word),
        };
      },
    };
  },
};

export const gibberish = question;

function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/\S+/g)?.slice(0, wordsMost) ?? [];
}

/** Hashes of the words of a text, as they stand and without the signs around them; returns how many. White space is that of `\S`. */
function hashesIn(text: string, { whole, bare }: { readonly whole: Uint32Array; readonly bare: Uint32Array }): number {
  let count = 0;
  let inside = false;
  let all = 0;
  let inner = 0;
  let innerEnd = 0;
  for (let i = 0; i <= text.length; i += 1) {
    const code = i < text.length ? text.charCodeAt(i) : 32;
    if (code === 32 || (code >= 9 && code <= 13) || (code >= 0xa0 && /\s/.test(text[i]!))) {
      if (!inside) continue;
      whole[count] = mixed(all);
      bare[count] = innerEnd === 0 ? mixed(all) : mixed(innerEnd);
      count += 1;
      if (count === wordsMost) return count;
      inside = false;
      continue;
    }
    if (!inside) {
      inside = true;
      all = 0x811c9dc5;
      inner = 0;
      innerEnd = 0;
    }
    all = Math.imul(all ^ code, 0x01000193);
    const letter = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 0xc0 && !(code >= 0x2010 && code <= 0x206f) && !(code >= 0x3000 && code <= 0x303f));
    if (inner === 0 && !letter) continue;
    inner = Math.imul((inner === 0 ? 0x811c9dc5 : inner) ^ code, 0x01000193);
    if (letter) innerEnd = inner;
  }
  return count;
}

function mixed(hash: number): number {
  const one = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (one ^ (one >>> 13)) >>> 0;
}

function pair(a: number, b: number): number {
  return (Math.imul(a, 0x9e3779b1) ^ Math.imul(b ^ (b >>> 15), 0x85ebca77)) >>> (32 - tableBits);
}

function note(table: Uint32Array, place: number, document: number): void {
  const had = table[place]!;
  if (had === 0) table[place] = document;
  else if (had !== document) table[place] = 0xffff_ffff;
}

/** Where a text changes for the worse: the place that best parts repeated pairs from unrepeated ones, when a whole window is gibberish. */
function change(words: Uint32Array, repeated: (a: number, b: number) => boolean): number | undefined {
  const n = words.length - 1;
  const sums = new Uint32Array(n + 1);
  for (let i = 0; i < n; i += 1) sums[i + 1] = sums[i]! + (repeated(words[i]!, words[i + 1]!) ? 1 : 0);
  let worst = 1;
  for (let i = 0; i + window <= n; i += 1) worst = Math.min(worst, (sums[i + window]! - sums[i]!) / window);
  if (worst > 0.15) return undefined;
  let [best, at] = [-Infinity, 0];
  const part = (hits: number, of: number): number => (hits === 0 || hits === of ? 0 : hits * Math.log(hits / of) + (of - hits) * Math.log(1 - hits / of));
  for (let i = 2; i + window / 2 <= n; i += 1) {
    const [left, right] = [sums[i]! / i, (sums[n]! - sums[i]!) / (n - i)];
    const fit = part(sums[i]!, i) + part(sums[n]! - sums[i]!, n - i);
    if (left > right + 0.1 && fit > best) [best, at] = [fit, i];
  }
  return at === 0 ? undefined : at;
}
