// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy } from './policy/calls.ts';

export default rule({
  id: 'pickle-indirect-call',
  title: 'Loading reaches a callable by a detour',
  why: 'getattr, methodcaller, map and their like reach functions without naming them where a reader or a scanner would look. What is reached here is dangerous, or cannot be told from the file.',
  fix: 'Do not load this file. Ask for the weights as safetensors, or load them with weights_only=True in a process that can reach nothing.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-502', 'CWE-470', 'GHSA-955r-x9j8-7rhh', 'GHSA-84r2-jw7c-4r5q'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/detour.pkl', 'pickle-policy/partial.pkl'],
  reads: ['call'],
  *check(subject) {
    for (const one of spokenBy('pickle-indirect-call', subject.facts)) {
      yield hitFor(one, 'calls', one.verdict.effect === 'decodes' ? { severity: 'medium', confidence: 'medium' } : {});
    }
  },
});
