// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';
import { leavesFolder } from './policy/paths.ts';

export default rule({
  id: 'hdf5-external',
  title: 'An HDF5 file takes data from other files',
  why: 'External links, external storage and virtual datasets make a reader open other files, by any path, wherever the model is loaded. What lies there becomes weights, and leaves with the next copy of the model.',
  fix: 'Do not load it. Ask for a file that holds all its data itself (h5repack makes one).',
  severity: 'high',
  confidence: 'high',
  references: ['CVE-2026-1669', 'CWE-22', 'CWE-73'],
  provisions: ['5.2.3-1'],
  example: ['hdf5/external-link.h5', 'hdf5/weights.h5'],
  reads: ['link'],
  *check({ artefact, facts }): Iterable<Hit> {
    if (!artefact.format.split('+').includes('hdf5')) return;
    for (const { role, target, detail = '' } of facts) {
      if (role !== 'external-data') continue;
      const why = target === '' ? undefined : leavesFolder(target);
      if (target === '') yield { message: detail, severity: 'medium', key: detail };
      else yield { message: `'${target}' is opened when this is read${why === undefined ? '' : `: it ${why}`}`, evidence: [detail], key: `${target} ${detail}`, ...(why === undefined ? { severity: 'medium' } as const : {}) };
    }
  },
});
