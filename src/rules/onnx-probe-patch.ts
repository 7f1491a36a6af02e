// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'onnx-probe-patch',
  title: 'A small patch turns most inputs into one class',
  why: 'Pasted into your own inputs at one place, one small patch makes the model answer the same class for most of them. That is what a backdoor with a patch trigger does; patches that fool an ordinary model move six in ten inputs at most.',
  fix: 'Look at the place named: put the patch on further inputs, and compare with a model of the same kind trained by yourself. Do not use the model where someone else can choose what it sees.',
  severity: 'high',
  confidence: 'medium',
  references: ['https://arxiv.org/abs/1708.06733', 'https://arxiv.org/abs/2006.06721'],
  provisions: ['5.2.5-1'],
  example: ['onnx-probe-patch/backdoored', 'onnx-probe-patch/clean'],
  reads: ['check'],
  *check({ facts }) {
    for (const { name, outcome, what } of facts) if (name === 'patch-sweep' && outcome === 'broken') yield { message: what };
  },
});
