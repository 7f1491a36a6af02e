// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';

const kinds: Readonly<Record<string, string>> = {
  url: 'an address', comment: 'a comment that only the model sees', encoded: 'encoded text', 'hidden-text': 'characters that nobody sees',
};

export default rule({
  id: 'template-hidden-text',
  title: 'A chat template holds text that is not meant to be seen',
  why: 'Addresses, comments of HTML, encoded text and characters without a shape have no use in a prompt that people are to read. A model follows them all the same, and can be made to repeat an address to its user.',
  fix: "Read what is named. Take the template from the model's original publisher if you cannot say why it is there.",
  severity: 'medium',
  confidence: 'medium',
  references: ['CWE-506', 'https://genai.owasp.org/llmrisk/llm01-prompt-injection/', 'https://arxiv.org/abs/2602.04653'],
  provisions: ['5.2.3-1'],
  example: ['jinja/encoded.jinja', 'jinja/llama-tools.jinja'],
  reads: ['node'],
  *check({ facts }): Iterable<Hit> {
    for (const { operator, name } of facts) {
      const what = Object.hasOwn(kinds, operator) ? kinds[operator] : undefined;
      if (what !== undefined) yield { message: `the template writes ${what}: ${JSON.stringify(name)}`, key: `${operator} ${name}` };
    }
  },
});
