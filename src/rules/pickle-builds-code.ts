// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { evidence, hitFor, spokenBy } from './policy/calls.ts';

export default rule({
  id: 'pickle-builds-code',
  title: 'Functions or classes are built from code in the file',
  why: 'Cloudpickle and dill store functions and classes by value: the file carries program code that runs as soon as the function is used.',
  fix: 'Read that code, or ask for a file that refers to an installed package by name.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-502', 'CWE-94', 'https://github.com/cloudpipe/cloudpickle'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/function.pkl', 'pickle-policy/path.pkl'],
  reads: ['call'],
  *check(subject) {
    const built = spokenBy('pickle-builds-code', subject.facts);
    const direct = built.filter((one) => /^(?:types|builtins|new)\./.test(one.verdict.name));
    // cloudpickle and dill never name these types themselves in the pickle: written by hand.
    for (const one of direct) yield hitFor(one, 'calls', { severity: 'high' });
    const [first, ...more] = built.filter((one) => !direct.includes(one));
    if (first !== undefined) yield hitFor(first, 'calls', { key: 'builds code', evidence: [first, ...more].slice(0, 20).flatMap((one) => evidence(one.fact)) });
  },
});
