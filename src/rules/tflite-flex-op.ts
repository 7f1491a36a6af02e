// SPDX-License-Identifier: Apache-2.0
import { isFormat } from '../model/artefact.ts';
import { rule, type Severity } from '../model/rule.ts';
import { checkpoints, debuggers, isTensorflow, libraryOf, network, python, readers, writers } from './policy/tensorflow-operators.ts';

export default rule({
  id: 'tflite-flex-op',
  title: 'TFLite model runs operators of the whole TensorFlow',
  why: 'Operators called Flex… hand the work to TensorFlow, which then is part of the application. Built-in operators only compute; these can read and write files, open connections and call Python, on a phone as on a server.',
  fix: 'Do not run a model whose operators reach files, networks or Python. Convert without select TensorFlow operators where that is possible.',
  severity: 'low',
  confidence: 'high',
  references: ['CWE-829', 'CWE-73', 'https://ai.google.dev/edge/litert/conversion/tensorflow/ops_select'],
  provisions: ['5.2.3-1'],
  example: ['tflite/flex-write-file.tflite', 'tflite/classifier.tflite'],
  reads: ['node'],
  *check({ artefact, facts }) {
    if (!isFormat(artefact, 'tflite')) return;
    for (const { operator, domain, name, at, count = 1 } of facts) {
      if (domain !== 'flex') continue;
      const [severity, what] = judged(operator);
      yield { message: `operator Flex${operator} ${what}`, severity, evidence: [`${count} in the graph, first ${name}`], key: operator, ...(at === undefined ? {} : { at }) };
    }
  },
});

function judged(operator: string): [Severity, string] {
  if (python.has(operator)) return ['critical', 'runs a Python function'];
  if (writers.has(operator) || checkpoints.has(operator)) return ['high', 'reads or writes files as TensorFlow does'];
  if (network.has(operator)) return ['high', 'connects to other machines'];
  if (debuggers.has(operator) || operator === 'PrintV2') return ['medium', 'sends tensors to a file or address of its choice'];
  if (readers.has(operator)) return ['high', 'reads files'];
  const library = libraryOf(operator);
  if (library !== undefined) return ['low', `is one of ${library}`];
  return isTensorflow(operator) ? ['low', 'is run by TensorFlow'] : ['medium', 'is neither TFLite\'s nor TensorFlow\'s'];
}
