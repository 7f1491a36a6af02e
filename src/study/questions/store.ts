// SPDX-License-Identifier: Apache-2.0
// Stores for retrieval: vectors beside the texts they stand for. Who may write there decides what a model is told: texts made to be
// found for one question (PoisonedRAG, arXiv 2402.07867), vectors near to every question, and vectors that were laid under another text.
import { clip } from '../../bytes/clip.ts';
import type { Cell } from '../../model/scanner.ts';
import { fingerprint } from '../../sketch/minhash.ts';
import { detached, RowIds } from '../compact.ts';
import { columnOf, columnsOf, notAssessable, textOf, type Asking, type Question, type StudyFact } from '../question.ts';
import { masked } from '../text/secrets.ts';
import { median, Neighbours, simhash } from '../text/vectors.ts';
import { thinning } from './words.ts';

/** Rows whose vectors and texts are compared for equality, and numbers of those that are compared with each other. */
const mostRows = 200_000;
const mostNumbers = 8 << 20;
const mostDimensions = 8192;
/** Of 64 signs of projections, those that differ between vectors of the same text that nothing explains: about 45 degrees. */
const far = 16;
/** Texts that begin with one question, and words that it must have. */
const leastGroup = 3;
const leastWords = 5;
const named = 64;

interface Finding {
  readonly kind: 'vector-of-other-text' | 'hub' | 'question-group' | 'vector-health';
  readonly what: string;
  readonly rows: readonly string[];
  readonly count: number;
  readonly score: number;
  readonly excerpts?: readonly string[];
  readonly trigger?: string;
  /** Vectors that are far longer than the others. */
  readonly long?: number;
}

export const retrievalStore: Question = {
  id: 'retrieval-store',
  title: 'Texts and vectors that were made to be retrieved',
  blind: 'Whether a text is true, single texts made for one question, and vectors that were made from the text as it stands are not seen: a poisoned text that is embedded as usual lies as close to its question as an honest one. Vectors in another file than their texts are not paired.',
  needs: (set) => (columnOf(set, 'embedding') === undefined ? 'no column holds vectors' : true),
  begin(set, context): Asking {
    const vectors = columnOf(set, 'embedding')!;
    const texts = columnsOf(set, 'text', 'response', 'prompt', 'code').slice(0, 2);
    const source = columnOf(set, 'source') ?? columnOf(set, 'path');
    const wanted = thinning(context, mostRows);
    const ids = new RowIds();
    const byVector = new Map<number, number>();
    const byText = new Map<number, number>();
    const signs: (readonly [number, number])[] = [];
    const heads: number[] = [];
    const norms: number[] = [];
    const widths = new Map<number, number>();
    const questions = new Map<number, { text: string; rows: number[]; rests: Set<number>; sources: Set<string> }>();
    const broken: string[] = [];
    const swapped: string[] = [];
    const shown: string[] = [];
    const near = new Neighbours(mostNumbers, context.random('neighbours'));
    let [notFinite, zero, wrong] = [0, 0, 0];
    const add = (id: string, cell: Cell | undefined, text: string, of: string): void => {
      const vector = vectorOf(cell);
      if (vector === undefined) return;
      widths.set(vector.length, (widths.get(vector.length) ?? 0) + 1);
      const norm = Math.sqrt(vector.reduce((sum, one) => sum + one * one, 0));
      if (!Number.isFinite(norm) || norm === 0) {
        if (norm === 0) zero += 1;
        else notFinite += 1;
        if (broken.length < named) broken.push(id);
        return;
      }
      const at = ids.add(id);
      norms.push(norm);
      const sign = simhash(vector);
      signs.push(sign);
      near.add(vector, at);
      const head = fingerprint(text.slice(0, 200).toLowerCase());
      heads.push(head);
      if (text.length < 20) return;
      const same = fingerprint(vector.reduce((all, one) => `${all} ${one.toPrecision(5)}`, ''));
      const twin = byVector.get(same);
      if (twin === undefined) byVector.set(same, at);
      else if (heads[twin] !== head) {
        wrong += 1;
        if (swapped.length < named) swapped.push(`${ids.get(twin)} = ${id}`);
        if (shown.length < 4) shown.push(`${id}: the vector is that of ${ids.get(twin)}, the text begins ${JSON.stringify(masked(clip(text, 80)))}`);
      }
      const whole = fingerprint(text);
      const other = byText.get(whole);
      if (other === undefined) byText.set(whole, at);
      else if (differing(signs[other]!, sign) >= far) {
        wrong += 1;
        if (swapped.length < named) swapped.push(`${ids.get(other)} ≠ ${id}`);
        if (shown.length < 4) shown.push(`${id}: same text as ${ids.get(other)}, another vector: ${JSON.stringify(masked(clip(text, 80)))}`);
      }
      const question = /^[^\p{L}\p{N}]{0,8}((?:[\p{L}\p{N}'’,-]+\s+){3,40}[\p{L}\p{N}'’-]+)\s?\?/u.exec(text.slice(0, 400));
      if (question === null || question[1]!.split(/\s+/).length < leastWords) return;
      const key = fingerprint(question[1]!.toLowerCase());
      const group = questions.get(key) ?? { text: '', rows: [], rests: new Set(), sources: new Set() };
      if (group.rows.length === 0) group.text = detached(question[0]);
      if (group.rows.length < named) group.rows.push(at);
      group.rests.add(fingerprint(text.slice(question[0].length).toLowerCase()));
      if (of !== '') group.sources.add(detached(of.slice(0, 200)));
      if (questions.has(key) || questions.size < 100_000) questions.set(key, group);
    };
    const health = (): Finding | undefined => {
      const middle = median(norms);
      const spread = Math.max(0.01, median(norms.map((one) => Math.abs(Math.log(one / middle)))) * 1.48);
      const long = norms.flatMap((one, at) => (Math.log(one / middle) >= Math.max(0.7, 10 * spread) ? [at] : []));
      const odd = [...widths.values()].reduce((sum, one) => sum + one, 0) - Math.max(0, ...widths.values());
      const parts = [...(notFinite > 0 ? [`${notFinite} are not finite`] : []), ...(zero > 0 ? [`${zero} are zero`] : []), ...(odd > 0 ? [`${odd} have another length than the rest`] : []), ...(long.length > 0 && long.length <= 0.02 * norms.length + 1 ? [`${long.length} are at least twice as long as usual, which an inner product puts before all others`] : [])];
      if (parts.length === 0) return undefined;
      const rows = [...broken, ...long.slice(0, named).map((at) => ids.get(at))].slice(0, named);
      return { kind: 'vector-health', long: long.length, count: notFinite + zero + odd + long.length, rows, score: notFinite + zero + odd + long.length, what: `of the vectors ${parts.join(', ')}` };
    };
    return {
      batch({ rows }) {
        for (const { id, cells } of rows) {
          if (ids.size >= mostRows || !wanted()) continue;
          add(id, cells[vectors.index], texts.map(({ index }) => textOf(cells[index]) ?? '').join('\n').trim(), source === undefined ? '' : (textOf(cells[source.index]) ?? ''));
        }
        context.tick();
      },
      *end(): Iterable<StudyFact> {
        const n = ids.size + notFinite + zero;
        const base = { kind: 'study', question: retrievalStore.id, of: set.name, ...context.seen(), n, blind: retrievalStore.blind } as const;
        if (n < 20) {
          yield notAssessable(retrievalStore, set, `${n} vectors are too few, 20 are needed`);
          return;
        }
        const found: Finding[] = [];
        if (wrong > 0) found.push({ kind: 'vector-of-other-text', count: wrong, rows: swapped, score: wrong, excerpts: shown, what: `${wrong} vectors do not belong to their texts: the same vector stands beside texts that begin differently, or the same text has vectors that point elsewhere` });
        const hub = near.hubs(() => context.tick());
        if (hub.found.length > 0) found.push({ kind: 'hub', count: hub.found.length, rows: hub.found.map(({ at }) => ids.get(at)), score: hub.found[0]!.times, what: `${hub.found.length} vectors are among the ten nearest of ${hub.found[0]!.times} of ${hub.of} others, where the next one is of ${hub.next}: they are found whatever is asked` });
        // Parts of one document repeat its heading: of different sources, or of none that is told, they should not.
        const groups = [...questions.values()].filter(({ rows, rests, sources }) => rows.length >= leastGroup && rests.size >= leastGroup && sources.size !== 1).toSorted((a, b) => b.rows.length - a.rows.length);
        for (const { text, rows } of groups.slice(0, 4)) found.push({ kind: 'question-group', count: rows.length, rows: rows.map((at) => ids.get(at)), score: rows.length, trigger: clip(masked(text), 200), what: `${rows.length} texts begin with the same question, ${JSON.stringify(clip(masked(text), 120))}, and answer it differently: that is how texts are made to be retrieved for it` });
        const odd = health();
        if (odd !== undefined) found.push(odd);
        const about = `${n} vectors of ${[...widths.keys()].slice(0, 4).join(', ')} numbers, ${byText.size} different texts; the most frequent neighbour is near ${hub.most} of ${hub.of}`;
        if (found.length === 0) yield { ...base, outcome: 'assessed', score: 0, what: `vectors and texts agree: ${about}` };
        for (const { kind, what, rows, count, score, excerpts, trigger, long } of found) {
          yield { ...base, outcome: 'finding', score, what: `${what}; ${about}`, rows, rowCount: count, detail: { kind, count, ...(long === undefined ? {} : { long }) }, ...(excerpts === undefined ? {} : { excerpts: excerpts.map((one) => clip(one, 256)) }), ...(trigger === undefined ? {} : { trigger }) };
        }
      },
    };
  },
};

function differing(a: readonly [number, number], b: readonly [number, number]): number {
  let count = 0;
  for (let word of [a[0] ^ b[0], a[1] ^ b[1]]) for (; word !== 0; word &= word - 1) count += 1;
  return count;
}

/** A vector as lists of numbers, as four-byte floats in a blob, or as text in brackets; undefined for what is none. */
export function vectorOf(cell: Cell | undefined): Float64Array | undefined {
  if (Array.isArray(cell)) {
    if (cell.length < 8 || cell.length > mostDimensions) return undefined;
    const out = new Float64Array(cell.length);
    for (const [at, one] of cell.entries()) {
      if (typeof one !== 'number' && one !== null) return undefined;
      out[at] = one ?? Number.NaN; // JSON writes what is not finite as null
    }
    return out;
  }
  if (cell instanceof Uint8Array) {
    if (cell.length < 32 || cell.length % 4 !== 0 || cell.length > 4 * mostDimensions) return undefined;
    const view = new DataView(cell.buffer, cell.byteOffset, cell.byteLength);
    return Float64Array.from({ length: cell.length / 4 }, (_, at) => view.getFloat32(4 * at, true));
  }
  if (typeof cell !== 'string' || cell.length > 400_000 || !/^\s*\[[\d\s.,eE+-]*\]\s*$/.test(cell)) return undefined;
  const numbers = cell.trim().slice(1, -1).split(/[\s,]+/).filter((one) => one !== '').map(Number);
  return numbers.length < 8 || numbers.length > mostDimensions || numbers.some(Number.isNaN) ? undefined : Float64Array.from(numbers);
}
