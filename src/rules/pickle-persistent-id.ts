// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy } from './policy/calls.ts';

export default rule({
  id: 'pickle-persistent-id',
  title: 'A persistent id asks the loading program for an object',
  why: 'What the id means is up to the program that loads the file. Torch uses it for tensors; elsewhere it deserves a look at the program.',
  fix: 'Find out which program writes and reads this file, and what its persistent_load() does with such an id.',
  severity: 'low',
  confidence: 'medium',
  references: ['https://docs.python.org/3/library/pickle.html#persistence-of-external-objects', 'CWE-502'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/persistent.pkl', 'pickle-policy/storage.pkl'],
  reads: ['call'],
  *check(subject) {
    for (const one of spokenBy('pickle-persistent-id', subject.facts)) {
      const [id] = one.fact.args;
      const inner = id?.type === 'persistent-id' ? id.id : id;
      yield hitFor(one, 'asks for', inner?.type === 'call' ? { severity: 'high' } : {});
    }
  },
});
