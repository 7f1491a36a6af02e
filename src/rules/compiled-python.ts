// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { endingOf } from './policy/extensions.ts';

const honest: ReadonlySet<string> = new Set(['.pyc', '.pyo']);

export default rule({
  id: 'compiled-python',
  title: 'Compiled Python among model files',
  why: 'Python imports a .pyc without its source. Weights and data need no program, and byte code cannot be reviewed like source.',
  fix: 'Remove it; where code is needed, ship the source. Under a name that is not .pyc, treat it as an attack.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-829', 'CWE-506', 'https://peps.python.org/pep-3147/'],
  provisions: ['5.2.3-1'],
  example: ['python-bytecode/module.pyc', 'python-bytecode/not-code.pyc'],
  reads: ['code'],
  *check({ artefact, facts }) {
    const [first] = facts;
    // Code that a pickle hands to a loader, or that a Lambda layer keeps, lies behind '@': the rules about those speak.
    if (first === undefined || !artefact.format.includes('python-bytecode') || /!\/@[^/]*$/.test(artefact.id)) return;
    const name = endingOf(artefact.id);
    const usual = honest.has(name);
    yield {
      message: usual ? `file is compiled Python${first.file === undefined ? '' : ` made from ${facts.at(-1)?.file ?? first.file}`}` : 'file is compiled Python under another name',
      severity: usual ? 'medium' : 'high', key: 'compiled python',
    };
  },
});
