// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

/** Domains whose operators ONNX and ONNX Runtime bring with them. */
const builtIn = new Set([
  '', 'ai.onnx', 'ai.onnx.ml', 'ai.onnx.training', 'ai.onnx.preview', 'ai.onnx.preview.training', 'com.microsoft', 'com.microsoft.experimental',
  'com.microsoft.nchwc', 'com.microsoft.dml', 'com.ms.internal.nhwc', 'org.pytorch.aten',
]);

export default rule({
  id: 'onnx-custom-operator',
  title: 'ONNX model needs operators from outside',
  why: 'The model uses operators that neither ONNX nor the model itself defines. It runs only together with a native library (or, for PyOp, a Python function) that somebody registers: code that is not in the model and was not looked at.',
  fix: 'Find out which library brings the operators and whether you trust it. Prefer an export with standard operators or model-local functions.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-829', 'https://onnxruntime.ai/docs/reference/operators/add-custom-op.html', 'https://github.com/microsoft/onnxruntime-extensions'],
  provisions: ['5.2.3-1'],
  example: ['onnx/custom-operator.onnx', 'onnx/ok-local-function.onnx'],
  reads: ['node'],
  *check({ artefact, facts }) {
    if (!artefact.format.split('+').includes('onnx')) return;
    for (const { operator, domain = '', detail, count = 1, name, at } of facts) {
      if (builtIn.has(domain) || detail?.['defined'] === 'model') continue;
      const python = operator === 'PyOp' || (domain === 'ai.onnx.contrib' && operator.startsWith('Py'));
      yield {
        message: `operator ${operator} of domain ${domain} is defined neither by ONNX nor by the model${python ? '; it runs a Python function' : ''}`,
        severity: python ? 'high' : 'medium',
        evidence: [`${count} ${count === 1 ? 'node' : 'nodes'}${name === '' ? '' : `, first ${name}`}`],
        ...(at === undefined ? {} : { at }),
      };
    }
  },
});
