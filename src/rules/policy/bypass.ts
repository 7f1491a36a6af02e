// SPDX-License-Identifier: Apache-2.0
import type { FactOf } from '../../model/fact.ts';
import type { Hit } from '../../model/rule.ts';

/** Operators that switch: behind one of them, an input decides instead of being weighed. Names in lower case, without '_' and a version at the end. */
const switches = new Set([
  'where', 'if', 'equal', 'greater', 'greaterorequal', 'less', 'lessorequal', 'and', 'or', 'xor', 'not', 'sign', 'floor', 'ceil', 'round', 'isnan', 'isinf', 'argmax', 'argmin', 'onehot', 'nonzero', 'bitshift',
  // TensorFlow, TFLite, OpenVINO
  'select', 'notequal', 'greaterequal', 'lessequal', 'logicaland', 'logicalor', 'logicalxor', 'logicalnot', 'approximateequal', 'rint', 'statelessif', 'case', 'statelesscase', 'switch', 'refswitch', 'stablehloselect', 'stablehlocompare', 'stablehlocase', 'ceiling', 'regexfullmatch',
  'staticregexfullmatch', 'stringequal',
]);

function plainName(operator: string): string {
  return operator.toLowerCase().replaceAll('_', '').replace(/v\d$/, '');
}

interface Way {
  readonly longest: number;
  readonly input: string;
  readonly output: string;
  readonly way: string;
}

function parsed(detail: string): Way {
  const [, longest, input = '', output = '', way = ''] = /^longest (\d+) input ("[^]*?") output ("[^]*?") way ([^]*)$/.exec(detail) ?? [];
  return { longest: Number(longest), input, output, way };
}

/** Ways from an input to an output that meet no learned operator, or few and then a gate, beside a long way's many. One hit for each pair. */
export function* bypasses(facts: readonly FactOf<'anomaly'>[]): Generator<Hit> {
  const told = new Set<string>();
  for (const { measure, value, detail = '' } of facts) {
    if (measure !== 'gated-branch') continue;
    const { longest, input, output, way } = parsed(detail);
    if (/mask|length/i.test(input)) continue; // what tells padding apart switches by its nature
    told.add(`${input} ${output}`);
    yield {
      message: `output ${output} depends on input ${input} through a side branch of ${value === 0 ? 'no learned operator' : `${value} learned operator${value === 1 ? '' : 's'}`} that ends in a gate over a constant, while the longest way has ${longest}`,
      evidence: [way], severity: 'high', key: `${input} ${output}`,
    };
  }
  for (const { measure, value, detail = '' } of facts) {
    if (measure !== 'learned-depth') continue;
    const { longest, input, output, way } = parsed(detail);
    if (told.has(`${input} ${output}`)) continue;
    const plain = way.split(' > ').map(plainName);
    const switched = plain.some((one) => switches.has(one)) || (value === 0 && isGate(plain));
    if (!(value === 0 ? longest >= 3 : value === 1 && longest >= 4 && switched)) continue;
    // A mask that pools the answer leaves out padding; it can only switch where something compares it.
    if (/mask/i.test(input) && !switched) continue;
    yield {
      message: `output ${output} depends on input ${input} through ${value === 0 ? 'no learned operator' : 'one learned operator'}, while the longest way has ${longest}`,
      evidence: [way],
      ...(switched ? { severity: 'high' as const } : {}),
      key: `${input} ${output}`,
    };
  }
}

/** Arithmetic that does what Where does: a steep sigmoid multiplied with what it lets through. */
function isGate(operators: readonly string[]): boolean {
  const at = operators.findIndex((one) => one === 'sigmoid' || one === 'hardsigmoid' || one === 'tanh' || one === 'logistic');
  return at !== -1 && (operators.indexOf('mul', at) !== -1 || operators.indexOf('multiply', at) !== -1);
}
