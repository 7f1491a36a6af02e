// SPDX-License-Identifier: Apache-2.0
// TensorFlow graphs in the form that src/grammar/flow.ts follows.
import { plainBody, type Dialect } from '../../src/grammar/flow.ts';
import { emptyGraph, type Graph, type GraphNode } from '../../src/grammar/graph.ts';
import type { Library, TfGraph, TfNode } from './graph.ts';

const table = { table: 0, index: 1 };

/** Operators by their meaning (https://www.tensorflow.org/api_docs/python/tf/raw_ops). */
export const tensorflowDialect: Dialect = {
  learned: new Set([
    'Conv', 'Conv2D', 'Conv3D', 'Conv2DBackpropInput', 'Conv2DBackpropInputV2', 'Conv3DBackpropInput', 'Conv3DBackpropInputV2', 'DepthwiseConv2dNative', 'DepthwiseConv2dNativeBackpropInput', 'FusedPadConv2D',
    'FusedResizeAndPadConv2D', '_FusedConv2D', '_FusedDepthwiseConv2dNative', '_FusedMatMul', '_FusedBatchMatMulV2', 'MatMul', 'BatchMatMul', 'BatchMatMulV2', 'BatchMatMulV3', 'SparseMatMul',
    'SparseTensorDenseMatMul', 'SparseMatrixMatMul', 'Einsum', 'XlaEinsum', 'XlaDot', 'XlaDotV2', 'XlaConv', 'XlaConvV2', 'QuantizedConv2D', 'QuantizedMatMul', 'QuantizedMatMulWithBias',
    'QuantizedConv2DWithBias', 'QuantizedDepthwiseConv2D', 'UniformQuantizedDot', 'UniformQuantizedDotHybrid', 'UniformQuantizedConvolution', 'UniformQuantizedConvolutionHybrid', 'LSTMBlockCell', 'BlockLSTM',
    'BlockLSTMV2', 'GRUBlockCell', 'CudnnRNN', 'CudnnRNNV2', 'CudnnRNNV3', 'BoostedTreesPredict', 'TensorForestTreePredict', 'SimpleMLInferenceOp', 'SimpleMLInferenceOpWithHandle', 'TRTEngineOp', 'XlaCallModule',
  ]),
  lookups: new Map([
    ['Gather', table], ['GatherV2', table], ['GatherNd', table], ['ResourceGather', table], ['ResourceGatherNd', table], ['SparseSegmentSum', table], ['SparseSegmentMean', table], ['SparseSegmentSqrtN', table],
  ]),
  shapes: new Set(['Shape', 'ShapeN', 'Size', 'Rank', 'ZerosLike', 'OnesLike']),
  body: (operator) => {
    if (operator === 'If' || operator === 'StatelessIf' || operator === 'Case' || operator === 'StatelessCase') return { skipInputs: 1, skipOutputs: 0, deciding: 1 };
    if (operator === 'While' || operator === 'StatelessWhile') return { skipInputs: 0, skipOutputs: 0, deciding: 0, conditions: 1 };
    return plainBody;
  },
};

/** Functions that an operator runs on its own operands, the conditions of loops first. Others (of data sets) have other operands. */
const runs: Readonly<Record<string, readonly string[]>> = {
  PartitionedCall: ['f'], StatefulPartitionedCall: ['f'], RemoteCall: ['f'], TPUPartitionedCall: ['f'], BatchFunction: ['f'], If: ['then_branch', 'else_branch'], StatelessIf: ['then_branch', 'else_branch'],
  Case: ['branches[0]', 'branches[1]', 'branches[2]', 'branches[3]', 'branches[4]', 'branches[5]', 'branches[6]', 'branches[7]'],
  StatelessCase: ['branches[0]', 'branches[1]', 'branches[2]', 'branches[3]', 'branches[4]', 'branches[5]', 'branches[6]', 'branches[7]'],
  While: ['cond', 'body'], StatelessWhile: ['cond', 'body'],
};

/** Results of one call that are told apart. */
const mostResults = 256;

/** Where a text of a node's input leads: the node, and which of its results. */
export function sourceOf(input: string): { readonly node: string; readonly port: string; readonly index: number; readonly control: boolean } {
  const control = input.startsWith('^');
  const [node = '', ...rest] = (control ? input.slice(1) : input).split(':');
  const last = Number(rest.at(-1) ?? 0);
  return { node, port: rest.length > 1 ? rest[0]! : '', index: Number.isSafeInteger(last) && last >= 0 ? last : 0, control };
}

/** Turns graphs into the common form, each function once. */
export class Common {
  readonly #library: Library;
  readonly #made = new Map<string, Graph>();

  constructor(library: Library) {
    this.#library = library;
  }

  /** The main graph between tensors named as 'node:0'. */
  main(inputs: readonly string[], outputs: readonly string[]): Graph {
    const graph = emptyGraph();
    const byName = new Map(this.#library.main.nodes.map((node) => [node.name, node]));
    graph.inputs.push(...inputs.map((one) => this.#value(one, byName)));
    this.#fill(graph, this.#library.main, byName, new Set(graph.inputs));
    graph.outputs.push(...outputs.map((one) => this.#value(one, byName)));
    return graph;
  }

  #function(name: string): Graph | undefined {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const from = this.#library.functions.get(name);
    if (from === undefined) return undefined;
    const graph = emptyGraph();
    this.#made.set(name, graph); // before its nodes: a function may call itself
    const byName = new Map(from.nodes.map((node) => [node.name, node]));
    graph.inputs.push(...from.args);
    this.#fill(graph, from, byName, new Set(from.args));
    graph.outputs.push(...from.results.map((result) => this.#value(from.returns.get(result) ?? result, byName)));
    return graph;
  }

  #fill(graph: Graph, from: TfGraph, byName: ReadonlyMap<string, TfNode>, inputs: ReadonlySet<string>): void {
    for (const node of inOrder(from.nodes, byName)) {
      if (inputs.has(node.name)) continue; // a placeholder, or whatever is fed there
      if (node.op === 'Const') {
        graph.initializers.add(node.name);
        continue;
      }
      const given = node.inputs.filter((one) => !one.startsWith('^')).map((one) => this.#value(one, byName));
      const bodies = this.#bodies(node);
      const outputs = [node.name];
      if (bodies.length > 0) for (let i = 1; i < Math.min(mostResults, Math.max(...bodies.map((body) => body.outputs.length))); i += 1) outputs.push(`${node.name}:${i}`);
      graph.nodes.push({ operator: node.op, domain: '', inputs: given, outputs, bodies } satisfies GraphNode);
    }
  }

  #bodies(node: TfNode): Graph[] {
    const names = this.#library.functions.has(node.op) ? [node.op] : (runs[node.op] ?? []).flatMap((attribute) => node.functions[attribute] ?? []);
    return names.flatMap((name) => this.#function(name) ?? []);
  }

  /** Results of calls are told apart, those of other operators are one value. */
  #value(input: string, byName: ReadonlyMap<string, TfNode>): string {
    const { node, port, index } = sourceOf(input);
    const from = byName.get(node);
    if (from === undefined) return node;
    const own = this.#library.functions.get(from.op);
    if (own !== undefined) {
      const at = port === '' ? index : Math.max(0, own.results.indexOf(port));
      return at === 0 ? node : `${node}:${at}`;
    }
    return index === 0 || runs[from.op] === undefined ? node : `${node}:${index}`;
  }
}

/** Operands before operators where no cycle forbids it: graphs may list their nodes in any order. */
function inOrder(nodes: readonly TfNode[], byName: ReadonlyMap<string, TfNode>): TfNode[] {
  const out: TfNode[] = [];
  const seen = new Set<string>();
  for (const start of nodes) {
    if (seen.has(start.name)) continue;
    seen.add(start.name);
    const stack: { node: TfNode; next: number }[] = [{ node: start, next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.node.inputs[top.next];
      top.next += 1;
      if (input === undefined) {
        out.push(top.node);
        stack.pop();
        continue;
      }
      const name = sourceOf(input).node;
      const before = byName.get(name);
      if (before === undefined || seen.has(name)) continue;
      seen.add(name);
      stack.push({ node: before, next: 0 });
    }
  }
  return out;
}
