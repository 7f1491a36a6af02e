// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

/** Whether the digests are there but can be made to fit. */
function weak(detail: Readonly<Record<string, string | number>> | undefined): boolean {
  return detail?.['weak-digest'] === 1 && Number(detail['digested']) >= 0.9;
}

export default rule({
  id: 'dataset-url-only',
  title: 'Data set is a list of URLs without digests',
  why: 'Whoever downloads the set gets what the hosts serve that day, not what its makers looked at. Expired domains can be bought: 0.01 % of well-known sets of this kind could be replaced for 60 dollars.',
  fix: 'Keep the content, or a SHA-256 for each URL taken when the set was reviewed, and drop what no longer matches on download.',
  severity: 'high',
  confidence: 'high',
  references: ['arXiv:2302.10149', 'CWE-494', 'CWE-829'],
  provisions: ['5.2.4-1.2', '5.2.4-2'],
  reads: ['study'],
  example: ['datasets/url-laion', 'datasets/url-digests'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question !== 'url-only' || fact.outcome !== 'finding') continue;
      yield { message: `${fact.of}: ${fact.what}`, key: fact.of, evidence: (fact.rows ?? []).slice(0, 8), ...(weak(fact.detail) ? { severity: 'medium' as const } : {}) };
    }
  },
});
