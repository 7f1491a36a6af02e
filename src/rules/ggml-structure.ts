// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['ggml/tensor', 'high'],
  ['ggml/duplicate-tensor', 'medium'],
]);

export default rule({
  id: 'ggml-structure',
  title: 'Old GGML model breaks its format',
  why: 'A tensor lies outside the file, has rows that its type cannot hold, or stands there twice. The loaders of these formats are no longer maintained, and trust what they read: sizes that do not fit make them write beyond their memory.',
  fix: 'Do not load the model. Convert it to GGUF from weights you trust.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-787', 'CWE-190', 'https://github.com/ggml-org/ggml/blob/master/docs/gguf.md'],
  provisions: ['5.2.3-1'],
  example: ['ggml/tensor-outside.bin', 'ggml/llama-ggjt3.bin'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
