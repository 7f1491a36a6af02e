// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'content-credentials-invalid',
  title: 'Content credentials do not match the file they are in',
  why: 'A picture or sound that carries a signed statement of where it comes from was changed after it was signed, or the statement was put onto another file. Whoever trusts the statement is misled.',
  fix: 'Leave the file out of the data set, or get it again from its source. To strip the statement is no cure: the change stays.',
  severity: 'medium',
  confidence: 'high',
  references: ['https://spec.c2pa.org/specifications/specifications/2.2/specs/C2PA_Specification.html', 'CWE-345'],
  provisions: ['5.2.1-4.1'],
  example: ['c2pa/changed.png', 'c2pa/signed.png'],
  reads: ['malformed'],
  *check({ facts }) {
    const codes = facts.filter(({ code }) => code.startsWith('c2pa/'));
    if (codes.length > 0) yield { message: codes.map(({ what }) => what).slice(0, 3).join('; '), evidence: codes.map(({ code }) => code).slice(0, 8), key: 'credentials' };
  },
});
