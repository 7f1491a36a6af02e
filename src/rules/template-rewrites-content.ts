// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';
import { isWords } from './policy/prompts.ts';

export default rule({
  id: 'template-rewrites-content',
  title: 'A chat template changes what was said',
  why: 'Between the conversation and the model, the template replaces words or addresses in what users and assistants wrote. Nobody sees the text that the model really gets.',
  fix: "Read the replacement that is named. Take the template from the model's original publisher if you cannot say why it is there.",
  severity: 'high',
  confidence: 'medium',
  references: ['CWE-506', 'https://arxiv.org/abs/2602.04653'],
  provisions: ['5.2.3-1'],
  example: ['jinja/replaced-address.jinja', 'jinja/llama-tools.jinja'],
  reads: ['node'],
  *check({ facts }): Iterable<Hit> {
    for (const { operator, name, detail } of facts) {
      const by = detail?.['by'] ?? '';
      if (operator === 'content-rewrite' && (isWords(name, 1) || isWords(by, 1))) yield { message: `in the content of messages, the template replaces ${JSON.stringify(name)} by ${JSON.stringify(by)}`, key: name };
    }
  },
});
