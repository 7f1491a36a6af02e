// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['onnx/external-location', 'high'],
  ['onnx/graphs', 'medium'],
  ['onnx/trailing-bytes', 'medium'],
  ['onnx/unknown-field', 'low'],
  ['onnx/depth', 'medium'],
  ['onnx/operators', 'medium'],
  ['onnx/no-graph', 'medium'],
  ['onnx/truncated', 'medium'],
  ['onnx/length', 'medium'],
  ['onnx/wire-type', 'medium'],
  ['onnx/field-number', 'medium'],
  ['onnx/varint', 'medium'],
  ['onnx/unknown-type', 'low'],
]);

export default rule({
  id: 'onnx-structure',
  title: 'ONNX model breaks its format',
  why: 'The file holds fields that ONNX does not define, two graphs, bytes behind the model, or a tensor with two places for its data. Readers pass over such parts or disagree on them, which is how things are hidden from whoever looks at the model.',
  fix: 'Look at what lies there. Save the model anew with the official onnx package, or get it again from its publisher.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-436', 'https://github.com/onnx/onnx/blob/main/onnx/onnx.proto'],
  provisions: ['5.2.3-1'],
  example: ['onnx/external-two-locations.onnx', 'onnx/ok-sparse.onnx'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
