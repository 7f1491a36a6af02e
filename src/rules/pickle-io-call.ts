// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy } from './policy/calls.ts';

export default rule({
  id: 'pickle-io-call',
  title: 'Loading touches files, the network or the process',
  why: 'No ordinary model opens files or connections, or changes the process, while it is being loaded. Such calls leak data, overwrite files or fetch the next stage of an attack.',
  fix: 'Do not load this file. Ask for the weights as safetensors, or load them with weights_only=True in a process that can reach nothing.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-502', 'GHSA-9m3x-qqw2-h32h'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/urlopen.pkl', 'pickle-policy/path.pkl'],
  reads: ['call'],
  *check(subject) {
    for (const one of spokenBy('pickle-io-call', subject.facts)) yield hitFor(one, 'calls');
  },
});
