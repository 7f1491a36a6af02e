// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'symlink-outside',
  title: 'A symbolic link leads out of the folder',
  why: 'Whoever loads, packs or signs the folder follows the link to a file that was not scanned and is not part of it: another user\'s data, a key, or something that is swapped later.',
  fix: 'Replace the link by the file it leads to. In a hub cache, scan the folder that holds both snapshots/ and blobs/.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-59', 'CWE-61'],
  provisions: ['5.2.1-2'],
  example: ['repository/link-outside', 'repository/link-inside'],
  reads: ['link'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.role === 'symlink' && fact.detail === 'outside') yield { message: `the link leads to ${fact.target}, out of the scanned folder`, key: fact.target };
    }
  },
});
