// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'safetensors-duplicate-key',
  title: 'safetensors header names a key twice',
  why: 'Readers disagree on which of two equal keys counts: one tool shows or scans the harmless entry while another one loads the other. No writer does this by accident.',
  fix: 'Do not use the file. Get it again from its publisher and compare the digest.',
  severity: 'high',
  confidence: 'high',
  references: ['https://github.com/huggingface/safetensors#format', 'https://www.rfc-editor.org/rfc/rfc8259#section-4', 'CWE-694', 'CWE-436'],
  provisions: ['5.2.3-1'],
  example: ['safetensors/duplicate-tensor.safetensors', 'safetensors/ok-small.safetensors'],
  reads: ['malformed'],
  *check({ facts }) {
    const same = facts.filter(({ code }) => code === 'safetensors/duplicate-key');
    const first = same[0];
    if (first === undefined) return;
    yield { message: first.what, ...(first.at === undefined ? {} : { at: first.at }), evidence: same.slice(0, 10).map(({ what }) => what) };
  },
});
