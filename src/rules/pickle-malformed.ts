// SPDX-License-Identifier: Apache-2.0
import type { FactOf } from '../model/fact.ts';
import { rule } from '../model/rule.ts';
import { judgeCall, type CallFact } from './policy/calls.ts';
import { executes } from './policy/effects.ts';

/** Codes about which another rule speaks. */
const elsewhere = new Set(['pickle/reader-difference', 'pickle/expansion', 'pickle/trailing', 'pickle/trailing-bytes']);

/** Where calls that run, load or start something stand. */
function dangers(facts: readonly (CallFact | FactOf<'malformed'>)[]): number[] {
  const out: number[] = [];
  for (const fact of facts) {
    if (fact.kind !== 'call' || fact.via === 'import') continue;
    const one = judgeCall(fact);
    if (one.speaker !== undefined && executes(one.verdict.effect)) out.push(fact.at?.[0] ?? 0);
  }
  return out;
}

export default rule({
  id: 'pickle-malformed',
  title: 'The pickle is damaged',
  why: 'A loader stops at the damage, but everything before it has already run: a broken tail makes scanners give up on the file while the payload works.',
  fix: 'Do not load the file; get a whole copy and compare the digests.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-502', 'https://www.reversinglabs.com/blog/rl-identifies-malware-ml-model-hosted-on-hugging-face'],
  provisions: ['5.2.3-1', '5.1.2-2'],
  example: ['pickle-policy/broken.pkl', 'pickle-policy/instance.pkl'],
  reads: ['call', 'malformed'],
  *check(subject) {
    const at = dangers(subject.facts);
    for (const fact of subject.facts) {
      if (fact.kind !== 'malformed' || !fact.code.startsWith('pickle/') || elsewhere.has(fact.code)) continue;
      const dangerous = at.some((place) => fact.at === undefined || place < fact.at[0]);
      yield {
        message: `the pickle is damaged: ${fact.what}${dangerous ? '; a dangerous call stands before it, and runs first' : ''}`,
        ...(fact.at === undefined ? {} : { at: fact.at }),
        evidence: [fact.code],
        ...(dangerous ? { severity: 'critical' } : {}),
      };
    }
  },
});
