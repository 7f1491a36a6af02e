// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

/** Files of model repositories that loaders read with strict parsers. */
const loaded = /(?:^|[/!])(?:(?:config|generation_config|adapter_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|preprocessor_config|processor_config|model_index|scheduler_config|vocab|modules)\.json|[^/]*\.index\.json)$/i;

export default rule({
  id: 'json-comments',
  title: 'JSON with comments, which some readers refuse',
  why: 'Settings of editors and compilers have comments; files that loaders of models read must not. A reader that skips comments sees another file than one that stops at them, or that sees the text in them.',
  fix: 'Take the comments and the commas before closing brackets out, unless the file is a setting of a tool that allows them.',
  severity: 'info',
  confidence: 'high',
  references: ['https://www.rfc-editor.org/rfc/rfc8259', 'CWE-436'],
  provisions: ['5.2.3-1'],
  example: ['json/comments.json', 'json/plain-config.json'],
  reads: ['malformed'],
  *check({ artefact, facts }) {
    for (const { code, what, at } of facts) {
      if (code === 'json/comments') yield { message: what, severity: loaded.test(artefact.id) ? 'medium' : 'info', ...(at === undefined ? {} : { at }) };
    }
  },
});
