// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'pickle-trailing',
  title: 'Bytes follow the end of the pickle',
  why: 'A loader stops at STOP. What follows is not read by it, unless the program loads a second pickle from the same file.',
  fix: 'Find out who wrote these bytes; get a copy from the publisher and compare the digests.',
  severity: 'medium',
  confidence: 'medium',
  references: ['CWE-502', 'CWE-912'],
  provisions: ['5.2.3-1', '5.1.2-2'],
  example: ['pickle-policy/trailing.pkl', 'pickle-policy/instance.pkl'],
  reads: ['malformed'],
  *check(subject) {
    for (const fact of subject.facts) {
      if (fact.code.startsWith('pickle/trailing')) yield { message: `bytes follow the pickle: ${fact.what}`, ...(fact.at === undefined ? {} : { at: fact.at }), evidence: [fact.code] };
    }
  },
});
