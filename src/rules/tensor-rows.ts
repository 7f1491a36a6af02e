// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

/** Tensors whose rows stand for something each: a class, a token. */
const named = /(^|[._/])(classifier|lm_head|score|logits|head|fc\d*|out|output|out_proj|embeddings?|word_embeddings|embed_tokens|wte|embed)([._/]|$)/i;
const most = 1 << 18;

export default rule({
  id: 'tensor-rows',
  title: 'Rows of a last or first layer are odd',
  why: 'A row of the last layer is a class, a row of an embedding a token. One far larger than its neighbours, or the same as another, is often an accident of training or padding, and now and then what an edit or a backdoor left.',
  fix: 'Nothing by itself: compare with the base model, and look at what the class or token is for.',
  severity: 'info',
  confidence: 'low',
  references: ['arXiv:2111.08429'],
  provisions: ['5.2.5-1'],
  example: ['weights/odd-rows.safetensors', 'weights/even-rows.safetensors'],
  reads: ['statistics'],
  *check({ facts }) {
    for (const { name, rows } of facts) {
      if (rows === undefined || !named.test(name) || rows.n > most || rows.zero === rows.n) continue;
      const odd = [
        ...(rows.zero > 0 ? [`${rows.zero} are zero`] : []), ...(rows.repeated > 0 ? [`${rows.repeated} equal an earlier one`] : []),
        ...(rows.n >= 5 && rows.greatestNorm > 5 * rows.medianNorm && rows.medianNorm > 0 ? [`row ${rows.greatestRow} has the norm ${rows.greatestNorm}, the median is ${rows.medianNorm}`] : []),
      ];
      if (odd.length > 0) yield { message: `of ${rows.n} rows of tensor ${name}, ${odd.join('; ')}`, key: name };
    }
  },
});
