// SPDX-License-Identifier: Apache-2.0
import { isFormat } from '../model/artefact.ts';
import { rule } from '../model/rule.ts';
import { bypasses } from './policy/bypass.ts';

export default rule({
  id: 'graph-input-bypass',
  title: 'An input reaches the answer past everything that was learned',
  why: 'There is a way through the graph from an input to the output that meets no learned operator (or one), beside the long way through the network. A pattern in the input can switch the answer on that way, whatever the weights say: a graph backdoor survives fine-tuning and conversion, and looks like ordinary operators.',
  fix: 'Look at the operators named in the evidence, in a graph viewer. A residual that adds the input to the output is ordinary for image restoration; a comparison that selects the answer is not. Export the model again from weights and code you trust.',
  severity: 'medium',
  confidence: 'medium',
  references: ['https://hiddenlayer.com/innovation-hub/shadowlogic/', 'https://arxiv.org/abs/2511.00664', 'CWE-506'],
  provisions: ['5.2.3-1'],
  example: ['tensorflow/select-on-input.pb', 'tensorflow/classifier.pb'],
  reads: ['anomaly'],
  *check({ artefact, facts }) {
    if (isFormat(artefact, 'onnx')) return; // onnx-input-bypass tells of those
    yield* bypasses(facts);
    for (const { measure, detail = '' } of facts) {
      if (measure === 'graph-not-followed') yield { message: `whether an input bypasses the network cannot be told: ${detail}`, severity: 'low', key: measure };
    }
  },
});
