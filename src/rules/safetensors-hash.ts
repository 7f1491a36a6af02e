// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'safetensors-hash',
  title: 'The tensors are not those whose digest the header gives',
  why: 'The header carries a SHA-256 of the tensors (modelspec.hash_sha256), and the tensors have another: they were changed after it was written, by a merge, a conversion, or someone else.',
  fix: 'Get the file again from where the model was published, and compare its digest with the one given there.',
  severity: 'high',
  confidence: 'medium',
  references: ['https://github.com/Stability-AI/ModelSpec', 'CWE-354'],
  provisions: ['5.2.2-4'],
  example: ['safetensors/other-hash.safetensors', 'safetensors/ok-hash.safetensors'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) if (code === 'safetensors/hash') yield { message: what, key: code, ...(at === undefined ? {} : { at }) };
  },
});
