// SPDX-License-Identifier: Apache-2.0
import type { Cluster } from './duplicates.ts';
import type { Pictures } from './pictures.ts';

/** Splits that a model learns from; all others are held out. */
const training = /^(train|training|fit)\b/i;

/** Held-out pictures of which the training split has a copy, how many are held out, and the name of the split with most of them. */
export function leaks({ splits = [], count }: Pictures, clusters: readonly Cluster[]): { readonly rows: readonly number[]; readonly held: number; readonly split: string } {
  const named = splits.some((split) => training.test(split ?? ''));
  // Without a split called train, the one with most pictures is taken for it.
  const sizes = new Map<string, number>();
  for (const split of splits) sizes.set(split ?? '', (sizes.get(split ?? '') ?? 0) + 1);
  const largest = [...sizes].toSorted((a, b) => b[1] - a[1])[0]?.[0];
  const learnt = (row: number): boolean => (named ? training.test(splits[row] ?? '') : splits[row] === largest);
  const rows = clusters.filter((cluster) => cluster.rows.some(learnt)).flatMap((cluster) => cluster.rows.filter((row) => !learnt(row)));
  let held = 0;
  for (let row = 0; row < count; row += 1) if (!learnt(row)) held += 1;
  const tally = new Map<string, number>();
  for (const row of rows) tally.set(splits[row] ?? '', (tally.get(splits[row] ?? '') ?? 0) + 1);
  return { rows: rows.toSorted((a, b) => a - b), held, split: [...tally].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? '' };
}
