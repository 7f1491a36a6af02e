// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';

export default rule({
  id: 'gguf-duplicate-key',
  title: 'GGUF file names a key or tensor twice',
  why: 'Readers disagree on which of two equal names counts: a viewer shows the harmless chat template, the loader runs the other one. Current llama.cpp refuses such files; older ones and other readers do not.',
  fix: 'Do not use the file. Get it again from its publisher, or convert the model anew from its source.',
  severity: 'medium',
  confidence: 'high',
  references: ['https://github.com/ggml-org/llama.cpp/pull/19856', 'https://github.com/ggml-org/ggml/blob/master/docs/gguf.md', 'CWE-694', 'CWE-436'],
  provisions: ['5.2.3-1'],
  example: ['gguf/duplicate-key.gguf', 'gguf/ok-templates.gguf'],
  reads: ['malformed'],
  *check({ facts }): Generator<Hit> {
    for (const { code, what, at } of facts) {
      if (code !== 'gguf/duplicate-key' && code !== 'gguf/duplicate-tensor') continue;
      const severity = what.startsWith('key tokenizer.chat_template') ? 'high' : 'medium'; // the template is what gets run
      yield { message: what, severity, ...(at === undefined ? {} : { at }) };
    }
  },
});
