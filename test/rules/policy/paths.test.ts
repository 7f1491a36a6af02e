// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { besides, leavesFolder } from '../../../src/rules/policy/paths.ts';

test.for([
  ['weights.bin', undefined], ['data/weights.bin', undefined], ['./weights.bin', undefined], ['a/../weights.bin', undefined], ['..weights', undefined], ['a:b/weights', 'is absolute'],
  ['../weights.bin', 'climbs out of its folder'], ['a/../../weights.bin', 'climbs out of its folder'], ['a\\..\\..\\weights.bin', 'climbs out of its folder'],
  ['/etc/passwd', 'is absolute'], ['\\\\server\\share', 'is absolute'], ['C:\\Windows', 'is absolute'], ['~/.ssh/id_rsa', 'is absolute'],
  ['https://example.org/w', 'is a URL'], ['file:/etc/passwd', 'is a URL'], ['w.bin\0.png', 'holds a NUL byte'],
] as const)('%s: %s', ([path, why]) => {
  expect(leavesFolder(path)).toBe(why);
});

test('a path leads on from the folder of the artefact that names it', () => {
  expect(besides('models/a.onnx', 'data/w.bin')).toBe('models/data/w.bin');
  expect(besides('a.onnx', './x/../w.bin')).toBe('w.bin');
  expect(besides('x.zip!/models/a.onnx', 'w.bin')).toBe('x.zip!/models/w.bin');
});
