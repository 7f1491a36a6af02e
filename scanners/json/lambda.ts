// SPDX-License-Identifier: Apache-2.0
// Byte code of Keras Lambda layers, as keras.utils.python_utils.func_dump() writes it: base64 of a marshalled code object.
import { MemorySource } from '../../src/bytes/source.ts';
import type { Budget } from '../../src/bytes/limits.ts';
import { isObject } from '../../src/grammar/json.ts';
import type { Child } from '../../src/model/scanner.ts';

const most = { lambdas: 256, text: 4 << 20, depth: 4 } as const;
/** Where a Lambda layer keeps functions. */
const keys = ['function', 'output_shape', 'mask'] as const;

/** One child for each function of each Lambda layer, at any depth. The parser has capped the depth. */
export function* lambdas(top: unknown, budget: Budget): Generator<Child> {
  const open: unknown[] = [top];
  let found = 0;
  for (let seen = 0; open.length > 0 && found < most.lambdas; seen += 1) {
    if (seen % 4096 === 0) budget.tick();
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (isObject(value) && (value['class_name'] === 'Lambda' || value['class_name'] === '__lambda__') && isObject(value['config'])) {
      const { config } = value;
      const texts = value['class_name'] === '__lambda__' ? [config['code']] : keys.map((key) => codeText(config[key]));
      for (const text of texts) {
        if (typeof text !== 'string' || text.length < 16 || text.length > most.text) continue;
        found += 1;
        budget.spend('inflated', text.length);
        yield { kind: 'child', name: `@lambda-${found}`, source: new MemorySource(Buffer.from(text, 'base64'), budget) };
      }
    }
    for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) open.push(inner);
  }
}

/** Keras 2: [code, defaults, closure]. A `__lambda__` object inside is found by itself. */
function codeText(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}
