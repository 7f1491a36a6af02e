// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { folderOf, resolveFrom } from './policy/repository.ts';

/** Bits of one element; types of which the index counts whole bytes. */
const bits: Readonly<Record<string, number>> = {
  F64: 64, I64: 64, U64: 64, C64: 64, F32: 32, I32: 32, U32: 32, F16: 16, BF16: 16, I16: 16, U16: 16, I8: 8, U8: 8, BOOL: 8, F8_E4M3: 8, F8_E5M2: 8,
};

export default collectionRule({
  id: 'index-total-size',
  title: 'The index declares another size than its shards have',
  why: 'metadata.total_size counts the bytes of all tensors. When the shards hold more or less, index and shards are not of the same release, or tensors came or went since.',
  fix: 'Compare the shards\' digests with the published ones, and write the index anew if they are right.',
  severity: 'low',
  confidence: 'medium',
  references: ['https://huggingface.co/docs/transformers/big_models'],
  provisions: ['5.2.1-2'],
  example: ['repository/total-size', 'repository/sharded'],
  reads: ['claim', 'link', 'tensor'],
  *check(among) {
    for (const { artefact, facts } of among.all) {
      const claim = facts.find((fact) => fact.kind === 'claim' && fact.field === 'total-size');
      if (claim?.kind !== 'claim') continue;
      const shards = facts.flatMap((fact) => (fact.kind === 'link' && fact.role === 'shard' ? [resolveFrom(folderOf(artefact.id), fact.target)] : []));
      let total = 0;
      for (const shard of shards) {
        const found = shard === undefined ? undefined : among.find(shard);
        if (found?.artefact.format !== 'safetensors' || found.coverage !== 'complete') return;
        for (const fact of found.facts) {
          if (fact.kind !== 'tensor') continue;
          const each = bits[fact.dtype];
          if (each === undefined) return;
          total += (fact.shape.reduce((product, size) => product * size, 1) * each) / 8;
        }
      }
      if (shards.length > 0 && Number(claim.value) !== total) {
        yield { artefact: artefact.id, message: `total_size is ${claim.value}, the tensors of its ${shards.length} shards have ${total} bytes`, key: 'total-size' };
      }
    }
  },
});
