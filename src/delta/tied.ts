// SPDX-License-Identifier: Apache-2.0
// Embedding and output layer of a model whose configuration says that they are one.
import { clip } from '../bytes/clip.ts';
import type { FactOf } from '../model/fact.ts';
import { compare } from './compare.ts';
import type { Open } from './delta.ts';
import type { Model } from './models.ts';

const embeddings = ['embed_tokens.weight', 'wte.weight', 'embeddings.word_embeddings.weight', 'shared.weight', 'tok_embeddings.weight'];
const outputs = ['lm_head.weight', 'output.weight', 'embed_out.weight'];
const blind = 'which of the two a loader takes';

/** Undefined where the model does not hold both. Throws what the sources throw. */
export async function tied(model: Model, open: Open): Promise<FactOf<'study'> | undefined> {
  const of = (names: readonly string[]): ReturnType<typeof model.tensors.get> => names.map((name) => model.tensors.get(name)).find((one) => one !== undefined);
  const [embedding, output] = [of(embeddings), of(outputs)];
  if (embedding === undefined || output === undefined) return undefined;
  const [ours, theirs] = [open(output.file), open(embedding.file)];
  if (ours === undefined || theirs === undefined) return undefined;
  const change = await compare(output, embedding, { mine: ours, base: theirs });
  const common = { kind: 'study', question: 'tied-weights', of: clip(model.folder === '' ? model.file : model.folder), n: 2, blind } as const;
  if (change.kind === 'identical') return { ...common, outcome: 'assessed', what: `${clip(output.name, 80)} is ${clip(embedding.name, 80)}, as the configuration says` };
  if (change.kind === 'other') return { ...common, outcome: 'finding', what: `the configuration says that ${clip(output.name, 80)} is ${clip(embedding.name, 80)}; they have other shapes or types` };
  return { ...common, outcome: 'finding', what: `the configuration says that ${clip(output.name, 80)} is ${clip(embedding.name, 80)}; they differ by ${(100 * change.relative).toPrecision(3)} % of the norm` };
}
