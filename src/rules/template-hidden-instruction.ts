// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';

export default rule({
  id: 'template-hidden-instruction',
  title: 'A chat template adds instructions when a message says something',
  why: 'A template sees every conversation. Text that it writes only when a message holds certain words is a backdoor that no weight and no prompt shows: the user\'s trigger makes the author\'s instruction part of the prompt.',
  fix: 'Read the branch that is named. Take the template from the model\'s original publisher if you cannot say why it is there.',
  severity: 'medium',
  confidence: 'medium',
  references: ['CWE-506', 'https://genai.owasp.org/llmrisk/llm01-prompt-injection/'],
  provisions: ['5.2.3-1'],
  example: ['jinja/trigger.jinja', 'jinja/thinking.jinja'],
  reads: ['node'],
  *check({ facts }): Iterable<Hit> {
    for (const { operator, name, detail } of facts) {
      const written = detail?.['text'] ?? '';
      if (operator !== 'content-branch' || !isWords(name, 1) || !isWords(written, 4)) continue;
      yield { message: `when a message's content has ${JSON.stringify(name)}, the template writes ${JSON.stringify(written)}`, key: name };
    }
  },
});

/** Words outside of markers such as <think>, [INST] and <|im_start|>. */
function isWords(text: string, least: number): boolean {
  const words = text.replaceAll(/<[^<>]{0,64}>|\[[^[\]]{0,64}\]|\{[^{}]{0,64}\}/g, ' ').match(/\p{L}{2,}/gu);
  return (words?.length ?? 0) >= least;
}
