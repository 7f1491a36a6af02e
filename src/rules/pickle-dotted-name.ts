// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy } from './policy/calls.ts';
import { executes } from './policy/effects.ts';

export default rule({
  id: 'pickle-dotted-name',
  title: 'A name leaves the module it is imported from',
  why: 'A dotted name such as pathlib.os.system walks from a harmless module into another one. It serves to slip past lists of forbidden modules; pickles that Python writes use dots only for nested classes.',
  fix: 'Do not load this file. Ask for the weights as safetensors, or load them with weights_only=True in a process that can reach nothing.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-502', 'GHSA-5j3x-jp52-966f'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/dotted.pkl', 'pickle-policy/nested_class.pkl'],
  reads: ['call'],
  *check(subject) {
    const said = spokenBy('pickle-dotted-name', subject.facts);
    const called = new Set(said.filter((one) => one.fact.via !== 'import').map((one) => one.fact.target));
    for (const one of said) {
      if (one.fact.via === 'import' && called.has(one.fact.target)) continue;
      const runs = executes(one.verdict.effect) && one.fact.via !== 'import';
      yield hitFor(one, one.fact.via === 'import' ? 'imports' : `leaves its module through ${one.verdict.through ?? '?'} and calls`, runs ? { severity: 'critical' } : {});
    }
  },
});
