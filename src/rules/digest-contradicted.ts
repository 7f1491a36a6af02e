// SPDX-License-Identifier: Apache-2.0
import type { Recorded } from '../model/records.ts';
import { collectionRule } from '../model/rule.ts';
import { comparedRecords, recordNames } from '../model/compared.ts';

export default collectionRule({
  id: 'digest-contradicted',
  title: 'A recorded digest is not that of the file',
  why: 'A list of checksums, a lock file, the note of a download, a registry manifest, a bill of materials or a signed statement records what these bytes are, and the bytes are others: the file was changed, replaced or damaged after the record was made, or the record is of another release.',
  fix: 'Fetch the file again from where the record comes from, and compare. Do not load the file before you know which of the two is right; if the change was yours, make the record again.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-354', 'CWE-345'],
  provisions: ['5.2.1-2', '5.2.4-1.2'],
  example: ['provenance/contradicted', 'provenance/bound'],
  reads: ['record', 'link'],
  *check(among) {
    const different = comparedRecords(among).filter(({ outcome }) => outcome === 'different');
    for (const [target, several] of Map.groupBy(different, ({ record }) => record.target!)) {
      const lines = several.map(({ record, found }) => `${recordNames[record.by]}${record.by === 'file-name' ? '' : ` (${record.from})`} records ${recorded(record, found)}, the file has ${found}`);
      const others = several.length === 1 ? '' : `; ${several.length - 1} more ${several.length === 2 ? 'record contradicts' : 'records contradict'} it`;
      yield { artefact: target, message: `${lines[0]}${others}`, evidence: lines, key: several.map(({ record }) => record.from).join('\n') };
    }
  },
});

function recorded({ size, algorithm, value }: Recorded, found: string | undefined): string {
  return size !== undefined && found?.endsWith(' bytes') === true ? `${size} bytes` : `${algorithm} ${value}`;
}
