// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy } from './policy/calls.ts';
import { executes } from './policy/effects.ts';

export default rule({
  id: 'pickle-build-rebind',
  title: 'A class, function or module is changed while loading',
  why: 'State is meant for a fresh instance. Here it is set on something imported, which all other code in the process shares: harmless names can be made to mean something else, in this file and after it.',
  fix: 'Do not load this file. Ask for the weights as safetensors, or load them with weights_only=True in a process that can reach nothing.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-502', 'CWE-915'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/rebind.pkl', 'pickle-policy/instance.pkl'],
  reads: ['call'],
  *check(subject) {
    for (const one of spokenBy('pickle-build-rebind', subject.facts)) {
      yield hitFor(one, 'changes', executes(one.verdict.effect) ? { severity: 'critical' } : {});
    }
  },
});
