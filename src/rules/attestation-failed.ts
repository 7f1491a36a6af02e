// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'attestation-failed',
  title: 'A verification summary says that verification failed',
  why: 'Someone checked this artefact against a policy and recorded the result: it did not pass. The statement ships with it all the same.',
  fix: 'Ask whoever made the summary what failed; do not use the artefact before it passes.',
  severity: 'high',
  confidence: 'high',
  references: ['https://slsa.dev/spec/v1.0/verification_summary'],
  provisions: ['5.2.1-2', '5.2.3-1'],
  example: ['attestation/summary-failed.json', 'attestation/summary-passed.json'],
  reads: ['claim'],
  *check({ facts }) {
    for (const { field, value } of facts) if (field === 'verification' && !/^PASSED\b/.test(value)) yield { message: `the verification result is ${value}, expected PASSED`, key: value };
  },
});
