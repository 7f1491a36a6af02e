// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['gguf/alignment', 'medium'],
  ['gguf/offset-alignment', 'medium'],
  ['gguf/overlap', 'medium'],
  ['gguf/hole', 'medium'],
  ['gguf/dimensions', 'medium'],
  ['gguf/array-depth', 'medium'],
  ['gguf/value-type', 'medium'],
  ['gguf/row-size', 'medium'],
  ['gguf/name-length', 'low'],
  ['gguf/bool', 'low'],
  ['gguf/unknown-type', 'low'],
]);

export default rule({
  id: 'gguf-structure',
  title: 'GGUF file breaks its format',
  why: 'Overlapping tensors, holes between them, odd alignments and unknown types are not written by any common tool. Loaders refuse them, or read other weights than the ones that were looked at.',
  fix: 'Convert the model anew from its source with a current llama.cpp, or ask the publisher how the file was made.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-1284', 'https://github.com/ggml-org/ggml/blob/master/docs/gguf.md'],
  provisions: ['5.2.3-1'],
  example: ['gguf/overlap.gguf', 'gguf/ok-alignment-64.gguf'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
