// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cases } from '../../fixtures/onnx-flow/make.ts';
import { scan } from '../../src/run/scan.ts';
import { fixtures } from '../support/samples.ts';

/** Ways past the weights that a switch makes; every other case is what ordinary models do. */
const switched = [
  'cast-and-add.onnx', 'filter-and-clip.onnx', 'inside-if.onnx', 'matched-filter.onnx', 'quantised-scale.onnx', 'quantised-switch.onnx', 'sigmoid-arithmetic.onnx', 'where-on-input.onnx',
];
/** Nothing learned lies on these ways, and nothing switches: worth a look, no more. */
const plain = ['restoration.onnx'];

test.each(Object.keys(cases()))('%s: a switch past the weights is high, what ordinary models do is not', async (name) => {
  const { findings } = await scan([join(fixtures, 'onnx-flow', name)], { runner: 'inline', probe: false });
  const severities = new Set(findings.filter(({ rule }) => rule === 'onnx-input-bypass').map(({ severity }) => severity));
  expect([...severities]).toEqual(switched.includes(name) ? ['high'] : plain.includes(name) ? ['medium'] : []);
});
