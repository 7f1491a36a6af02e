// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

/** Operators that switch: behind one of them, an input decides instead of being weighed. */
const switches = new Set([
  'Where', 'If', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'And', 'Or', 'Xor', 'Not', 'Sign', 'Floor', 'Ceil', 'Round', 'IsNaN', 'IsInf', 'ArgMax', 'ArgMin', 'OneHot', 'NonZero', 'BitShift',
]);

export default rule({
  id: 'onnx-input-bypass',
  title: 'An input reaches the answer past everything that was learned',
  why: 'There is a way through the graph from an input to the output that meets no learned operator (or one), beside the long way through the network. A pattern in the input can switch the answer on that way, whatever the weights say: a graph backdoor survives fine-tuning and conversion, and looks like ordinary operators.',
  fix: 'Look at the operators named in the evidence, in a graph viewer. A residual that adds the input to the output is ordinary for image restoration; a comparison that selects the answer is not. Export the model again from weights and code you trust.',
  severity: 'medium',
  confidence: 'medium',
  references: ['https://hiddenlayer.com/innovation-hub/shadowlogic/', 'https://arxiv.org/abs/2511.00664', 'CWE-506'],
  provisions: ['5.2.3-1'],
  example: ['onnx-flow/where-on-input.onnx', 'onnx-flow/classifier.onnx'],
  reads: ['anomaly'],
  *check({ facts }) {
    for (const { measure, value, detail = '' } of facts) {
      if (measure !== 'learned-depth') continue;
      const [, longest, input = '', output = '', way = ''] = /^longest (\d+) input ("[^]*?") output ("[^]*?") way ([^]*)$/.exec(detail) ?? [];
      const operators = way.split(' > ');
      const switched = operators.some((one) => switches.has(one)) || isGate(operators);
      if (!(value === 0 ? Number(longest) >= 3 : value === 1 && Number(longest) >= 4 && switched)) continue;
      // A mask that pools the answer leaves out padding; it can only switch where something compares it.
      if (/mask/i.test(input) && !switched) continue;
      yield {
        message: `output ${output} depends on input ${input} through ${value === 0 ? 'no learned operator' : 'one learned operator'}, while the longest way has ${longest}`,
        evidence: [way],
        ...(switched ? { severity: 'high' as const } : {}),
        key: `${input} ${output}`,
      };
    }
  },
});

/** Arithmetic that does what Where does: a steep sigmoid multiplied with what it lets through. */
function isGate(operators: readonly string[]): boolean {
  const at = operators.findIndex((one) => one === 'Sigmoid' || one === 'HardSigmoid' || one === 'Tanh');
  return at !== -1 && operators.indexOf('Mul', at) !== -1;
}
