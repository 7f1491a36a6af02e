// SPDX-License-Identifier: Apache-2.0
import type { Operand } from '../model/fact.ts';
import { rule } from '../model/rule.ts';
import { hitFor, judgeCall } from './policy/calls.ts';
import { executes } from './policy/effects.ts';
import { looksLikeProgram } from './policy/operands.ts';

const levels = 6;
const width = 64;

function holdsProgram(args: readonly Operand[], depth: number): boolean {
  return args.slice(0, width).some((arg) => looksLikeProgram(arg) || ('items' in arg && depth < levels && holdsProgram(arg.items, depth + 1)));
}

export default rule({
  id: 'pickle-embedded',
  title: 'Bytes in the pickle look like a pickle or a program',
  why: 'Nothing in this file loads them: as they stand they are data. Whoever unpickles the object and hands them on would run them.',
  fix: 'Ask what the bytes are for; scan them by themselves before anything loads them.',
  severity: 'low',
  confidence: 'low',
  references: ['CWE-506', 'https://arxiv.org/abs/2508.19774'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/embedded.pkl', 'pickle-policy/blob.pkl'],
  reads: ['call'],
  *check({ facts }) {
    for (const fact of facts) {
      if (fact.via === 'import' || !holdsProgram(fact.args, 0)) continue;
      const one = judgeCall(fact);
      // A loader that is given bytes is another rule's matter.
      if (one.speaker === 'pickle-nested' || executes(one.verdict.effect)) continue;
      yield hitFor({ fact, verdict: { ...one.verdict, reason: 'holds bytes that begin like a pickle, code or a program, and nothing loads them' } }, 'fills');
    }
  },
});
