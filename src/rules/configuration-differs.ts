// SPDX-License-Identifier: Apache-2.0
import type { ClaimField } from '../model/fact.ts';
import { collectionRule } from '../model/rule.ts';
import { claims, folderOf, nameOf } from './policy/repository.ts';

const fields: readonly (readonly [ClaimField, string])[] = [['context-length', 'context length'], ['hidden-size', 'hidden size'], ['layers', 'number of layers']];

export default collectionRule({
  id: 'configuration-differs',
  title: 'Two files of one model state different sizes',
  why: 'Context length, width and depth are properties of the weights. Where configuration and header disagree, one of them belongs to another model, and a loader that takes the wrong one reads garbage.',
  fix: 'Find out which of the files belongs to the weights, and take the other one out or write it anew.',
  severity: 'low',
  confidence: 'medium',
  references: ['https://github.com/ggml-org/ggml/blob/master/docs/gguf.md', 'CWE-345'],
  provisions: ['5.2.1-2'],
  example: ['contradiction/context-length', 'contradiction/as-downloaded'],
  reads: ['claim'],
  *check(among) {
    for (const [field, words] of fields) {
      // Only what describes weights: a tokenizer or a part of a pipeline has sizes of its own.
      const all = claims(among, field).filter(({ id, value }) => /^\d+$/.test(value) && (/^config\.json$/.test(nameOf(id)) || /\.gguf$/i.test(nameOf(id))));
      for (const [folder, stated] of Map.groupBy(all, ({ id }) => folderOf(id))) {
        const configured = stated.find(({ id }) => nameOf(id) === 'config.json');
        const other = configured === undefined ? undefined : stated.find(({ id, value }) => id !== configured.id && value !== configured.value && !/mmproj|draft/i.test(id));
        if (configured === undefined || other === undefined) continue;
        yield { artefact: other.id, message: `${words} is ${other.value}, in ${configured.id} it is ${configured.value}`, key: `${folder} ${field}` };
      }
    }
  },
});
