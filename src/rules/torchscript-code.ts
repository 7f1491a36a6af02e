// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'torchscript-code',
  title: 'TorchScript code reaches outside the model',
  why: 'These operators load native libraries or touch files, so running the model does more than arithmetic.',
  fix: 'Read the code member named here before running the model.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-829'],
  provisions: ['5.2.3-1'],
  example: ['torch/script-load.pt', 'torch/script.pt'],
  reads: ['node'],
  *check({ facts }) {
    for (const { domain, operator, name, at } of facts) {
      if (domain === 'torchscript') yield { message: `code ${JSON.stringify(name)} uses ${operator}`, ...(at === undefined ? {} : { at }) };
    }
  },
});
