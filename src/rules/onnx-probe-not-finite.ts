// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'onnx-probe-not-finite',
  title: 'The model answers an ordinary input with NaN or infinity',
  why: 'Numbers between 0 and 1 (or small whole numbers) in, NaN or infinity out: weights are damaged or were edited, or the graph divides by nothing. Code behind it that compares the answer with a threshold gets "no" for everything.',
  fix: "Compare the weights with the publisher's digests, and look for NaN among them. Give the model real inputs before you conclude that it works.",
  severity: 'medium',
  confidence: 'medium',
  references: ['CWE-682', 'CWE-369'],
  provisions: ['5.2.5-1'],
  example: ['onnx-probe/not-finite.onnx', 'onnx-probe/clean.onnx'],
  reads: ['check'],
  *check({ facts }) {
    for (const { name, outcome, what } of facts) if (name === 'finite-output' && outcome === 'broken') yield { message: what };
  },
});
