// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['tflite/buffer-range', 'high'],
  ['tflite/buffer-index', 'high'],
  ['tflite/tensor-index', 'high'],
  ['tflite/operator-index', 'high'],
  ['tflite/graph-index', 'high'],
  ['tflite/dimensions', 'high'],
  ['tflite/tensor-short', 'high'],
  ['tflite/flatbuffer-offset', 'high'],
  ['tflite/flatbuffer-vtable', 'high'],
  ['tflite/flatbuffer-vector', 'high'],
  ['tflite/flatbuffer-size', 'high'],
  ['tflite/tensor-long', 'medium'],
  ['tflite/tensor-type', 'medium'],
  ['tflite/operator-code', 'low'],
  ['tflite/metadata', 'low'],
  ['tflite/no-graph', 'medium'],
]);

export default rule({
  id: 'tflite-structure',
  title: 'TFLite model points outside itself or contradicts itself',
  why: 'Offsets, indices or shapes lead outside the model\'s memory, or ask for more bytes than are there. The runtime trusts most of them once the tables are verified, and reads or writes beyond its buffers.',
  fix: 'Do not load the model. Convert it again, or get it again from its publisher and compare the digest.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-125', 'CWE-787', 'CWE-190', 'CVE-2022-23558', 'CVE-2021-29601', 'CVE-2020-15211'],
  provisions: ['5.2.3-1'],
  example: ['tflite/tensor-index.tflite', 'tflite/classifier.tflite'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
