// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'torch-layout',
  title: 'A checkpoint is not laid out as PyTorch writes it',
  why: 'PyTorch writes one data.pkl under one root. Other pickles and stray members are where a payload can hide from tools that read data.pkl only.',
  fix: 'Find out who added the members; save the model again from a trusted process.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-506', 'PyTorch caffe2/serialize/inline_container.h'],
  provisions: ['5.2.3-1'],
  example: ['torch/extra-pickle.pt', 'torch/script.pt'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) if (code.startsWith('torch/') && !code.startsWith('torch/tensor-')) yield { message: what, ...(at === undefined ? {} : { at }) };
  },
});
