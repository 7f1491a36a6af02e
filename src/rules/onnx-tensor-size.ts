// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['onnx/size-differs', 'high'],
  ['onnx/overflow', 'high'],
  ['onnx/dimension', 'high'],
  ['onnx/external-range', 'high'],
]);

export default rule({
  id: 'onnx-tensor-size',
  title: 'Size of an ONNX tensor does not fit its data',
  why: 'Dimensions and stored bytes of a tensor contradict each other, or their product overflows. Loaders that trust the dimensions read or write beyond their buffers.',
  fix: 'Do not load the model. Export it again, or get it again from its publisher and compare the digest.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-190', 'CWE-125', 'CWE-787', 'https://github.com/onnx/onnx/blob/main/onnx/onnx.proto'],
  provisions: ['5.2.3-1'],
  example: ['onnx/size-differs.onnx', 'onnx/ok-types.onnx'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
