// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

const codes: ReadonlySet<string> = new Set(['zip/local-name-differs', 'zip/local-method-differs', 'zip/flags-differ', 'zip/unicode-name-differs']);

export default rule({
  id: 'zip-header-difference',
  title: 'Zip headers contradict each other',
  why: 'A zip describes each member twice. Where the two differ, the loader and a scanner may read different content from one file.',
  fix: 'Do not load it. Fetch the file again from its publisher and repack it with an ordinary tool.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-436', 'CVE-2025-1944', 'CVE-2025-10156'],
  provisions: ['5.2.3-1'],
  example: ['zip/local-name.zip', 'zip/streamed.zip'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) if (codes.has(code)) yield { message: what, ...(at === undefined ? {} : { at }) };
  },
});
