// SPDX-License-Identifier: Apache-2.0

/** Half-open byte range of an artefact: `begin` inclusive, `end` exclusive, both counted from its first byte. */
export type Span = readonly [begin: number, end: number];

/** The parts of `0..size` that no span covers, ascending and disjoint. Spans may overlap and come in any order. */
export function uncovered(spans: readonly Span[], size: number): Span[] {
  if (spans.length === 1 && spans[0]![0] === 0 && spans[0]![1] === size) return [];
  const sorted = spans.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  const holes: Span[] = [];
  let reached = 0;
  for (const [begin, end] of sorted) {
    if (begin > reached) holes.push([reached, Math.min(begin, size)]);
    reached = Math.max(reached, end);
    if (reached >= size) break;
  }
  if (reached < size) holes.push([reached, size]);
  return holes.filter(([begin, end]) => begin < end);
}
