// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['tensorflow/tensor-size', 'high'],
  ['tensorflow/function-twice', 'medium'],
  ['tensorflow/functions', 'medium'],
  ['tensorflow/operators', 'medium'],
  ['tensorflow/graphs', 'medium'],
  ['tensorflow/no-graph', 'medium'],
  ['tensorflow/many-texts', 'low'],
  ['tensorflow/unknown-field', 'low'],
  ['tensorflow/truncated', 'medium'],
  ['tensorflow/length', 'medium'],
  ['tensorflow/wire-type', 'medium'],
  ['tensorflow/field-number', 'medium'],
  ['tensorflow/varint', 'medium'],
]);

export default rule({
  id: 'tf-structure',
  title: 'TensorFlow model breaks its format',
  why: 'Constants whose bytes contradict their shape, functions defined twice, or fields that TensorFlow does not know. Kernels that trust the shape read or write beyond their memory; readers that merge or drop parts see another model than the one that was looked at.',
  fix: 'Do not load the model where constants contradict their shapes. Export it again, or get it again from its publisher and compare the digest.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-436', 'CWE-190', 'CWE-125', 'CVE-2022-23590', 'https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md'],
  provisions: ['5.2.3-1'],
  example: ['tensorflow/constant-size.pb', 'tensorflow/classifier.pb'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
