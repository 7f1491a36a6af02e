// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['safetensors/header-length', 'high'],
  ['safetensors/header-start', 'high'],
  ['safetensors/outside', 'high'],
  ['safetensors/overlap', 'high'],
  ['safetensors/hole', 'high'],
  ['safetensors/tail-bytes', 'high'],
  ['safetensors/size-differs', 'high'],
  ['safetensors/overflow', 'high'],
  ['safetensors/offsets', 'high'],
  ['safetensors/shape', 'high'],
  ['safetensors/json-syntax', 'high'],
  ['safetensors/json-truncated', 'high'],
  ['safetensors/json-number', 'high'],
  ['safetensors/json-string', 'high'],
  ['safetensors/json-utf8', 'high'],
  ['safetensors/json-depth', 'high'],
  ['safetensors/json-trailing', 'high'],
  ['safetensors/truncated', 'medium'],
  ['safetensors/unknown-dtype', 'medium'],
  ['safetensors/metadata', 'medium'],
  ['safetensors/json-non-standard', 'medium'],
]);

export default rule({
  id: 'safetensors-structure',
  title: 'safetensors header and data do not fit together',
  why: 'The format is safe because its header accounts for every byte exactly once. Tensors that overlap, point outside the file, or leave bytes over are refused by the reference reader, crash careless ones, and are places to hide another file.',
  fix: 'Get the file again from its publisher and compare the digest. If it stays like this, load the weights in a sandbox and save them anew with the official library.',
  severity: 'high',
  confidence: 'high',
  references: ['https://github.com/huggingface/safetensors#format', 'CWE-1284', 'CWE-787'],
  provisions: ['5.2.3-1'],
  example: ['safetensors/overlap.safetensors', 'safetensors/ok-scalar-and-empty.safetensors'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
