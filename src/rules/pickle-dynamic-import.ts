// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy, type Judged } from './policy/calls.ts';
import { classify, type Known } from './policy/classify.ts';
import { byWeight, executes } from './policy/effects.ts';
import { folded } from './policy/operands.ts';

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
    const found = resolved(said);
    for (const one of said) {
      if (one.fact.via === 'import' && called.has(one.fact.target)) continue;
      const known = found.get(one.fact.target);
      const runs = executes(one.verdict.effect) || (known !== undefined && executes(known.effect) && one.fact.via !== 'import');
      const verdict = known === undefined ? one.verdict : { ...one.verdict, reaches: known.name, reason: `is named by a computation, which gives ${known.name}: it ${known.reason}` };
      yield hitFor({ ...one, verdict }, one.fact.via === 'import' ? 'imports' : 'calls', runs ? { severity: 'critical' } : {});
    }
  },
});

/** What the operands of an import come to, where they are made of literals alone; the weightiest where several share a name. */
function resolved(said: readonly Judged[]): ReadonlyMap<string, Known> {
  const out = new Map<string, Known>();
  for (const { fact } of said) {
    if (fact.via !== 'import') continue;
    const [module, name] = fact.args.map((arg) => folded(arg));
    if (module === undefined || name === undefined) continue;
    const known = classify(`${module}.${name}`, module);
    const before = out.get(fact.target);
    if (before === undefined || byWeight(known.effect, before.effect) < 0) out.set(fact.target, known);
  }
  return out;
}
