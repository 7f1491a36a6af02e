// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { leavesFolder } from './policy/paths.ts';

export default rule({
  id: 'joblib-array-file',
  title: 'joblib file loads an array from outside its folder',
  why: 'Old joblib files name other files, which are loaded with them and may be pickles themselves. A path that leaves the folder picks a file of the machine that loads the model.',
  fix: 'Do not load it. Ask for the model in the present format of joblib, in one file.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-22', 'CWE-502', 'https://github.com/joblib/joblib/blob/main/joblib/numpy_pickle_compat.py'],
  provisions: ['5.2.3-1'],
  example: ['pickle-streams/array-file-outside.pkl', 'pickle-streams/array-file.pkl'],
  reads: ['link'],
  *check({ facts }) {
    for (const { role, target, detail, at } of facts) {
      if (role !== 'external-data' || detail !== 'joblib array') continue;
      const why = leavesFolder(target);
      if (why !== undefined) yield { message: `array file '${target}' ${why}; only files beside the model are allowed`, ...(at === undefined ? {} : { at }) };
    }
  },
});
