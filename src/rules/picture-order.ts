// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'picture-order',
  title: 'An order to a model in the metadata of a picture',
  why: 'Assistants are given the metadata of pictures together with their pixels, and captions are made from it. A sentence that tells a model to drop its instructions is an attack on whoever reads it that way.',
  fix: 'Read the text. Take metadata out of pictures before a model sees them, and ask where the file comes from.',
  severity: 'medium',
  confidence: 'medium',
  references: ['https://genai.owasp.org/llmrisk/llm01-prompt-injection/', 'CWE-1427'],
  provisions: ['5.2.3-1'],
  example: ['png/order.png', 'png/text.png'],
  reads: ['anomaly'],
  *check({ facts }) {
    for (const { measure, detail = '', at } of facts) {
      if (measure !== 'picture-order') continue;
      const [where] = detail.split(': ', 1);
      yield { message: `text that gives a model orders in ${where}`, evidence: [detail], ...(at === undefined ? {} : { at }) };
    }
  },
});
