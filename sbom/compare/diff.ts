// SPDX-License-Identifier: Apache-2.0
import type { Score } from '../score/index.ts';
import type { Finding, Inventory, Item } from './inventory.ts';

/** One value that is another now; absent where there was, or is, none. */
export interface Change {
  readonly field: 'version' | 'hash' | 'licence' | 'lineage' | 'severity' | 'state';
  readonly old?: string;
  readonly new?: string;
}

export interface Changed {
  readonly key: string;
  readonly changes: readonly Change[];
}

export interface BomDiff {
  readonly components: { readonly added: readonly string[]; readonly removed: readonly string[]; readonly changed: readonly Changed[] };
  readonly findings: { readonly added: readonly string[]; readonly removed: readonly string[]; readonly changed: readonly Changed[] };
  readonly score?: { readonly profile: string; readonly old: number; readonly new: number; readonly gained: readonly string[]; readonly lost: readonly string[] };
}

/** What came, went and changed from one BOM to another, each list in code-unit order. */
export function diffBoms(old: Inventory, now: Inventory, scores?: readonly [old: Score, now: Score]): BomDiff {
  return {
    components: compared(old.items, now.items, itemChanges),
    findings: compared(old.findings, now.findings, findingChanges),
    ...(scores === undefined ? {} : { score: scoreDiff(...scores) }),
  };
}

function compared<T extends { readonly key: string }>(old: readonly T[], now: readonly T[], changes: (a: T, b: T) => Change[]): { added: string[]; removed: string[]; changed: Changed[] } {
  const [before, after] = [new Map(old.map((one) => [one.key, one])), new Map(now.map((one) => [one.key, one]))];
  const changed = [...before].flatMap(([key, one]) => {
    const other = after.get(key);
    const list = other === undefined ? [] : changes(one, other);
    return list.length === 0 ? [] : [{ key, changes: list }];
  });
  return {
    added: [...after.keys()].filter((key) => !before.has(key)).sort(),
    removed: [...before.keys()].filter((key) => !after.has(key)).sort(),
    changed: changed.sort((a, b) => (a.key < b.key ? -1 : 1)),
  };
}

function change(field: Change['field'], old: string | undefined, now: string | undefined): Change[] {
  return (old ?? '') === (now ?? '') ? [] : [{ field, ...(old === undefined || old === '' ? {} : { old }), ...(now === undefined || now === '' ? {} : { new: now }) }];
}

function itemChanges(old: Item, now: Item): Change[] {
  const algorithms = [...new Set([...Object.keys(old.hashes), ...Object.keys(now.hashes)])].sort();
  const digest = (item: Item, algorithm: string): string | undefined => (item.hashes[algorithm] === undefined ? undefined : `${algorithm} ${item.hashes[algorithm]}`);
  return [
    ...change('version', old.version, now.version),
    ...algorithms.flatMap((algorithm) => change('hash', digest(old, algorithm), digest(now, algorithm))),
    ...change('licence', old.licences.join(' and '), now.licences.join(' and ')),
    ...change('lineage', old.ancestors.join(', '), now.ancestors.join(', ')),
  ];
}

function findingChanges(old: Finding, now: Finding): Change[] {
  return [...change('severity', old.severity, now.severity), ...change('state', old.state, now.state)];
}

function scoreDiff(old: Score, now: Score): NonNullable<BomDiff['score']> {
  const filled = (score: Score): Set<string> => new Set(score.elements.filter(({ state }) => state === 'filled').map(({ id }) => id));
  const [before, after] = [filled(old), filled(now)];
  return { profile: now.profile, old: old.points, new: now.points, gained: [...after].filter((id) => !before.has(id)), lost: [...before].filter((id) => !after.has(id)) };
}

/** Whether two BOMs say the same. */
export function isSame({ components, findings }: BomDiff): boolean {
  return [components, findings].every(({ added, removed, changed }) => added.length + removed.length + changed.length === 0);
}
