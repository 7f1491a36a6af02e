// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';

/** Keys that decide which code is loaded, or which text steers the model. */
const weighty = /\/(?:auto_map|architectures|chat_template|_target_|tokenizer_class|base_model_name_or_path) occurs again/;

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
      if (code === 'json/duplicate-key') yield { message: what, ...(weighty.test(what) ? { severity: 'high' as const } : {}), ...(at === undefined ? {} : { at }) };
    }
  },
});
