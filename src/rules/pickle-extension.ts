// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy } from './policy/calls.ts';

export default rule({
  id: 'pickle-extension',
  title: 'An extension code stands for an import',
  why: 'Extension codes are numbers that the loading program has registered for names. No published model needs them, and in the file they hide what is imported.',
  fix: 'Do not load this file before it is known what the codes stand for.',
  severity: 'high',
  confidence: 'medium',
  references: ['CWE-502', 'https://docs.python.org/3/library/copyreg.html'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/extension.pkl', 'pickle-policy/instance.pkl'],
  reads: ['call'],
  *check(subject) {
    for (const one of spokenBy('pickle-extension', subject.facts)) {
      yield hitFor(one, one.fact.via === 'EXT' ? 'resolves the extension code' : 'registers an extension:');
    }
  },
});
