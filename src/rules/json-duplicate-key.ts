// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';

export default rule({
  id: 'json-duplicate-key',
  title: 'JSON object has the same key twice',
  why: 'Readers disagree about which value counts, so a reviewer or another tool may see a value that the loader does not use.',
  fix: 'Find out which value is meant, and write the file again with a JSON library.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-436', 'RFC 8259 section 4'],
  provisions: ['5.2.3-1'],
  example: ['json/duplicate-key.json', 'json/plain-config.json'],
  reads: ['malformed'],
  *check({ facts }): Iterable<Hit> {
    for (const { code, what, at } of facts) {
      if (code === 'json/duplicate-key') yield { message: what, ...(at === undefined ? {} : { at }) };
    }
  },
});
