// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy } from './policy/calls.ts';

export default rule({
  id: 'pickle-exec-call',
  title: 'Loading runs code, starts a program or loads code',
  why: 'The file names a function that runs commands or code, or that imports or deserialises more, and calls it. The call happens while the file is being loaded, before any of your own code sees the result.',
  fix: 'Do not load this file. Ask for the weights as safetensors, or load them with weights_only=True in a process that can reach nothing.',
  severity: 'critical',
  confidence: 'high',
  references: ['CWE-502', 'CVE-2025-1716', 'https://docs.python.org/3/library/pickle.html#module-pickle'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/system.pkl', 'pickle-policy/mentions.pkl'],
  reads: ['call'],
  *check(subject) {
    for (const one of spokenBy('pickle-exec-call', subject.facts)) yield hitFor(one, 'calls');
  },
});
