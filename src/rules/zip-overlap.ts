// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

const codes: ReadonlySet<string> = new Set(['zip/overlap']);

export default rule({
  id: 'zip-overlap',
  title: 'Zip members overlap',
  why: 'Members that share bytes let a small file unpack to an enormous one, or show the same bytes under two meanings.',
  fix: 'Do not load it. Fetch the file again from its publisher and repack it with an ordinary tool.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-409', 'Fifield, A better zip bomb, WOOT 2019'],
  provisions: ['5.1.2-2', '5.2.3-1'],
  example: ['zip/overlap.zip', 'zip/plain.zip'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) if (codes.has(code)) yield { message: what, ...(at === undefined ? {} : { at }) };
  },
});
