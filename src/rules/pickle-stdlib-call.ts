// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy } from './policy/calls.ts';

export default rule({
  id: 'pickle-stdlib-call',
  title: 'A standard-library function is called that no model needs',
  why: 'The whole standard library was reviewed for what ordinary models contain. This callable is not part of that, and many such functions can be made to run code.',
  fix: 'Do not load this file. Ask for the weights as safetensors, or load them with weights_only=True in a process that can reach nothing.',
  severity: 'high',
  confidence: 'medium',
  references: ['CWE-502', 'GHSA-g38g-8gr9-h9xp'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/stdlib.pkl', 'pickle-policy/path.pkl'],
  reads: ['call'],
  *check(subject) {
    for (const one of spokenBy('pickle-stdlib-call', subject.facts)) yield hitFor(one, 'calls');
  },
});
