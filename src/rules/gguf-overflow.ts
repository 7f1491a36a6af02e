// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['gguf/overflow', 'high'],
]);

export default rule({
  id: 'gguf-overflow',
  title: 'Size of a GGUF tensor overflows 64 bits',
  why: 'The product of the sizes wraps around in 64-bit arithmetic, so that a loader reserves a small buffer for a huge tensor and writes beyond it. No model has such a tensor: the file is made to attack its loader.',
  fix: 'Do not load the file, and tell whoever published it. Keep the loader up to date.',
  severity: 'high',
  confidence: 'high',
  references: ['CVE-2026-33298', 'CWE-190', 'https://github.com/ggml-org/ggml/blob/master/docs/gguf.md'],
  provisions: ['5.2.3-1'],
  example: ['gguf/product-overflows.gguf', 'gguf/ok-llama.gguf'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
