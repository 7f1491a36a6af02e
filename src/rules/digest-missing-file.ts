// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { comparedRecords, recordNames } from '../model/compared.ts';

/** What names files that ought to be beside it; data that a DVC file or a hub's note names is often left out on purpose. */
const complete = new Set(['attestation', 'bom', 'checksum-list', 'registry']);
const shown = 8;

export default collectionRule({
  id: 'digest-missing-file',
  title: 'A file that a record names is not there',
  why: 'A list of checksums, a manifest, a bill of materials or a signed statement speaks of files that were not found. What you have is not all of what was published, or it was renamed, and a renamed file has lost its proof.',
  fix: 'Fetch what is missing, or make the record again for what you mean to ship.',
  severity: 'low',
  confidence: 'high',
  references: ['CWE-353'],
  provisions: ['5.2.1-2'],
  example: ['provenance/missing', 'provenance/bound'],
  reads: ['record', 'link'],
  *check(among) {
    const all = comparedRecords(among).filter(({ record }) => complete.has(record.by) && record.target !== undefined);
    for (const [from, records] of Map.groupBy(all, ({ record }) => record.from)) {
      const missing = [...new Set(records.filter(({ outcome }) => outcome === 'missing').map(({ record }) => record.named))];
      // A document none of whose files are here is about something else.
      if (missing.length === 0 || records.every(({ outcome }) => outcome === 'missing')) continue;
      yield {
        artefact: from,
        message: `${recordNames[records[0]!.record.by]} names ${missing.length} ${missing.length === 1 ? 'file that is' : 'files that are'} not there: ${missing.slice(0, shown).join(', ')}${missing.length > shown ? ', …' : ''}`,
        evidence: missing.slice(0, 64),
        key: 'missing',
      };
    }
  },
});
