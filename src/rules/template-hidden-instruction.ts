// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';
import { isWords } from './policy/prompts.ts';

export default rule({
  id: 'template-hidden-instruction',
  title: 'A chat template adds instructions when a message says something',
  why: 'A template sees every conversation. Text that it writes only when a message holds certain words is a backdoor that no weight and no prompt shows: the user\'s trigger makes the author\'s instruction part of the prompt.',
  fix: 'Read the branch that is named. Take the template from the model\'s original publisher if you cannot say why it is there.',
  severity: 'high',
  confidence: 'medium',
  references: ['CWE-506', 'https://arxiv.org/abs/2602.04653', 'https://genai.owasp.org/llmrisk/llm01-prompt-injection/'],
  provisions: ['5.2.3-1'],
  example: ['jinja/trigger.jinja', 'jinja/thinking.jinja'],
  reads: ['node'],
  *check({ facts }): Iterable<Hit> {
    const told = new Set<string>();
    for (const { operator, name, detail } of facts) {
      const written = detail?.['text'] ?? '';
      if (operator !== 'content-branch' || !isWords(name, 1) || !isWords(written, 4)) continue;
      for (const trigger of name.split(' | ')) told.add(trigger);
      yield { message: `when a message's content has ${JSON.stringify(name)}, the template writes ${JSON.stringify(written)}`, key: name };
    }
    for (const { operator, name } of facts) {
      if (operator !== 'content-test' || told.has(name) || !isWords(name, 1)) continue;
      yield { message: `the template asks whether a message's content has ${JSON.stringify(name)}`, severity: 'medium', key: `test ${name}` };
    }
  },
});
