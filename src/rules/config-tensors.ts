// SPDX-License-Identifier: Apache-2.0
import type { FactOf } from '../model/fact.ts';
import { collectionRule, type Collection, type Hit } from '../model/rule.ts';
import { claims, folderOf, nameOf } from './policy/repository.ts';

/** Architectures whose embedding is as wide as the model and whose layers are numbered from 0, one list of them. */
const plain = /^(llama|mistral|mixtral|qwen2|qwen2_moe|qwen3|qwen3_moe|gemma|gemma2|gemma3_text|phi|phi3|gpt2|gpt_neox|gptj|falcon|bert|roberta|xlm-roberta|mpnet|t5|mt5|stablelm|starcoder2|olmo|olmo2|cohere|granite|internlm2|smollm3)$/;
const embedding = /(?:^|\.)(?:embed_tokens|wte|word_embeddings|tok_embeddings|embed_in|shared)\.weight$/;
const layer = /^(.*?(?:^|\.)(?:layers|h|layer|block|blocks))\.(\d+)\./;
/** Rows beyond the vocabulary that are ordinary padding. */
const padding = 1024;

export default collectionRule({
  id: 'config-tensors',
  title: 'The weights are not those that the configuration promises',
  why: 'A loader builds the model from config.json and fills it with tensors by name: rows without a token, layers that nobody builds, or a width that does not fit mean that something else runs than what lies here, or that files of two models were mixed.',
  fix: 'Take configuration and weights from the same release of the publisher, and compare their digests.',
  severity: 'medium',
  confidence: 'medium',
  references: ['CWE-345', 'https://huggingface.co/docs/transformers/main_classes/configuration'],
  provisions: ['5.2.1-1', '5.2.1-2'],
  example: ['config-tensors/differs', 'config-tensors/agrees'],
  reads: ['claim', 'tensor', 'link'],
  *check(among): Iterable<Hit> {
    for (const { artefact } of among.all) {
      if (nameOf(artefact.id) !== 'config.json') continue;
      const folder = folderOf(artefact.id);
      const one = (field: Parameters<typeof claims>[1]): string | undefined => {
        const said = new Set(claims(among, field, folder).filter(({ id }) => id === artefact.id).map(({ value }) => value));
        return said.size === 1 ? [...said][0] : undefined; // models of several parts have several
      };
      const type = one('model-type');
      if (type === undefined || !plain.test(type)) continue;
      const tensors = tensorsIn(among, folder);
      if (tensors.length === 0) continue;
      yield* differences(artefact.id, tensors, { hidden: number(one('hidden-size')), vocabulary: number(one('vocabulary-size')), layers: number(one('layers')) });
    }
  },
});

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Tensors of the weights in a folder: where an index names shards, of those alone (shard-index tells of others). */
function tensorsIn(among: Collection, folder: string): FactOf<'tensor'>[] {
  const here = among.all.filter(({ artefact }) => folderOf(artefact.id) === folder);
  const shards = new Set(here.flatMap(({ facts }) => facts.flatMap((fact) => (fact.kind === 'link' && fact.role === 'shard' ? [folder === '' ? fact.target : `${folder}/${fact.target}`] : []))));
  return here.flatMap(({ artefact, facts }) => ((shards.size === 0 || shards.has(artefact.id)) && !/\.(gguf|onnx)$/i.test(artefact.id) && !/adapter|lora/i.test(nameOf(artefact.id))
    ? facts.filter((fact): fact is FactOf<'tensor'> => fact.kind === 'tensor' && !fact.name.includes('lora_')) : []));
}

function* differences(artefact: string, tensors: readonly FactOf<'tensor'>[], { hidden, vocabulary, layers }: { readonly hidden: number | undefined; readonly vocabulary: number | undefined; readonly layers: number | undefined }): Generator<Hit> {
  const embeddings = tensors.filter(({ name, shape }) => embedding.test(name) && shape.length === 2);
  const [first] = embeddings;
  if (first !== undefined && hidden !== undefined && embeddings.every(({ shape }) => shape[1] !== hidden)) {
    yield { artefact, message: `the configuration promises a width of ${hidden}, the embedding ${first.name} has ${first.shape[1]}`, key: 'width' };
  }
  const rows = Math.max(0, ...embeddings.map(({ shape }) => shape[0]!));
  if (first !== undefined && vocabulary !== undefined && rows < vocabulary) yield { artefact, message: `the configuration promises ${vocabulary} tokens, the embedding ${first.name} has ${rows} rows`, key: 'vocabulary' };
  if (first !== undefined && vocabulary !== undefined && rows > vocabulary + padding) yield { artefact, severity: 'low', message: `the configuration promises ${vocabulary} tokens, the embedding ${first.name} has ${rows} rows: more than padding`, key: 'rows' };
  const lists = new Map<string, Set<number>>();
  for (const { name } of tensors) {
    const found = layer.exec(name);
    if (found !== null) lists.set(found[1]!, (lists.get(found[1]!) ?? new Set()).add(Number(found[2])));
  }
  const counts = [...lists.values()].map(({ size }) => size);
  if (layers !== undefined && counts.length > 0 && !counts.includes(layers)) yield { artefact, message: `the configuration promises ${layers} layers, the tensors have ${Math.max(...counts)}`, key: 'layers' };
}
