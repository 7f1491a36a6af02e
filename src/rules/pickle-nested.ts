// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy } from './policy/calls.ts';

export default rule({
  id: 'pickle-nested',
  title: 'Loading deserialises another file hidden in this one',
  why: 'Bytes in the file are handed to a loader. What they hold runs as well, but does not show in the outer file.',
  fix: 'Look at the findings inside the nested file; ask for the weights as safetensors.',
  severity: 'critical',
  confidence: 'high',
  references: ['CWE-502', 'https://arxiv.org/abs/2508.19774'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/nested.pkl', 'pickle-policy/bytes.pkl'],
  reads: ['call'],
  *check(subject) {
    for (const one of spokenBy('pickle-nested', subject.facts)) {
      // Torch stores a tensor this way when a model is pickled without torch.save: ordinary, and inspected by itself.
      const ordinary = one.verdict.name === 'torch.storage._load_from_bytes' && one.fact.args.every((arg) => arg.type === 'bytes');
      yield hitFor(one, 'deserialises by', ordinary ? { severity: 'medium', confidence: 'medium' } : {});
    }
  },
});
