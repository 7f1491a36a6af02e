// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'numpy-object-array',
  title: 'NumPy array of Python objects',
  why: 'The content of an object array is a pickle: numpy.load(allow_pickle=True) runs whatever it asks for. numpy refuses such files by default since 1.16.3. That pickle is judged by itself; this only says that it is there.',
  fix: 'Store plain numbers or strings instead (or Parquet, JSON). Never load this file with allow_pickle=True unless you made it.',
  severity: 'low',
  confidence: 'high',
  references: ['CVE-2019-6446', 'CWE-502'],
  provisions: ['5.2.3-1'],
  example: ['numpy/objects.npy', 'numpy/version3.npy'],
  reads: ['tensor', 'malformed'],
  *check({ artefact, facts }) {
    if (!artefact.format.split('+').includes('numpy')) return;
    for (const fact of facts) {
      if (fact.kind === 'tensor' && fact.dtype === 'OBJECT') yield { message: 'array holds Python objects, stored as a pickle', key: 'object' };
      if (fact.kind === 'malformed' && fact.code === 'numpy/dtype') yield { message: `array may hold Python objects: ${fact.what}`, key: 'dtype', severity: 'medium', confidence: 'low' };
    }
  },
});
