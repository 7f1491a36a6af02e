// SPDX-License-Identifier: Apache-2.0
import { isFormat } from '../model/artefact.ts';
import { rule } from '../model/rule.ts';
import { when } from './policy/tensorflow-nodes.ts';
import { isTensorflow, libraryOf, opaque } from './policy/tensorflow-operators.ts';

export default rule({
  id: 'tf-custom-op',
  title: 'TensorFlow graph needs operators from outside',
  why: 'The graph uses operators that TensorFlow does not have, or that run machine code kept in the model. It works only together with a native library that somebody loads first: code that is not in the model and was not looked at.',
  fix: 'Find out which library brings the operators and whether you trust it. Prefer an export with operators of TensorFlow only.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-829', 'https://www.tensorflow.org/guide/create_op'],
  provisions: ['5.2.3-1'],
  example: ['tensorflow/custom-op.pb', 'tensorflow/classifier.pb'],
  reads: ['node'],
  *check({ artefact, facts }) {
    if (!isFormat(artefact, 'tensorflow')) return;
    for (const node of facts) {
      const { operator, detail, name, at, count = 1 } = node;
      if (operator === '' || detail?.['defined'] === 'model') continue;
      const holds = Object.hasOwn(opaque, operator) ? opaque[operator] : undefined;
      if (holds === undefined && operator !== 'XlaCallModule' && isTensorflow(operator)) continue;
      const library = libraryOf(operator);
      const place = { evidence: [`${count} ${count === 1 ? 'node' : 'nodes'}, first ${name}`], key: operator, ...(at === undefined ? {} : { at }) };
      if (operator === 'XlaCallModule') yield { message: 'operator XlaCallModule runs a program in StableHLO that was not looked at', severity: 'low', ...place };
      else if (holds !== undefined) yield { message: `operator ${operator} runs ${holds}${when(node)}`, ...place };
      else if (library !== undefined) yield { message: `operator ${operator} is one of ${library}, which has to be loaded first`, severity: 'low', ...place };
      else yield { message: `operator ${operator} is none of TensorFlow's, and the model does not define it`, ...place };
    }
  },
});
