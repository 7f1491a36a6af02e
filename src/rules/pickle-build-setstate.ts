// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy } from './policy/calls.ts';
import { executes } from './policy/effects.ts';

export default rule({
  id: 'pickle-build-setstate',
  title: 'State plants a callable or a special method in an object',
  why: 'An attribute that Python calls by itself, or a function that runs code, is put into an object. It runs later: with the next opcode, when the object is compared, or when it is deleted.',
  fix: 'Do not load this file. Ask for the weights as safetensors, or load them with weights_only=True in a process that can reach nothing.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-502', 'https://github.com/protectai/modelscan/issues/85'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/planted.pkl', 'pickle-policy/partial.pkl'],
  reads: ['call'],
  *check(subject) {
    for (const one of spokenBy('pickle-build-setstate', subject.facts)) {
      yield hitFor(one, 'plants a callable in', executes(one.verdict.effect) ? { severity: 'critical' } : {});
    }
  },
});
