// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'onnx-probe-row-leak',
  title: 'A row of a batch changes the answer to its neighbour',
  why: 'The model answers a row differently when another row stands beside it in the batch. Served to several users at once, one of them can read or steer what another is answered: architectural backdoors do this on purpose, normalisation over the batch does it by mistake.',
  fix: 'Do not batch requests of different users with this model. Export it in inference mode; if that changes nothing, find the operator that mixes rows and ask its author why.',
  severity: 'medium',
  confidence: 'medium',
  references: ['https://arxiv.org/abs/2505.18323', 'CWE-488'],
  provisions: ['5.2.5-1'],
  example: ['onnx-probe/row-leak.onnx', 'onnx-probe/clean.onnx'],
  reads: ['check'],
  *check({ facts }) {
    for (const { name, outcome, what } of facts) if (name === 'row-independence' && outcome === 'broken') yield { message: what };
  },
});
