// SPDX-License-Identifier: Apache-2.0
import { fileOf } from '../model/artefact.ts';
import { isStrong } from '../model/records.ts';
import { collectionRule } from '../model/rule.ts';
import { comparedRecords } from '../model/compared.ts';

/** git's own object ids are as weak as SHA-1, but nobody can choose another. */
const unavoidable = new Set(['git-sha1']);

export default collectionRule({
  id: 'digest-weak',
  title: 'Only a digest that can be forged binds these files',
  why: 'Two files with the same MD5 or SHA-1 can be made at will: whoever made the original can swap it later and the record still matches.',
  fix: 'Record SHA-256 beside it (a list of checksums, a bill of materials), or sign the folder with `assay sign`.',
  severity: 'low',
  confidence: 'high',
  references: ['CWE-328', 'https://shattered.io'],
  provisions: ['5.2.4-1.2'],
  example: ['provenance/weak', 'provenance/bound'],
  reads: ['record', 'link'],
  *check(among) {
    const equal = comparedRecords(among).filter(({ outcome }) => outcome === 'equal').map(({ record }) => record);
    const strong = new Set(equal.filter(({ algorithm }) => isStrong(algorithm)).map(({ target }) => target));
    const within = (folder: string): boolean => [...strong].some((target) => target?.startsWith(`${folder}/`) === true);
    const weak = equal.filter(({ target, algorithm }) => (
      !isStrong(algorithm) && !unavoidable.has(algorithm) && !strong.has(target) && !(algorithm === 'md5-list' && within(target!))
    ));
    for (const [from, records] of Map.groupBy(weak, (record) => record.from)) {
      const algorithms = [...new Set(records.map(({ algorithm }) => (algorithm === 'md5-list' ? 'md5' : algorithm)))].toSorted().join(' and ');
      const files = new Set(records.map(({ target }) => fileOf(target!))).size;
      yield { artefact: from, message: `${files} ${files === 1 ? 'file is' : 'files are'} bound by ${algorithms} alone`, key: algorithms };
    }
  },
});
