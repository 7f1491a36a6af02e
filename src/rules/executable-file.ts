// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { isHonestProgram, programFormats } from './policy/extensions.ts';

export default rule({
  id: 'executable-file',
  title: 'Native program or library among model files',
  why: 'Weights and data need no machine code. A program or library beside them is run or loaded by whoever trusts the folder, and no model scanner can say what it does.',
  fix: 'Remove it, or build it from source that you have reviewed. Under a name that is not a program\'s, treat it as an attack.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-829', 'CWE-506'],
  provisions: ['5.2.3-1'],
  example: ['unopened/library.so', 'unopened/notes.txt'],
  reads: ['gap'],
  *check({ artefact, facts }) {
    for (const fact of facts) {
      if (fact.format === undefined || !programFormats.has(fact.format)) continue;
      const kind = fact.what.split(':', 1)[0]!;
      const honest = isHonestProgram(artefact.id);
      yield { message: honest ? `file is a ${kind}; what it does was not looked at` : `file is a ${kind} under another name`, severity: honest ? 'medium' : 'high', key: kind };
    }
  },
});
