// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'onnx-probe-random',
  title: 'The model answers the same input differently',
  why: 'Two runs on one input, on one thread, gave different answers. The graph draws random numbers: right for generators, wrong for a classifier, and a place where a trigger can hide from tests.',
  fix: 'Check whether the model is meant to be random (a sampler, a generative decoder). If it is not, look for Random* and Dropout operators in the graph.',
  severity: 'low',
  confidence: 'medium',
  references: ['https://onnx.ai/onnx/operators/onnx__RandomNormalLike.html'],
  provisions: ['5.2.5-1'],
  example: ['onnx-probe/random.onnx', 'onnx-probe/clean.onnx'],
  reads: ['check'],
  *check({ facts }) {
    for (const { name, outcome, what } of facts) if (name === 'repeatable-output' && outcome === 'broken') yield { message: what };
  },
});
