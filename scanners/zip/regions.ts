// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from '../../src/bytes/source.ts';
import type { Archive } from '../../src/grammar/zip/walk.ts';
import type { FactOf } from '../../src/model/fact.ts';
import type { Child } from '../../src/model/scanner.ts';
import type { Span } from '../../src/model/span.ts';

/** Zeros between members up to here are alignment (zipalign goes to pages of 16 KiB). */
const paddingMost = 16 * 1024;

/**
 * What the archive accounts for, neighbours merged: headers, data, directories and end records, and short zeros between
 * them. Not odd fields and comments that are no text: those are left to be looked at as unclaimed bytes.
 */
export async function* regions({ members, directories, odd }: Archive, source: ByteSource): AsyncGenerator<FactOf<'region' | 'malformed'>> {
  const spans: Span[] = members.map((member) => [member.headerAt, member.end]);
  for (const one of directories) {
    spans.push([one.begin, one.parsedEnd], [one.end, one.endAt + 22]);
    if (one.plainComment) spans.push([one.endAt + 22, one.endsAt]);
  }
  if (spans.length === 0) return;
  const begin = spans.reduce((least, span) => Math.min(least, span[0]), source.size);
  const end = [...spans, ...directories.map((one): Span => [one.endAt, one.endsAt])].reduce((most, span) => Math.max(most, span[1]), 0);
  if (begin > 0) yield { kind: 'malformed', code: 'zip/prefix', what: `${begin} bytes lie before the first member`, at: [0, 0] };
  if (end < source.size && directories.length > 0) yield { kind: 'malformed', code: 'zip/suffix', what: `${source.size - end} bytes lie after the end of the archive`, at: [end, end] };
  const merged: [number, number][] = [];
  for (const span of spans.toSorted((x, y) => x[0] - y[0])) {
    source.budget.tick();
    const last = merged.at(-1);
    if (last !== undefined && (span[0] <= last[1] || (await isPadding(source, last[1], span[0])))) last[1] = Math.max(last[1], span[1]);
    else merged.push([span[0], span[1]]);
  }
  for (const at of without(merged, odd)) yield { kind: 'region', name: 'archive', at };
}

async function isPadding(source: ByteSource, begin: number, end: number): Promise<boolean> {
  return end - begin <= paddingMost && (await source.read(begin, end - begin)).every((byte) => byte === 0);
}

/** Spans, sorted and apart from each other, less the holes. */
function* without(spans: readonly Span[], holes: readonly Span[]): Generator<Span> {
  const sorted = holes.toSorted((x, y) => x[0] - y[0]);
  let first = 0;
  for (const [from, to] of spans) {
    let at = from;
    while (first < sorted.length && sorted[first]![1] <= from) first += 1;
    for (let i = first; i < sorted.length; i += 1) {
      const [begin, end] = sorted[i]!;
      if (begin >= to) break;
      if (end <= at) continue;
      if (begin > at) yield [at, begin];
      at = end;
    }
    if (at < to) yield [at, to];
  }
}

/** Comments as files of their own: text can be a program too. Those that are no text are unclaimed bytes, which are looked at anyway. */
export function* comments({ directories }: Archive, source: ByteSource): Generator<Child> {
  for (const { plainComment, endAt, endsAt } of directories) {
    if (plainComment && endsAt > endAt + 22) yield { kind: 'child', name: '(comment)', source: source.slice(endAt + 22, endsAt) };
  }
}
