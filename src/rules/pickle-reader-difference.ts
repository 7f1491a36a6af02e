// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'pickle-reader-difference',
  title: 'Two readers of this pickle would see different contents',
  why: 'The C unpickler, the Python one and pickletools disagree on these bytes. Writers never produce them; they serve to show a scanner something other than what is loaded.',
  fix: 'Do not load this file. Ask for the weights as safetensors, or load them with weights_only=True in a process that can reach nothing.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-436', 'https://github.com/python/cpython/issues/154848'],
  provisions: ['5.2.3-1', '5.1.2-2'],
  example: ['pickle-policy/difference.pkl', 'pickle-policy/instance.pkl'],
  reads: ['malformed'],
  *check(subject) {
    for (const fact of subject.facts) {
      if (fact.code === 'pickle/reader-difference') yield { message: `readers of the pickle disagree: ${fact.what}`, ...(fact.at === undefined ? {} : { at: fact.at }), evidence: [fact.code] };
    }
  },
});
