// SPDX-License-Identifier: Apache-2.0
import { isFormat } from '../model/artefact.ts';
import { rule } from '../model/rule.ts';
import { fileText, filesOf, when } from './policy/tensorflow-nodes.ts';
import { debuggers, network } from './policy/tensorflow-operators.ts';

export default rule({
  id: 'tf-network-op',
  title: 'TensorFlow graph talks to other machines',
  why: 'An operator of the graph opens connections while the model runs: remote procedure calls, data services, debuggers that send every tensor to a URL. Inputs and outputs leave with it, and what comes back becomes part of the answer.',
  fix: 'Do not run the model. Ask for an export without these operators, and run models of others without a network.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-829', 'CWE-200', 'https://www.tensorflow.org/security', 'https://arxiv.org/abs/2601.04553'],
  provisions: ['5.2.3-1'],
  example: ['tensorflow/rpc.pb', 'tensorflow/classifier.pb'],
  reads: ['node'],
  *check({ artefact, facts }) {
    if (!isFormat(artefact, 'tensorflow')) return;
    for (const node of facts) {
      const { operator, name, at } = node;
      const sends = debuggers.has(operator) && filesOf(node).some((url) => /(?:^|\s)(?:grpc|https?|tcp):/i.test(url));
      if (!network.has(operator) && !sends) continue;
      yield { message: `operator ${operator} connects to ${fileText(node).replace('a path', 'an address')}${when(node)}`, evidence: [`node ${name}`], key: `${operator} ${filesOf(node).join(' ')}`, ...(at === undefined ? {} : { at }) };
    }
  },
});
