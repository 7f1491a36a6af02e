// SPDX-License-Identifier: Apache-2.0
// Where a document says something, as data: 'metadata/authors/name'. Lists are entered by themselves; 'x?type=a|b' keeps
// the items whose member is one of those; 'properties{name}' is the value of the property of that name, and a name that
// ends in '*' stands for all that begin so.
import type { Place } from '../schema/pointer.ts';
import { isObject } from '../check/lint.ts';

export interface At {
  readonly value: unknown;
  readonly place: Place | undefined;
}

/** All values that a path leads to, in document order; at most `most`. */
export function find(from: At, path: string, most = 10_000): At[] {
  let here = entered(from, most);
  for (const segment of path === '' ? [] : path.split('/')) {
    const [, key, member, wanted, property] = /^([^?{]+)(?:\?([^=]+)=(.*))?(?:\{(.*)\})?$/.exec(segment) ?? [];
    const next: At[] = [];
    for (const { value, place } of here) {
      if (!isObject(value) || key === undefined || next.length >= most) continue;
      for (const item of entered({ value: value[key], place: { up: place, key } }, most)) {
        if (member !== undefined && !(isObject(item.value) && wanted!.split('|').includes(String(item.value[member])))) continue;
        if (property === undefined) next.push(item);
        else if (isObject(item.value) && isCalled(item.value['name'], property)) next.push({ value: item.value['value'], place: { up: item.place, key: 'value' } });
      }
    }
    here = next;
  }
  return here;
}

function isCalled(name: unknown, wanted: string): boolean {
  if (typeof name !== 'string') return false;
  return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}

function entered(at: At, most: number): At[] {
  if (at.value === undefined) return [];
  if (!Array.isArray(at.value)) return [at];
  return (at.value as unknown[]).slice(0, most).map((value, key) => ({ value, place: { up: at.place, key } }));
}
