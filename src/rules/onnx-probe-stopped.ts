// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'onnx-probe-stopped',
  title: 'Running the ONNX model took its process down',
  why: 'The model was loaded and run by ONNX Runtime in a process of its own, which crashed, hung or used up its memory. A model that does this takes down whatever serves it; one that crashes a native runtime may do worse.',
  fix: 'Do not serve it. Get the file again from its publisher and compare the digests; if it is the same, ask the publisher which runtime it was made for.',
  severity: 'high',
  confidence: 'medium',
  references: ['CWE-400', 'CWE-119', 'https://onnxruntime.ai/docs/'],
  provisions: ['5.2.5-1'],
  example: ['onnx-probe/flood.onnx', 'onnx-probe/clean.onnx'],
  reads: ['check'],
  *check({ facts }) {
    for (const { name, outcome, what } of facts) {
      if (outcome !== 'broken') continue;
      if (name === 'runtime-survives') yield { message: what };
      else if (name === 'runtime-ends') yield { message: what, severity: 'medium' }; // a loop that never ends, or one that this machine is too slow for
    }
  },
});
