// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

/** Builders that sign for everybody, by the owner of their repository. */
const shared = new Set(['slsa-framework', 'actions', 'github', 'sigstore', 'gitlab-org']);

export default rule({
  id: 'builder-signer-conflict',
  title: 'Who signed is not who says to have built',
  why: 'The provenance names a builder of one organisation, and the certificate that signed it belongs to another. A statement about someone else\'s build is hearsay.',
  fix: 'Ask the publisher for provenance signed by the builder itself, and verify it with the identity you expect.',
  severity: 'high',
  confidence: 'medium',
  references: ['https://slsa.dev/spec/v1.0/verifying-artifacts'],
  provisions: ['5.2.1-2'],
  example: ['attestation/other-builder.json', 'attestation/own-builder.json'],
  reads: ['claim', 'signature'],
  *check({ facts }) {
    const builders = facts.flatMap((fact) => (fact.kind === 'claim' && fact.field === 'builder' ? [fact.value] : []));
    const signers = facts.flatMap((fact) => (fact.kind === 'signature' && fact.identity !== '' ? [fact.identity] : []));
    for (const builder of builders) {
      const [built, signed] = [ownerOf(builder), signers.map(ownerOf)];
      if (built === undefined || shared.has(built) || signed.length === 0 || signed.some((owner) => owner === undefined || owner === built || shared.has(owner))) continue;
      yield { message: `the builder is ${builder}, the signer ${signers.join(', ')}: of different owners`, key: builder };
    }
  },
});

/** Owner of a repository on a forge: 'org' of https://github.com/org/repo/…. */
function ownerOf(address: string): string | undefined {
  return /^https:\/\/(?:github|gitlab)\.com\/([\w.-]+)\//.exec(address)?.[1]?.toLowerCase();
}
