// SPDX-License-Identifier: Apache-2.0
import { isFormat } from '../model/artefact.ts';
import { rule } from '../model/rule.ts';
import { when } from './policy/tensorflow-nodes.ts';
import { python } from './policy/tensorflow-operators.ts';

export default rule({
  id: 'tf-python-op',
  title: 'TensorFlow graph calls back into Python',
  why: 'PyFunc and its kin run a Python function that the process has registered, from inside the graph. What runs is decided outside the model, by whoever fills that register: a custom object that loads along, or code on the path. No exported model needs them, and they do not work where the function is missing.',
  fix: 'Do not load the model. Ask for an export without tf.py_function and tf.numpy_function; operators of TensorFlow do the same work in the open.',
  severity: 'critical',
  confidence: 'high',
  references: ['CWE-94', 'CWE-829', 'https://www.tensorflow.org/api_docs/python/tf/py_function', 'https://arxiv.org/abs/2601.04553'],
  provisions: ['5.2.3-1'],
  example: ['tensorflow/py-func.pb', 'tensorflow/classifier.pb'],
  reads: ['node'],
  *check({ artefact, facts }) {
    if (!isFormat(artefact, 'tensorflow')) return;
    for (const node of facts) {
      if (!python.has(node.operator)) continue;
      yield { message: `operator ${node.operator} runs a Python function${when(node)}`, evidence: [`${node.count ?? 1} in the graph, first ${node.name}`], key: node.operator, ...(node.at === undefined ? {} : { at: node.at }) };
    }
  },
});
