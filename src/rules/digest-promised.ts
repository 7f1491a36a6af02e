// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { claims, folderOf, resolveFrom } from './policy/repository.ts';

const downloads = /(^|\/)\.cache\/huggingface\/download(\/|$)/;

export default collectionRule({
  id: 'digest-promised',
  title: 'A file is not the one that its hub or catalogue promised',
  why: 'The hub\'s client notes the SHA-256 of what it fetched, and a catalogue states that of its files. A file with another digest was changed afterwards, or is not the published one.',
  fix: 'Fetch the file again and compare. If you changed it yourself, publish it under a name and version of its own.',
  severity: 'high',
  confidence: 'medium',
  references: ['CWE-345', 'CWE-494', 'https://docs.mlcommons.org/croissant/docs/croissant-spec.html'],
  provisions: ['5.2.3-1'],
  example: ['contradiction/changed-after-download', 'contradiction/as-downloaded'],
  reads: ['claim'],
  *check(among) {
    for (const { id, value } of claims(among, 'expected-digest')) {
      const promise = /^sha256:([0-9a-f]{64}) (.+)$/.exec(value);
      if (promise === null) continue; // without a path: a pointer, whose file is not here
      const folder = folderOf(id);
      const path = resolveFrom(downloads.test(folder) ? folder.replace(downloads, '$1').replace(/\/$/, '') : folder, promise[2]!);
      const found = path === undefined ? undefined : among.find(path)?.artefact;
      if (found?.digests.sha256 === undefined || found.digests.sha256 === promise[1]) continue;
      if (found.format === 'lfs-pointer' || among.find(found.id)?.facts.some((fact) => fact.kind === 'claim' && fact.field === 'expected-digest') === true) continue; // not fetched
      yield { artefact: found.id, message: `SHA-256 is ${found.digests.sha256}, promised in ${id} is ${promise[1]!}`, key: `${id} ${promise[1]!}` };
    }
  },
});
