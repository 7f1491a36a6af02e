// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'pickle-expansion',
  title: 'The pickle grows without bound while loading',
  why: 'A few bytes that refer to each other become more objects than memory can hold, or hold up whoever walks over them.',
  fix: 'Do not load the file.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-409', 'CWE-776', 'https://en.wikipedia.org/wiki/Billion_laughs_attack'],
  provisions: ['5.2.3-1', '5.1.2-2'],
  example: ['pickle-policy/expansion.pkl', 'pickle-policy/instance.pkl'],
  reads: ['malformed', 'anomaly'],
  *check(subject) {
    for (const fact of subject.facts) {
      const at = fact.at === undefined ? {} : { at: fact.at };
      if (fact.kind === 'malformed' && fact.code === 'pickle/expansion') yield { message: `the pickle expands: ${fact.what}`, ...at, evidence: [fact.code] };
      if (fact.kind === 'anomaly' && fact.measure === 'pickle-expansion') {
        yield { message: `the pickle expands: ${fact.detail ?? 'its objects refer to each other'} (${fact.value.toPrecision(3)} elements)`, ...at, key: 'expansion' };
      }
    }
  },
});
