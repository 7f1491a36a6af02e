// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import type { Budget } from '../../src/bytes/limits.ts';
import { isMapping, isTagged, type Yaml } from '../../src/grammar/yaml.ts';
import type { FactOf, Operand } from '../../src/model/fact.ts';

/** Tags by which PyYAML's unsafe loaders import or call (yaml/constructor.py). */
const pythonTag = /^(?:tag:yaml\.org,2002:|!)python\/(object\/apply|object\/new|object|name|module):(.*)$/s;

/** What others name as Hydra does, and where its keyword arguments are: latent-diffusion's instantiate_from_config, Lightning's CLI. */
const likeHydra = [['target', 'params'], ['class_path', 'init_args']] as const;
const dotted = /^[A-Za-z_]\w{0,99}(?:\.[A-Za-z_]\w{0,99}){1,20}$/;

/** Everything that loading would import or call: Python tags, and Hydra's `_target_`, at any depth. */
export function* codeFacts(value: Yaml, budget: Budget): Generator<FactOf<'call'>> {
  const open: Yaml[] = [value];
  for (let seen = 0; open.length > 0; seen += 1) {
    if (seen % 4096 === 0) budget.tick();
    const one = open.pop()!;
    if (isTagged(one)) {
      const match = pythonTag.exec(one.tag);
      if (match !== null) yield tagged(match[1]!, match[2]!, one.value);
      open.push(one.value);
    } else if (isMapping(one)) {
      const target = one.get('_target_');
      if (typeof target === 'string' && target !== '') yield { kind: 'call', via: 'hydra-target', target: clip(target), args: argumentsOf(one).map((item) => operand(item, 0)) };
      for (const [named, given] of likeHydra) {
        const path = one.get(named);
        const keywords = one.get(given);
        if (typeof path !== 'string' || !dotted.test(path) || !(isMapping(keywords) || one.size === 1)) continue;
        yield { kind: 'call', via: 'hydra-target', target: clip(path), args: isMapping(keywords) ? [...keywords.values()].slice(0, 8).map((item) => operand(item, 0)) : [] };
      }
      for (const inner of one.values()) if (typeof inner === 'object' && inner !== null) open.push(inner);
    } else if (Array.isArray(one)) {
      for (const inner of one as readonly Yaml[]) if (typeof inner === 'object' && inner !== null) open.push(inner);
    }
  }
}

function tagged(how: string, target: string, value: Yaml): FactOf<'call'> {
  const called = how === 'object/apply' || how === 'object/new' || how === 'object';
  const args = !called ? [] : Array.isArray(value) ? (value as readonly Yaml[]) : isMapping(value) && Array.isArray(value.get('args')) ? (value.get('args') as readonly Yaml[]) : [value];
  return { kind: 'call', via: called ? 'yaml-tag' : 'import', target: clip(target), args: args.slice(0, 8).map((item) => operand(item, 0)) };
}

/** Hydra takes positional arguments from `_args_` and keyword arguments from the other keys. */
function argumentsOf(map: ReadonlyMap<string, Yaml>): Yaml[] {
  const positional = map.get('_args_');
  const keywords = [...map].filter(([key]) => !/^_\w+_$/.test(key)).map(([, inner]) => inner);
  return [...(Array.isArray(positional) ? (positional as Yaml[]) : []), ...keywords].slice(0, 8);
}

function operand(value: Yaml, depth: number): Operand {
  if (value === null) return { type: 'none' };
  if (typeof value === 'string') return { type: 'str', text: clip(value), length: value.length };
  if (typeof value === 'boolean') return { type: 'bool', text: value ? 'True' : 'False' };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'int' : 'float', text: String(value) };
  if (isTagged(value)) {
    const match = pythonTag.exec(value.tag);
    return match === null ? { type: 'unknown' } : { type: 'call', target: clip(match[2]!), args: depth > 3 ? [] : [operand(value.value, depth + 1)] };
  }
  const items = isMapping(value) ? [...value].flatMap(([key, inner]) => [key, inner]) : value;
  return { type: isMapping(value) ? 'dict' : 'list', items: depth > 3 ? [] : items.slice(0, 8).map((item) => operand(item, depth + 1)), length: isMapping(value) ? value.size : items.length };
}
