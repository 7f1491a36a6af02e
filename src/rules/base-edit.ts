// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'base-edit',
  title: 'Few matrices of the base were edited, each in few directions',
  why: 'Training moves all layers in many directions, and merging an adapter moves many. One or a few matrices changed in one direction, with all others bit for bit the same, is how facts are rewritten and backdoors planted without training.',
  fix: 'Use the base model itself, or ask who published this one what was changed, why, and for a way to make the same change again.',
  severity: 'high',
  confidence: 'high',
  references: ['arXiv:2202.05262', 'arXiv:2403.13355', 'arXiv:2210.07229'],
  provisions: ['5.2.1-2', '5.2.5-1'],
  example: ['base-models/edited', 'base-models/trained'],
  reads: ['study'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question === 'base-edit' && fact.outcome === 'finding') {
        // One direction is an edit; two to four may be a small adapter that was merged.
        const few = Number(fact.detail?.['highest rank'] ?? 1) > 1;
        yield { message: fact.what, evidence: [...(fact.excerpts ?? []), `does not see: ${fact.blind}`], key: fact.of, ...(few ? { severity: 'medium', confidence: 'medium' } as const : {}) };
      }
    }
  },
});
