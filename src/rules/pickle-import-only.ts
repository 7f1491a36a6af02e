// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, shownElsewhere, spokenBy } from './policy/calls.ts';
import { executes } from './policy/effects.ts';

export default rule({
  id: 'pickle-import-only',
  title: 'A dangerous function is imported without being called',
  why: 'The file keeps a function that runs code, or touches files or the network, as a value. Whoever calls that value later, the model itself included, runs it.',
  fix: 'Do not load this file. Ask for the weights as safetensors, or load them with weights_only=True in a process that can reach nothing.',
  severity: 'high',
  confidence: 'medium',
  references: ['CWE-502', 'CWE-829'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/imported.pkl', 'pickle-policy/imported_function.pkl'],
  reads: ['call'],
  *check(subject) {
    const shown = shownElsewhere(subject.facts);
    for (const one of spokenBy('pickle-import-only', subject.facts)) {
      if (shown.has(one.fact.target)) continue;
      yield hitFor(one, 'imports', executes(one.verdict.effect) ? {} : { severity: 'medium' });
    }
  },
});
