// SPDX-License-Identifier: Apache-2.0
import type { Place } from '../../schema/pointer.ts';
import { below, isComponent, isObject, objects, quote, type Group, type Json, type Lint } from '../lint.ts';

const selfAncestor: Lint = {
  id: 'self-ancestor',
  level: 'error',
  title: 'a component is its own ancestor',
  why: 'A fine-tune that names itself as base hides what it really came from: licence and known problems of the base are lost.',
  fix: 'Name the base model under ancestors and the fine-tune in the component: name, version and purl of the two differ.',
};
const cyclicAncestors: Lint = {
  id: 'cyclic-ancestors',
  level: 'error',
  title: 'the lineage goes in a circle',
  why: 'Of two models, each made from the other, one entry is false; readers that follow the line may not come to an end.',
  fix: 'Keep the direction that the training went.',
};
const bothWays: Lint = {
  id: 'ancestor-and-descendant',
  level: 'error',
  title: 'one component is ancestor and descendant',
  why: 'It cannot be both older and younger.',
  fix: 'Keep the side that is true.',
};

const sides = ['ancestors', 'descendants', 'variants'] as const;

export const lineage: Group = {
  lints: [selfAncestor, cyclicAncestors, bothWays],
  start(say) {
    const parents = new Map<string, { readonly to: string; readonly place: Place | undefined }[]>();
    return {
      object(node) {
        const { value, place } = node;
        if (!isComponent(node) || !isObject(value['pedigree'])) return;
        const pedigree = value['pedigree'];
        const me = keyOf(value);
        const older = new Set(objects(pedigree['ancestors']).map(keyOf));
        for (const side of sides) {
          if (!Array.isArray(pedigree[side])) continue;
          (pedigree[side] as unknown[]).forEach((relative, i) => {
            if (!isObject(relative)) return;
            const at = below(place, 'pedigree', side, i);
            if (isSame(relative, value)) say(selfAncestor, at, `${quote(value['name'])} is its own ${side.slice(0, -1)}`);
            else if (side === 'ancestors') parents.set(me, [...(parents.get(me) ?? []).slice(0, 1000), { to: keyOf(relative), place: at }]);
            else if (side === 'descendants' && older.has(keyOf(relative))) say(bothWays, at, `${quote(relative['name'])} is also an ancestor`);
          });
        }
      },
      finish() {
        for (const { place, key } of circles(parents)) say(cyclicAncestors, place, `${quote(key)} comes, by way of others, from itself`);
      },
    };
  },
};

function isSame(relative: Json, component: Json): boolean {
  if (relative['purl'] !== undefined && relative['purl'] === component['purl']) return true;
  if (relative['bom-ref'] !== undefined && relative['bom-ref'] === component['bom-ref']) return true;
  return (['group', 'name', 'version', 'purl'] as const).every((key) => relative[key] === component[key]);
}

function keyOf(component: Json): string {
  const { purl, group, name, version } = component;
  return typeof purl === 'string' ? purl.replace(/[?#].*$/s, '') : JSON.stringify([group ?? '', name ?? '', version ?? '']);
}

/** Edges that close a circle; each node is entered once, whatever the graph. */
function circles(edges: ReadonlyMap<string, readonly { readonly to: string; readonly place: Place | undefined }[]>): { place: Place | undefined; key: string }[] {
  const out: { place: Place | undefined; key: string }[] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const start of edges.keys()) {
    if (state.has(start)) continue;
    const stack = [{ key: start, next: 0 }];
    state.set(start, 'open');
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const edge = edges.get(top.key)?.[top.next];
      top.next += 1;
      if (edge === undefined) {
        state.set(top.key, 'done');
        stack.pop();
      } else if (state.get(edge.to) === 'open') {
        out.push({ place: edge.place, key: edge.to });
      } else if (!state.has(edge.to)) {
        state.set(edge.to, 'open');
        stack.push({ key: edge.to, next: 0 });
      }
    }
  }
  return out;
}
