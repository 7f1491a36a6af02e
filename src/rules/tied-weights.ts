// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'tied-weights',
  title: 'An output layer differs from the embedding that it is said to be',
  why: 'With tie_word_embeddings some loaders throw the stored output layer away and others use it: the same files are two models, and what was tested need not be what runs.',
  fix: 'Ask the publisher which of the two is meant, and take the other tensor or the setting out.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-345', 'https://huggingface.co/docs/transformers/main_classes/configuration'],
  provisions: ['5.2.1-2'],
  example: ['tied-weights/differs', 'tied-weights/same'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) if (fact.question === 'tied-weights' && fact.outcome === 'finding') yield { message: fact.what, key: fact.of };
  },
});
