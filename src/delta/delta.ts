// SPDX-License-Identifier: Apache-2.0
// A model against the base that it is said to come from: what changed, and whether that is what a fine-tune changes.
import { clip } from '../bytes/clip.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { FactOf } from '../model/fact.ts';
import { compare, type Change } from './compare.ts';
import type { Model } from './models.ts';

type Study = FactOf<'study'>;

/** Opens a weight file by its id; undefined when it cannot be opened. */
export type Open = (id: string) => ByteSource | undefined;

const blind = 'edits of a base that is itself not what it was; what a dense fine-tune learned';
/** Matrices that an edit of facts or a planted behaviour changes at most (ROME: 1, BadEdit: 3, MEMIT: 5 to 8). */
const fewMatrices = 8;
/** Matrices that have to be there before a small number of them means anything. */
const fewestMatrices = 8;
const shown = 12;

/** Compares what both have. Every tensor is read once from each side, unless whole files are equal. */
export async function delta(mine: Model, base: Model, how: string, open: { readonly mine: Open; readonly base: Open }): Promise<Study[]> {
  const of = clip(mine.folder === '' ? mine.file : mine.folder);
  const common = { of, n: 0, among: mine.tensors.size, blind };
  const shared = [...mine.tensors].filter(([name]) => base.tensors.has(name));
  if (shared.length === 0) {
    return [{ kind: 'study', question: 'base-delta', outcome: 'not-assessable', ...common, what: `compared with ${clip(named(base), 80)} (${how}): no tensor of the ${mine.tensors.size} has a counterpart there by name` }];
  }
  const changes: Change[] = [];
  const equalFiles = new Set([...mine.digests].filter(([, digest]) => [...base.digests.values()].includes(digest)).map(([id]) => id));
  for (const [name, tensor] of shared) {
    const other = base.tensors.get(name)!;
    if (equalFiles.has(tensor.file) && tensor.begin === other.begin && mine.digests.get(tensor.file) === base.digests.get(other.file)) {
      changes.push({ name: tensor.name, shape: tensor.shape, kind: 'identical', relative: 0, cosine: 1 });
      continue;
    }
    const [ours, theirs] = [open.mine(tensor.file), open.base(other.file)];
    changes.push(ours === undefined || theirs === undefined ? { name: tensor.name, shape: tensor.shape, kind: 'other', relative: 0, cosine: 1 } : await compare(tensor, other, { mine: ours, base: theirs }));
  }
  return studies(changes, { of, among: mine.tensors.size, base: `${clip(named(base), 80)} (${how})`, missing: [...base.tensors.keys()].filter((name) => !mine.tensors.has(name)).length });
}

function named(model: Model): string {
  return model.folder === '' ? model.file : model.folder;
}

/** What the changes of all tensors say together. */
export function studies(changes: readonly Change[], { of, among, base, missing }: { readonly of: string; readonly among: number; readonly base: string; readonly missing: number }): Study[] {
  const matrices = changes.filter(({ shape, kind }) => shape.length >= 2 && kind !== 'other');
  const changed = matrices.filter(({ kind }) => kind !== 'identical');
  const count = (kind: Change['kind']): number => changes.filter((change) => change.kind === kind).length;
  const tensors = changes.filter(({ kind }) => kind !== 'identical' && kind !== 'other');
  const highest = Math.max(0, ...changed.map(({ rank = 0 }) => rank));
  const detail = { identical: count('identical'), 'low-rank': count('low-rank'), rows: count('rows'), dense: count('dense'), 'not comparable': count('other'), missing, 'highest rank': highest };
  const say = (question: string, outcome: Study['outcome'], what: string, about: readonly Change[]): Study => ({
    kind: 'study', question, outcome, of, n: changes.length, among, what, blind, detail, ...(about.length === 0 ? {} : { excerpts: about.slice(0, 8).map(described) }),
  });
  const summary = `compared with ${base}: of ${changes.length} tensors ${Object.entries(detail).slice(0, 5).filter(([, n]) => n > 0).map(([kind, n]) => `${n} ${kind}`).join(', ')}`;
  const strangers = matrices.filter(({ cosine }) => Math.abs(cosine) < 0.2);
  if (matrices.length >= 4 && strangers.length >= 0.8 * matrices.length) {
    return [say('base-unrelated', 'finding', `${summary}; ${strangers.length} of ${matrices.length} matrices have nothing in common with it (cosine below 0.2): it was not made from this base`, strangers)];
  }
  const rows = changed.filter(({ kind, rows: some }) => kind === 'rows' && some !== undefined);
  const low = changed.filter(({ rank }) => rank !== undefined && rank <= 4);
  if (matrices.length >= fewestMatrices && changed.length > 0 && changed.length <= fewMatrices && changed.length * 4 <= matrices.length) {
    if (rows.length === changed.length) {
      return [say('base-rows', 'finding', `${summary}; only ${rows.map(({ name, rows: some }) => `${some!.n} of ${some!.among} rows of ${clip(name, 60)} (${some!.first.join(', ')}${some!.n > some!.first.length ? ', …' : ''})`).slice(0, 4).join('; ')} changed`, rows)];
    }
    if (low.length + rows.length === changed.length) {
      const one = low.every(({ rank }) => rank === 1);
      return [say('base-edit', 'finding', `${summary}; only ${changed.length} of ${matrices.length} matrices changed, ${one ? 'each in one direction (rank 1)' : 'each in few directions'}: ${changed.slice(0, 4).map(described).join('; ')}`, changed)];
    }
  }
  const merged = changed.length > fewMatrices && low.length + changed.filter(({ rank }) => rank !== undefined).length > changed.length;
  const kindOf = tensors.length === 0 ? 'it is the base itself' : merged ? 'as after merging an adapter' : 'as after training';
  return [say('base-delta', 'assessed', `${summary}; ${kindOf}`, tensors.length <= shown ? tensors : [])];
}

function described({ name, rank, relative, kind }: Change): string {
  return `${clip(name, 80)}: ${rank === undefined ? kind : `rank ${rank}`}, ${(100 * relative).toPrecision(3)} % of its norm`;
}
