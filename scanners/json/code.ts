// SPDX-License-Identifier: Apache-2.0
// Keys by which a configuration makes its loader import or call something.
import { clip } from '../../src/bytes/clip.ts';
import type { Budget } from '../../src/bytes/limits.ts';
import { isObject, type JsonObject } from '../../src/grammar/json.ts';
import type { FactOf, Operand } from '../../src/model/fact.ts';

/** Keys by which a configuration makes its loader import or call something. */
export const telling: ReadonlySet<string> = new Set(['auto_map', 'custom_pipelines', 'trust_remote_code', '_target_']);

/** auto_map, trust_remote_code, custom_pipelines and Hydra's _target_, at any depth. The parser has capped the depth. */
export function* codeFacts(top: unknown, budget: Budget): Generator<FactOf<'claim' | 'link' | 'call'>> {
  const open: unknown[] = [top];
  for (let seen = 0; open.length > 0; seen++) {
    if (seen % 4096 === 0) budget.tick();
    const value = open.pop();
    if (Array.isArray(value)) {
      for (const inner of value as unknown[]) if (typeof inner === 'object' && inner !== null) open.push(inner);
    } else if (isObject(value)) {
      let speaks = false; // most objects are data: no generator for those
      for (const key in value) {
        const inner = value[key];
        if (typeof inner === 'object' && inner !== null) open.push(inner);
        speaks ||= telling.has(key);
      }
      if (speaks) yield* ofObject(value);
    }
  }
}

function* ofObject(value: JsonObject): Generator<FactOf<'claim' | 'link' | 'call'>> {
  const { auto_map: map, custom_pipelines: pipelines, trust_remote_code: trust, _target_: target } = value;
  // Tokenizers of old have a list in its place, the slow class and the fast one (AutoTokenizer.from_pretrained).
  for (const text of (Array.isArray(map) ? map : isObject(map) ? Object.values(map).flat() : []).slice(0, 64)) {
    if (typeof text !== 'string') continue; // a tokenizer's second class may be null
    yield { kind: 'claim', field: 'auto-map', value: clip(text) };
    yield { kind: 'link', role: 'code', target: clip(codeFile(text)), ...(text.includes('--') ? { detail: 'other-repo' } : {}) };
  }
  for (const name of isObject(pipelines) ? Object.keys(pipelines).slice(0, 64) : []) {
    yield { kind: 'claim', field: 'custom-pipeline', value: clip(name) };
  }
  if (trust === true) yield { kind: 'claim', field: 'trust-remote-code', value: 'true' };
  if (typeof target === 'string' && target !== '') {
    const given = value['_args_'];
    const args = Array.isArray(given) ? given : Object.entries(value).filter(([key]) => !/^_\w+_$/.test(key)).map(([, item]) => item);
    yield { kind: 'call', via: 'hydra-target', target: clip(target), args: args.slice(0, 8).map(operand) };
  }
}

/** 'owner/repo--module.Class' names another repository's file; 'module.Class' one beside the configuration. */
function codeFile(reference: string): string {
  const cut = reference.lastIndexOf('--'); // a repository's name may hold '--', a module's cannot
  const path = cut === -1 ? reference : reference.slice(cut + 2);
  const file = `${path.replace(/\.[^.]*$/, '').replaceAll('.', '/')}.py`;
  return cut === -1 ? file : `${reference.slice(0, cut)}--${file}`;
}

function operand(value: unknown): Operand {
  if (value === null) return { type: 'none' };
  if (typeof value === 'string') return { type: 'str', text: clip(value), length: value.length };
  if (typeof value === 'boolean') return { type: 'bool', text: String(value) };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'int' : 'float', text: String(value) };
  return { type: 'unknown' };
}
