// SPDX-License-Identifier: Apache-2.0
// Keras model configurations: keras.saving.serialize_keras_object() writes class_name, config, module, registered_name.
import { clip } from '../../src/bytes/clip.ts';
import type { Budget } from '../../src/bytes/limits.ts';
import { isObject, type JsonObject } from '../../src/grammar/json.ts';
import type { FactOf } from '../../src/model/fact.ts';


/** Names that importing from Python's own builtins would find; an author's function saved under 'builtins' is none of them. */
const builtins: ReadonlySet<string> = new Set(['eval', 'exec', 'compile', '__import__', 'getattr', 'setattr', 'delattr', 'open', 'input', 'breakpoint', 'globals', 'locals', 'vars', 'help', 'map', 'filter']);

/** Lambda layers and functions saved as byte code, and what is imported from outside Keras. The parser has capped the depth. */
export function* kerasFacts(top: unknown, budget: Budget): Generator<FactOf<'node' | 'call'>> {
  const open: unknown[] = [top];
  for (let seen = 0; open.length > 0; seen++) {
    if (seen % 4096 === 0) budget.tick();
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (isObject(value) && typeof value['class_name'] === 'string') yield* ofObject(value, value['class_name']);
    for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) open.push(inner);
  }
}

/** Layers that load something else when they are rebuilt. */
const reaching = /^(?:TorchModuleWrapper|TFSMLayer)$/;
/** Settings of layers that name a file or an address, which is read when the layer is rebuilt. */
const paths = ['vocabulary', 'idf_weights', 'filepath', 'module'] as const;

function* filesOf(type: string, config: JsonObject): Generator<FactOf<'node'>> {
  for (const key of paths) {
    const value = config[key];
    // A vocabulary is a list of words, or the path of a file with them.
    if (typeof value === 'string' && value !== '' && (key === 'filepath' ? type === 'TFSMLayer' : key === 'module' ? type === 'TorchModuleWrapper' : true)) {
      yield { kind: 'node', operator: 'file', name: typeof config['name'] === 'string' ? clip(config['name']) : '', domain: 'keras', detail: { class_name: clip(type), setting: key, value: clip(value) } };
    }
  }
}

function* ofObject(value: JsonObject, type: string): Generator<FactOf<'node' | 'call'>> {
  const { config, module, registered_name: registered } = value;
  if (type === 'Lambda' || type === '__lambda__') {
    const name = isObject(config) && typeof config['name'] === 'string' ? config['name'] : '';
    yield { kind: 'node', operator: 'Lambda', name: clip(name), detail: { class_name: type } };
  }
  if (reaching.test(type)) yield { kind: 'node', operator: clip(type), name: isObject(config) && typeof config['name'] === 'string' ? clip(config['name']) : '', domain: 'keras', detail: { class_name: clip(type) } };
  if (type === 'function' && typeof config === 'string' && typeof module === 'string' && /^(?:tf_)?keras(?:\.|$)/.test(module)) yield { kind: 'node', operator: clip(config), name: '', domain: 'keras', detail: { function: clip(`${module}.${config}`) } };
  if (isObject(config)) yield* filesOf(type, config);
  if (config === undefined || typeof module !== 'string' || module === '' || /^(?:tf_)?keras(?:\.|$)/.test(module)) return;
  const name = type === 'function' && typeof config === 'string' ? config : type;
  if (module === 'builtins' && !builtins.has(name)) return;
  const args = typeof registered === 'string' ? [{ type: 'str' as const, text: clip(registered), length: registered.length }] : [];
  yield { kind: 'call', via: 'keras-config', target: clip(`${module}.${name}`), args };
}
