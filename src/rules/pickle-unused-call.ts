// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy } from './policy/calls.ts';

export default rule({
  id: 'pickle-unused-call',
  title: 'The result of a call is thrown away',
  why: 'Something is constructed and then dropped. It does no harm by itself, but is a habit of payloads that run for their effect.',
  fix: 'Compare with a file written by the library itself.',
  severity: 'low',
  confidence: 'low',
  references: ['CWE-502', 'https://github.com/trailofbits/fickling/issues/226'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/unused.pkl', 'pickle-policy/instance.pkl'],
  reads: ['call'],
  *check(subject) {
    for (const one of spokenBy('pickle-unused-call', subject.facts)) yield hitFor(one, 'drops the result of');
  },
});
