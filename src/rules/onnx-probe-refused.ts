// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'onnx-probe-refused',
  title: 'ONNX Runtime refuses the model',
  why: 'The standard runtime does not load this model. Mostly it needs a newer runtime or operators that are not built in; a damaged or hand-made file looks the same. How it behaves could not be seen.',
  fix: 'Load it with the runtime its publisher names, in a sealed process, before you rely on it.',
  severity: 'low',
  confidence: 'high',
  references: ['https://onnxruntime.ai/docs/reference/compatibility.html'],
  provisions: ['5.2.5-1'],
  example: ['onnx-probe/refused.onnx', 'onnx-probe/clean.onnx'],
  reads: ['check'],
  *check({ facts }) {
    for (const { name, outcome, what } of facts) if (name === 'runtime-load' && outcome === 'broken') yield { message: what };
  },
});
