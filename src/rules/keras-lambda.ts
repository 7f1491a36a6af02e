// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';

export default rule({
  id: 'keras-lambda',
  title: 'Keras configuration holds a Lambda layer',
  why: 'A Lambda layer is Python code kept in the model: loading or calling the model runs it. Only safe_mode stands in the way, and older versions of Keras have none.',
  fix: 'Ask for a model whose Lambda layers are written as registered layer classes, and never load it with safe_mode=False.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-502', 'CVE-2024-3660'],
  provisions: ['5.2.3-1'],
  example: ['json/keras-lambda.json', 'json/keras-dense.json'],
  reads: ['node'],
  *check({ facts }): Iterable<Hit> {
    for (const { operator, name, detail } of facts) {
      if (operator !== 'Lambda' || detail?.['class_name'] === undefined) continue;
      yield { message: `${detail['class_name']} ${name === '' ? 'without a name' : name} keeps Python code in the configuration` };
    }
  },
});
