// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'torch-tensor',
  title: 'A tensor lies where its storage has no room for it',
  why: 'Offset, sizes and strides of a tensor are numbers in data.pkl. Outside its storage a tensor shows foreign memory to a reader that does not check; negative or enormous ones are written by hand, never by torch.save.',
  fix: 'Do not load it. Get the file again from its publisher and compare the digests.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-125', 'CWE-190', 'PyTorch torch/_utils.py'],
  provisions: ['5.1.2-2', '5.2.3-1'],
  example: ['torch/tensor-outside.pt', 'torch/tensors.pt'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what } of facts) {
      if (!/^torch(-legacy)?\/tensor-/.test(code)) continue;
      // as_strided makes such views too, seldom of what is then saved
      yield { message: what, ...(code.endsWith('tensor-overlap') ? { severity: 'low', confidence: 'medium' } as const : {}) };
    }
  },
});
