// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { spokenBy } from './policy/calls.ts';
import { unknownHits } from './policy/unknown.ts';

export default rule({
  id: 'pickle-unknown-call',
  title: 'A callable is used that no reviewed profile covers',
  why: 'Loading calls functions or classes of packages that were not reviewed. Classes rebuilt with their state are ordinary; a function that is given text or other functions may do anything.',
  fix: 'Check that you expect these packages in this model, and read the functions named here.',
  severity: 'medium',
  confidence: 'medium',
  references: ['CWE-502', 'https://github.com/mmaitre314/picklescan/issues/66'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/unknown.pkl', 'pickle-policy/path.pkl'],
  reads: ['call'],
  *check(subject) {
    yield* unknownHits(spokenBy('pickle-unknown-call', subject.facts));
  },
});
