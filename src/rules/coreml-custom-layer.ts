// SPDX-License-Identifier: Apache-2.0
import { isFormat } from '../model/artefact.ts';
import { rule } from '../model/rule.ts';

export default rule({
  id: 'coreml-custom-layer',
  title: 'Core ML model calls classes of the application',
  why: 'A custom layer or custom model names a class that Core ML looks up in the application and calls with the data and parameters of the model. What runs is code that is not in the model and was not looked at, and the model chooses which class.',
  fix: 'Find out which library brings the class and whether you trust it. Prefer a conversion with Core ML\'s own layers.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-829', 'CWE-470', 'https://developer.apple.com/documentation/coreml/mlcustomlayer'],
  provisions: ['5.2.3-1'],
  example: ['coreml/custom-layer.mlmodel', 'coreml/classifier.mlmodel'],
  reads: ['node'],
  *check({ artefact, facts }) {
    if (!isFormat(artefact, 'coreml')) return;
    for (const { operator, detail, at, count = 1 } of facts) {
      const name = detail?.['class'];
      if (name === undefined) continue;
      yield { message: `${operator === 'customModel' ? 'the model is' : 'a layer is'} the class ${name === '' ? 'without a name' : name} of the application`, evidence: [`${count} in the model`], key: `${operator} ${name}`, ...(at === undefined ? {} : { at }) };
    }
  },
});
