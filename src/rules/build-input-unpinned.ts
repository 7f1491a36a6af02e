// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

const shown = 6;

export default rule({
  id: 'build-input-unpinned',
  title: 'The build provenance names inputs without a digest',
  why: 'Provenance that says "trained from this data set" without a digest says nothing about which bytes went in: the address can serve other bytes tomorrow, and could have then.',
  fix: 'Make the build record a digest for each resolved dependency: data sets, base models, images, repositories.',
  severity: 'low',
  confidence: 'high',
  references: ['https://slsa.dev/spec/v1.0/provenance#resolvedDependencies'],
  provisions: ['5.2.3-1'],
  example: ['attestation/slsa-unpinned.json', 'attestation/slsa-pinned.json'],
  reads: ['claim'],
  *check({ facts }) {
    const inputs = facts.filter(({ field }) => field === 'build-input').map(({ value }) => value);
    const loose = inputs.filter((value) => !/ [a-zA-Z0-9]+:[0-9a-fA-F]{32,}$/.test(value));
    if (loose.length > 0) yield { message: `${loose.length} of ${inputs.length} inputs of the build have no digest: ${loose.slice(0, shown).join(', ')}${loose.length > shown ? ', …' : ''}`, key: 'unpinned' };
  },
});
