// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'dataset-unpinned-snapshot',
  title: 'Pages that anyone may edit, without a revision',
  why: 'A snapshot of a wiki takes each page at a moment that can be foreseen: an edit made just before it is in the data, though it is reverted minutes later.',
  fix: 'Name the revision of every page (oldid), or take the pages from a dump that is some weeks older than the last edits in it.',
  severity: 'medium',
  confidence: 'high',
  references: ['arXiv:2302.10149', 'CWE-494'],
  provisions: ['5.2.4-2'],
  reads: ['study'],
  example: ['datasets/url-wiki', 'datasets/url-wiki-pinned'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.question === 'unpinned-snapshot' && fact.outcome === 'finding') yield { message: `${fact.of}: ${fact.what}`, key: fact.of, evidence: (fact.rows ?? []).slice(0, 8) };
    }
  },
});
