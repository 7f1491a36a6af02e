// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';

const codes: Readonly<Record<string, Severity>> = {
  'numpy/size-differs': 'medium', 'numpy/header': 'high', 'numpy/duplicate-key': 'high', 'numpy/key': 'medium', 'numpy/shape': 'high',
  'numpy/header-size': 'high',
};

export default rule({
  id: 'numpy-header',
  title: 'NumPy header that does not fit its array',
  why: 'numpy never writes such a header. Readers that trust it read past the data, reserve any amount of memory, or stop with an error.',
  fix: 'Do not load the file. Write the array again with numpy.save from its source.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-1284', 'CWE-130', 'https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html'],
  provisions: ['5.1.2-2'],
  example: ['numpy/too-short.npy', 'numpy/python2.npy'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what } of facts) {
      const severity = codes[code];
      if (severity !== undefined) yield { message: what, severity, key: `${code} ${what.replaceAll(/\d+/g, '0')}` };
    }
  },
});
