// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

/** Codes that a rule of their own reads. */
const elsewhere = new Set(['safetensors/duplicate-key']);
/** Codes that break the format without misleading a reader about which bytes belong to what. */
const mild = new Set(['safetensors/truncated', 'safetensors/unknown-dtype', 'safetensors/metadata', 'safetensors/json-non-standard']);

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
  *check({ facts }) {
    const ours = facts.filter(({ code }) => code.startsWith('safetensors/') && !elsewhere.has(code));
    for (const [code, same] of Map.groupBy(ours, (fact) => fact.code)) {
      const first = same[0]!; // groups are not empty
      yield {
        message: first.what,
        key: code,
        ...(first.at === undefined ? {} : { at: first.at }),
        severity: mild.has(code) ? 'medium' : 'high',
        evidence: same.slice(0, 10).map(({ what }) => what),
      };
    }
  },
});
