// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy } from './policy/calls.ts';
import { executes } from './policy/effects.ts';

export default rule({
  id: 'pickle-dynamic-import',
  title: 'The name of an import is computed while loading',
  why: 'The module or the function is put together by other calls, so that nobody can read it in the file. Pickles that Python writes name what they need in plain text.',
  fix: 'Do not load this file. Ask for the weights as safetensors, or load them with weights_only=True in a process that can reach nothing.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-502', 'CWE-470'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/computed.pkl', 'pickle-policy/path.pkl'],
  reads: ['call'],
  *check(subject) {
    const said = spokenBy('pickle-dynamic-import', subject.facts);
    const called = new Set(said.filter((one) => one.fact.via !== 'import').map((one) => one.fact.target));
    for (const one of said) {
      if (one.fact.via === 'import' && called.has(one.fact.target)) continue;
      yield hitFor(one, one.fact.via === 'import' ? 'imports' : 'calls', executes(one.verdict.effect) ? { severity: 'critical' } : {});
    }
  },
});
