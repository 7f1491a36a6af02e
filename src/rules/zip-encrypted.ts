// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

const codes: ReadonlySet<string> = new Set(['zip/encrypted']);

export default rule({
  id: 'zip-encrypted',
  title: 'A zip member is encrypted',
  why: 'Encrypted members cannot be inspected, which is a known way of carrying payloads past scanners.',
  fix: 'Ask the publisher for an archive without a password, or unpack it in isolation and scan what comes out.',
  severity: 'low',
  confidence: 'high',
  references: ['CWE-693'],
  provisions: ['5.2.3-1'],
  example: ['zip/encrypted.zip', 'zip/plain.zip'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) if (codes.has(code)) yield { message: what, ...(at === undefined ? {} : { at }) };
  },
});
