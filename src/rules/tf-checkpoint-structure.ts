// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['tf-checkpoint/size', 'high'],
  ['tf-checkpoint/range', 'high'],
  ['tf-checkpoint/checksum', 'high'],
  ['tf-checkpoint/block', 'high'],
  ['tf-checkpoint/overlap', 'medium'],
  ['tf-checkpoint/shard', 'medium'],
  ['tf-checkpoint/order', 'medium'],
  ['tf-checkpoint/block-checksum', 'medium'],
  ['tf-checkpoint/key', 'medium'],
  ['tf-checkpoint/varint', 'medium'],
  ['tf-checkpoint/truncated', 'medium'],
  ['tf-checkpoint/snappy', 'medium'],
  ['tf-checkpoint/header', 'medium'],
]);

export default rule({
  id: 'tf-checkpoint-structure',
  title: 'Index of a TensorFlow checkpoint contradicts itself or its numbers',
  why: 'Sizes do not follow from type and shape, tensors lie on top of each other, or bytes do not sum to the checksums kept for them. Loaders that trust the index read outside their memory; numbers that fail their checksum were changed after they were saved.',
  fix: 'Do not load the checkpoint. Get it again from its publisher and compare the digests of all its files.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-354', 'CWE-125', 'https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto'],
  provisions: ['5.2.3-1'],
  example: ['tf-checkpoint/size-differs.index', 'tf-checkpoint/ok.index'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
