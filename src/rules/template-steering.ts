// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';
import { steering } from './policy/prompts.ts';

export default rule({
  id: 'template-steering',
  title: 'A chat template steers the model against its user',
  why: 'The template itself, not a user or an application, tells the model to set rules aside, to promote or suppress something, to add what was not asked for, or to hide that from the user. It does so in every conversation.',
  fix: "Read the sentence. Take the template from the model's original publisher, and put instructions of your own into the system prompt, where people see them.",
  severity: 'medium',
  confidence: 'medium',
  references: ['CWE-506', 'https://genai.owasp.org/llmrisk/llm01-prompt-injection/', 'https://arxiv.org/abs/2602.04653'],
  provisions: ['5.2.3-1'],
  example: ['jinja/steering.jinja', 'jinja/llama-tools.jinja'],
  reads: ['node'],
  *check({ facts }): Iterable<Hit> {
    for (const { operator, name } of facts) {
      if (operator !== 'sentence') continue;
      const [what] = steering.find(([, pattern]) => pattern.test(name)) ?? [];
      if (what !== undefined) yield { message: `the template ${what}: ${JSON.stringify(name)}`, key: name };
    }
  },
});
