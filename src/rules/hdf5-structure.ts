// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';

export default rule({
  id: 'hdf5-structure',
  title: 'HDF5 structures contradict the file',
  why: 'Addresses, sizes and counts in the file lead the library through its own memory. It is written in C and has a long list of overflows; files that do not fit together are either damaged or made to reach one.',
  fix: 'Do not open it with the HDF5 library. Get the file again from its publisher and compare the digests.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-125', 'CWE-787', 'https://www.hdfgroup.org/solutions/hdf5/'],
  provisions: ['5.2.3-1'],
  example: ['hdf5/dataset-too-large.h5', 'hdf5/weights.h5'],
  reads: ['malformed'],
  *check({ facts }): Iterable<Hit> {
    for (const { code, what, at } of facts) if (code.startsWith('hdf5/')) yield { message: what, key: `${code} ${what.replaceAll(/\d+/g, '0')}`, ...(at === undefined ? {} : { at }) };
  },
});
