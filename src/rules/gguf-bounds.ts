// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['gguf/count', 'high'],
  ['gguf/string-length', 'high'],
  ['gguf/array-length', 'high'],
  ['gguf/outside', 'high'],
  ['gguf/truncated', 'high'],
]);

export default rule({
  id: 'gguf-bounds',
  title: 'GGUF header points outside its file',
  why: 'Counts, lengths and offsets in the header are larger than the file can hold. Loaders that trust them read or write beyond their buffers: such files have crashed, and leaked the memory of, llama.cpp and Ollama servers.',
  fix: 'Do not load the file. Get it again from its publisher and compare the digest; an interrupted download looks like this too.',
  severity: 'high',
  confidence: 'high',
  references: ['CVE-2026-7482', 'CVE-2024-23496', 'CVE-2025-49847', 'CVE-2025-53630', 'CWE-125', 'CWE-787', 'https://github.com/ggml-org/ggml/blob/master/docs/gguf.md'],
  provisions: ['5.2.3-1'],
  example: ['gguf/tensor-beyond-file.gguf', 'gguf/ok-types.gguf'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
