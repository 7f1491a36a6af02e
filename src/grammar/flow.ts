// SPDX-License-Identifier: Apache-2.0
// How data flows from a model's inputs to its outputs, whatever format the graph is written in.
import { clip } from '../bytes/clip.ts';
import type { Graph, GraphNode } from './graph.ts';
import { rescalings, type Quantises, type Rescaling } from './rescaling.ts';

/** What the operators of a format mean, as far as it matters here. */
export interface Dialect {
  /** Operators that apply learned weights: one operand is data, another is none. */
  readonly learned: ReadonlySet<string>;
  /** Those that look rows up: learned where the table (operand `table`) is no data and the other one is. */
  readonly lookups: ReadonlyMap<string, { readonly table: number; readonly index: number }>;
  readonly quantises?: Quantises;
  /** What leaves of data is its shape. */
  readonly shapes: ReadonlySet<string>;
  /** How operands and results of an operator with subgraphs, or that calls a function, are those of the bodies. */
  readonly body: (operator: string) => Body;
}

/** Operands before `skipInputs` are not handed in, results of the body before `skipOutputs` not handed out; the first `deciding` operands decide what runs. */
export interface Body {
  readonly skipInputs: number;
  readonly skipOutputs: number;
  readonly deciding: number;
  /** Bodies whose results are not the operator's: the conditions of loops. */
  readonly conditions?: number;
}

/** A call: operands and results one for one. */
export const plainBody: Body = { skipInputs: 0, skipOutputs: 0, deciding: 0 };

/**
 * Between an input and an output: the fewest learned operators on a way, and in words the most and the way. A 'gated-branch' is a way that
 * is short in itself, passes a gate, is multiplied with or chooses a constant, and only then meets the long way, behind all that was learned.
 */
export interface LearnedDepth {
  readonly measure: 'learned-depth' | 'gated-branch';
  readonly value: number;
  readonly detail: string;
}

/** Nodes walked, those of functions and subgraphs each time they are used. */
const mostVisits = 2_000_000;
const deepest = 64;
const mostOutputs = 64;
/** Operators of a way that are named. */
const named = 24;

/** How many learned operators lie between one data input and a value, on the shortest and on the longest way. */
interface Way {
  readonly min: number;
  readonly max: number;
  /** The last operator of the shortest way, and how it came there; the input's name at its beginning. */
  readonly operator: string;
  readonly before: Way | undefined;
  readonly gate: Gate;
  /** Another way, that ends here behind a gate. */
  readonly gated: Way | undefined;
}

/** Since the last learned operator: nothing; squeezed or compared; and then a constant scaled or chosen by it. */
type Gate = 'open' | 'squeezed' | 'chosen';

/** Learned operators that a gated branch may have, and how many more the way has that it meets. */
const branch = { most: 3, fewer: 3 } as const;

const names = (text: string): ReadonlySet<string> => new Set(text.split(' '));
/** Operators after which a number says yes or no. Names in lower case, without '_' and a version at the end. */
const squeezes = names('sigmoid hardsigmoid logistic tanh hardtanh clip clamp min max minimum maximum relu6 softmax hardmax exp erf sign step '
  + 'equal notequal greater greaterorequal greaterequal less lessorequal lessequal and or xor not logicaland logicalor logicalxor logicalnot isnan isinf argmax argmin topk onehot nonzero floor ceil round mod bitshift');
const scales = names('mul multiply div divide where select gather pow');
/** What puts a branch and the long way together. */
const meets = names('add sub subtract sum max min maximum minimum where select mul multiply scatternd scatterelements scatter if case');

function plainName(operator: string): string {
  return operator.toLowerCase().replaceAll('_', '').replace(/v\d$/, '');
}

/** Ways from each data input, in the order of the graph's inputs; undefined where none leads. Never empty. */
type Depth = readonly (Way | undefined)[];
type Values = Map<string, Depth>;

/** Inputs that are told apart; caches of decoders have hundreds, which count as one more. */
const mostInputs = 8;

/**
 * Follows data through a graph, its subgraphs and the model's own functions. For each input and output: the smallest
 * number of learned operators on a way between them, and the largest. A model whose answer an input reaches past all that
 * was learned can be switched by that input (ShadowLogic: HiddenLayer 2024). Undefined when the graph is too large.
 */
export function learnedDepths(graph: Graph, functions: ReadonlyMap<string, Graph>, dialect: Dialect): LearnedDepth[] | undefined {
  const flow = new Flow(functions, dialect);
  const values: Values = new Map();
  const inputs = graph.inputs.filter((input) => !graph.initializers.has(input));
  inputs.forEach((input, index) => {
    const ways: (Way | undefined)[] = Array.from({ length: Math.min(inputs.length, mostInputs + 1) });
    ways[Math.min(index, mostInputs)] = { min: 0, max: 0, operator: input, before: undefined, gate: 'open', gated: undefined };
    values.set(input, ways);
  });
  flow.through(graph, values, undefined, 0);
  if (flow.exhausted) return undefined;
  return graph.outputs.slice(0, mostOutputs).flatMap((output) => (values.get(output) ?? []).slice(0, mostInputs).flatMap((way): LearnedDepth[] => (
    way === undefined ? [] : [
      { measure: 'learned-depth', value: way.min, detail: detailOf(output, way) },
      ...(way.gated === undefined ? [] : [{ measure: 'gated-branch' as const, value: way.gated.min, detail: detailOf(output, way.gated) }]),
    ]
  )));
}

function detailOf(output: string, depth: Way): string {
  const way: string[] = [];
  let one = depth;
  for (; one.before !== undefined; one = one.before) way.push(one.operator);
  way.reverse(); // a hundred thousand put in front one by one would take for ever
  const shown = way.length > named ? [...way.slice(0, named / 2), '…', ...way.slice(-named / 2)] : way;
  return `longest ${depth.max} input ${JSON.stringify(clip(one.operator, 60))} output ${JSON.stringify(clip(output, 60))} way ${shown.map((operator) => clip(operator, 60)).join(' > ')}`;
}

class Flow {
  readonly #functions: ReadonlyMap<string, Graph>;
  readonly #dialect: Dialect;
  readonly #rescaling = new WeakMap<GraphNode, Rescaling>();
  #visits = 0;
  exhausted = false;

  constructor(functions: ReadonlyMap<string, Graph>, dialect: Dialect) {
    this.#functions = functions;
    this.#dialect = dialect;
  }

  /** Fills in the depths of a graph's values; names that it does not define are the outer graph's. */
  through(graph: Graph, values: Values, outer: ((name: string) => Depth | undefined) | undefined, level: number): void {
    const own = new Set([...graph.initializers, ...graph.inputs, ...graph.nodes.flatMap(({ outputs }) => outputs)]);
    this.#visits += own.size;
    for (const [node, rescaling] of rescalings(graph, this.#dialect.quantises)) this.#rescaling.set(node, rescaling);
    const find = (name: string): Depth | undefined => (own.has(name) || outer === undefined ? values.get(name) : outer(name));
    // Nodes should stand in order; a second pass serves graphs that do not, and loops.
    for (let pass = 0; pass < 2; pass += 1) {
      for (const node of graph.nodes) {
        this.#visits += 1;
        if (this.#visits > mostVisits || level > deepest) {
          this.exhausted = true;
          return;
        }
        this.#node(node, values, find, level);
      }
    }
  }

  #node(node: GraphNode, values: Values, find: (name: string) => Depth | undefined, level: number): void {
    if (this.#dialect.shapes.has(node.operator) && node.domain === '') return;
    const given = node.inputs.map((name) => (name === '' ? undefined : find(name)));
    const called = this.#functions.get(`${node.domain}\0${node.operator}`);
    if (called !== undefined) return this.#body(node, called, values, given, () => undefined, plainBody, true, level); // a function sees nothing but its inputs
    if (node.bodies.length > 0) {
      const body = this.#dialect.body(node.operator);
      node.bodies.forEach((one, index) => this.#body(node, one, values, given, find, body, index >= (body.conditions ?? 0), level));
      return;
    }
    const rescaling = this.#rescaling.get(node);
    const scale = rescaling?.constants.every((name) => find(name) === undefined) === true ? rescaling.operand : undefined;
    const depth = scale === undefined ? joined(given, node, isLearned(this.#dialect, node, given) ? 1 : 0)
      : joined(given.with(scale, undefined), { operator: node.operator, inputs: node.inputs.with(scale, '') }, 0);
    if (depth !== undefined) for (const output of node.outputs) set(values, output, depth);
  }

  /** A subgraph or function. What decides whether it runs flows into all outputs; of a condition, only that its operands are walked matters. */
  #body(node: GraphNode, body: Graph, values: Values, given: readonly (Depth | undefined)[], outer: (name: string) => Depth | undefined, { skipInputs, skipOutputs, deciding }: Body, hasResults: boolean, level: number): void {
    const inner: Values = new Map();
    if (Number.isFinite(skipInputs)) {
      body.inputs.forEach((name, index) => {
        const depth = given[index + skipInputs];
        if (depth !== undefined) inner.set(name, depth);
      });
    }
    this.through(body, inner, outer, level + 1);
    const own = new Set([...body.initializers, ...body.inputs, ...body.nodes.flatMap(({ outputs }) => outputs)]);
    const result = (name: string | undefined): Depth | undefined => (name === undefined ? undefined : own.has(name) ? inner.get(name) : outer(name));
    // A condition's one result decides how often the loop runs.
    const decisions = hasResults ? given.slice(0, deciding) : [result(body.outputs[0])];
    node.outputs.forEach((output, index) => {
      const depth = joined([...decisions, hasResults ? result(body.outputs[index + skipOutputs]) : undefined], { operator: node.operator, inputs: [] }, 0);
      if (depth !== undefined) set(values, output, depth);
    });
  }
}

function isLearned({ learned, lookups }: Dialect, { operator, inputs }: GraphNode, given: readonly (Depth | undefined)[]): boolean {
  const lookup = lookups.get(operator);
  if (lookup !== undefined) return given[lookup.table] === undefined && given[lookup.index] !== undefined;
  if (!learned.has(operator)) return false;
  return inputs.length < 2 || given.some((depth, index) => depth === undefined && inputs[index] !== '');
}

/** The ways behind an operator. `given` holds those of its operands, undefined for constants and for operands that are absent. */
function joined(given: readonly (Depth | undefined)[], { operator, inputs }: Pick<GraphNode, 'operator' | 'inputs'>, more: number): Depth | undefined {
  const depths = given.filter((one) => one !== undefined);
  const [first] = depths;
  if (first === undefined) return undefined;
  const name = plainName(operator);
  const constant = given.some((one, index) => one === undefined && inputs[index] !== undefined && inputs[index] !== '');
  return first.map((_, input): Way | undefined => {
    const ways = depths.flatMap((depth) => depth[input] ?? []);
    let [shortest] = ways;
    if (shortest === undefined) return undefined;
    let max = 0;
    for (const way of ways) {
      if (way.min < shortest.min) shortest = way;
      max = Math.max(max, way.max);
    }
    const gated = more > 0 ? undefined : gatedWay(ways, { name, operator, constant });
    return { min: shortest.min + more, max: max + more, operator, before: shortest, gate: more > 0 ? 'open' : gateAfter(shortest, name, constant), gated };
  });
}

function gateAfter({ gate }: Way, name: string, constant: boolean): Gate {
  if (gate !== 'open' && constant && scales.has(name)) return 'chosen';
  return gate === 'open' && squeezes.has(name) ? 'squeezed' : gate;
}

/** A gated way that comes in, or one that is made here: a short branch behind a gate meets what is much longer. */
function gatedWay(ways: readonly Way[], { name, operator, constant }: { readonly name: string; readonly operator: string; readonly constant: boolean }): Way | undefined {
  const known = ways.find(({ gated }) => gated !== undefined)?.gated;
  if (known !== undefined) return { ...known, operator, before: known };
  if (!meets.has(name)) return undefined;
  const longest = Math.max(...ways.map(({ max }) => max)); // of the same input: another one may well be shallow, such as a rate or a state
  // A choice between a constant and the long way needs no constant before; multiplying needs one, or every gated unit would be meant.
  const chooses = name === 'if' || name === 'case' || ((name === 'where' || name === 'select') && constant) || name.startsWith('scatter');
  const short = ways.find((way) => (way.gate === 'chosen' || (way.gate === 'squeezed' && chooses)) && way.max <= branch.most && longest >= way.max + branch.fewer);
  return short === undefined ? undefined : { min: short.min, max: longest, operator, before: short, gate: 'open', gated: undefined };
}

/** Branches and loops set a value more than once. */
function set(values: Values, name: string, depth: Depth): void {
  const known = values.get(name);
  values.set(name, known === undefined ? depth : depth.map((way, input): Way | undefined => {
    const other = known[input];
    if (way === undefined || other === undefined) return way ?? other;
    const shorter = way.min < other.min ? way : other;
    const gated = way.gated ?? other.gated;
    return shorter.max >= Math.max(way.max, other.max) && shorter.gated === gated ? shorter : { ...shorter, max: Math.max(way.max, other.max), gated };
  }));
}
