// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['coreml-weights/range', 'high'],
  ['coreml-weights/count', 'medium'],
  ['coreml/kind', 'low'],
  ['coreml/no-model', 'medium'],
  ['coreml/depth', 'medium'],
  ['coreml/truncated', 'medium'],
  ['coreml/length', 'medium'],
  ['coreml/wire-type', 'medium'],
  ['coreml/field-number', 'medium'],
  ['coreml/varint', 'medium'],
]);

export default rule({
  id: 'coreml-structure',
  title: 'Core ML model or weights break their format',
  why: 'Numbers that lie outside their file make a loader read beyond its memory; a model that cannot be read to its end, or nests without end, was not made by a converter.',
  fix: 'Do not load the model. Convert it again, or get it again from its publisher and compare the digest.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-125', 'CWE-674', 'https://github.com/apple/coremltools/tree/main/mlmodel/format'],
  provisions: ['5.2.3-1'],
  example: ['coreml/range.bin', 'coreml/weight.bin'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
