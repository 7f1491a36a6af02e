// SPDX-License-Identifier: Apache-2.0
import type { Graph, GraphNode } from './graph.ts';

/** Operators that make whole numbers of data (the first result; the second says how large one of them is), and those that multiply these with weights. */
export interface Quantises {
  readonly operators: ReadonlySet<string>;
  readonly products: ReadonlySet<string>;
}

/** The operand of a multiplication that is a scale, and the values that must be constants for it. */
export interface Rescaling {
  readonly operand: number;
  readonly constants: readonly string[];
}

/**
 * Multiplications that only give the product of quantised data its size again (ONNX Runtime's dynamic quantisation: DynamicQuantizeLinear, MatMulInteger
 * or ConvInteger, Cast, and Mul by the scale of the very data that was multiplied). Along the scale nothing reaches the result that the product does
 * not decide as well: it is no way past the weights.
 */
export function rescalings({ nodes }: Graph, quantises: Quantises | undefined): Map<GraphNode, Rescaling> {
  const found = new Map<GraphNode, Rescaling>();
  if (quantises === undefined || !nodes.some(({ operator }) => quantises.operators.has(operator))) return found;
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const dataOf = (scale: string): string | undefined => {
    const maker = makers.get(scale);
    return maker !== undefined && quantises.operators.has(maker.operator) && maker.outputs[1] === scale ? maker.outputs[0] : undefined;
  };
  for (const node of nodes) {
    if (node.operator !== 'Mul' || node.inputs.length !== 2) continue;
    for (const operand of [0, 1]) {
      const cast = makers.get(node.inputs[1 - operand]!);
      const product = cast?.operator === 'Cast' ? makers.get(cast.inputs[0] ?? '') : undefined;
      if (product === undefined || !quantises.products.has(product.operator)) continue;
      // The scale of the data, alone or multiplied with that of the other operand: a constant for weights.
      const scale = node.inputs[operand]!;
      const both = makers.get(scale);
      const factors = both?.operator === 'Mul' ? both.inputs : [scale];
      const data = factors.flatMap((factor) => dataOf(factor) ?? []);
      const constants = factors.filter((factor) => dataOf(factor) === undefined);
      if (data.length > 0 && data.every((one) => product.inputs.slice(0, 2).includes(one))) found.set(node, { operand, constants });
    }
  }
  return found;
}
