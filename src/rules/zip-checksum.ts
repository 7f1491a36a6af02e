// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

const codes: ReadonlySet<string> = new Set(['zip/crc-differs', 'zip/size-differs', 'zip/member-damaged', 'zip/member-slack']);

export default rule({
  id: 'zip-checksum',
  title: 'A zip member differs from its checksum or size',
  why: 'The content was changed after packing or the header lies. Some loaders check the sum and fail, others load the altered bytes.',
  fix: 'Do not load it. Fetch the file again from its publisher and repack it with an ordinary tool.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-354', 'CVE-2025-10156'],
  provisions: ['5.2.3-1'],
  example: ['zip/crc-both.zip', 'zip/streamed.zip'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) if (codes.has(code)) yield { message: what, ...(at === undefined ? {} : { at }) };
  },
});
