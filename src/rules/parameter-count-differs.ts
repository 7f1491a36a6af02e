// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { folderOf } from './policy/repository.ts';

/** Embeddings counted or not, heads left out: what honest counts differ by. */
const tolerated = 0.25;

export default collectionRule({
  id: 'parameter-count-differs',
  title: 'The weights have another number of parameters than the card says',
  why: 'The number of parameters is how models are compared, licensed and regulated. When the tensors hold far more or fewer, card and weights are not of the same model.',
  fix: 'Compare the digests of the weights with the published ones, and correct the card if they are right.',
  severity: 'low',
  confidence: 'medium',
  references: ['https://huggingface.co/docs/safetensors/metadata_parsing', 'CWE-345'],
  provisions: ['5.2.4-1.1'],
  example: ['contradiction/parameters', 'contradiction/as-downloaded'],
  reads: ['claim', 'tensor'],
  *check(among) {
    const folders = new Map<string, { claims: { id: string; count: number; said: string }[]; sums: Map<string, number>; packed: boolean }>();
    for (const { artefact, facts, coverage } of among.all) {
      const folder = folderOf(artefact.id);
      const here = folders.get(folder) ?? { claims: [], sums: new Map<string, number>(), packed: false };
      folders.set(folder, here);
      let sum = 0;
      for (const fact of facts) {
        if (fact.kind === 'claim' && fact.field === 'parameter-count' && Number(fact.value) > 0) here.claims.push({ id: artefact.id, count: Number(fact.value), said: fact.value });
        if (fact.kind === 'claim' && fact.field === 'quantisation') here.packed = true;
        if (fact.kind === 'tensor') sum += fact.shape.reduce((product, size) => product * size, 1);
        if (fact.kind === 'tensor' && /\.(qweight|weight_packed|absmax)$/.test(fact.name)) here.packed = true;
      }
      if (sum === 0 || artefact.format === 'numpy') continue;
      if (coverage !== 'complete') here.packed = true; // not all that there is
      here.sums.set(artefact.format, (here.sums.get(artefact.format) ?? 0) + sum);
    }
    for (const { claims, sums, packed } of folders.values()) {
      // An adapter has few parameters of its own; several models in one folder have several numbers.
      const [claim] = claims;
      if (claim === undefined || packed || sums.size === 0 || new Set(claims.map(({ count }) => count)).size > 1) continue;
      const near = [...sums.values()].some((sum) => Math.abs(sum - claim.count) <= claim.count * tolerated);
      if (!near) yield { artefact: claim.id, message: `stated are ${claim.said} parameters, the tensors have ${[...sums].map(([format, sum]) => `${sum} (${format})`).toSorted().join(', ')}`, key: claim.said };
    }
  },
});
