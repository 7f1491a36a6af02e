// SPDX-License-Identifier: Apache-2.0
// When an operator runs, and where a file name that it is given comes from.
import { clip } from '../../src/bytes/clip.ts';
import { sourceOf } from './dialect.ts';
import type { Library, TfGraph, TfNode } from './graph.ts';

/** Why a graph is run: while it is loaded, when weights are restored or saved, by a signature, by a function that callers may call. */
export type Occasion = 'load' | 'restore' | 'signature' | 'function';

/** A place where running begins: nodes of the main graph, or a function. */
export interface Root {
  readonly occasion: Occasion;
  readonly nodes?: readonly string[];
  readonly function?: string;
}

/** Functions that a node names in whatever attribute; data sets call theirs too. */
function called({ op, functions }: TfNode, library: Library): string[] {
  return [...(library.functions.has(op) ? [op] : []), ...Object.values(functions).filter((name) => library.functions.has(name))];
}

const key = (graph: string, node: string): string => `${graph}\0${node}`;

/** Occasions on which each node runs, by graph and node. */
export class Reach {
  readonly library: Library;
  readonly #by = new Map<string, Set<Occasion>>();
  readonly #index = new Map<string, ReadonlyMap<string, TfNode>>();

  constructor(library: Library, roots: readonly Root[]) {
    this.library = library;
    for (const root of roots) this.#walk(root);
  }

  of(graph: string, node: string): readonly Occasion[] {
    return [...(this.#by.get(key(graph, node)) ?? [])].toSorted();
  }

  nodes(graph: TfGraph): ReadonlyMap<string, TfNode> {
    let index = this.#index.get(graph.name);
    if (index === undefined) this.#index.set(graph.name, index = new Map(graph.nodes.map((node) => [node.name, node])));
    return index;
  }

  #walk({ occasion, nodes = [], function: name }: Root): void {
    const todo: { readonly graph: TfGraph; readonly node: string }[] = nodes.map((node) => ({ graph: this.library.main, node: sourceOf(node).node }));
    const enter = (one: string): void => {
      const graph = this.library.functions.get(one);
      if (graph === undefined) return;
      for (const end of [...graph.returns.values(), ...graph.controls]) todo.push({ graph, node: sourceOf(end).node });
      // What has an effect runs in a function although no result needs it.
      if (graph.controls.length === 0) for (const node of graph.nodes) todo.push({ graph, node: node.name });
    };
    if (name !== undefined) enter(name);
    for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
      const node = this.nodes(one.graph).get(one.node);
      if (node === undefined) continue;
      const place = key(one.graph.name, one.node);
      let occasions = this.#by.get(place);
      if (occasions === undefined) this.#by.set(place, occasions = new Set());
      if (occasions.has(occasion)) continue;
      occasions.add(occasion);
      for (const input of node.inputs) todo.push({ graph: one.graph, node: sourceOf(input).node });
      for (const inner of called(node, this.library)) enter(inner);
    }
  }
}

/** What a text operand is made of. */
export interface Traced {
  /** Constant texts on the way, in the order they were met. */
  readonly texts: readonly string[];
  /** Whether an argument or placeholder nobody fills in is on the way. */
  readonly argument: boolean;
  /** Whether it is a file of the model's own assets. */
  readonly asset: boolean;
  /** Operators that the text goes through, but for those that hand it on as it is. */
  readonly through: readonly string[];
}

const mostSteps = 500;
const mostTexts = 8;

/** Callers of each function, for arguments that come from outside. */
type Callers = ReadonlyMap<string, readonly { readonly graph: TfGraph; readonly node: TfNode }[]>;

export function callersOf(library: Library): Callers {
  const out = new Map<string, { graph: TfGraph; node: TfNode }[]>();
  for (const graph of [library.main, ...library.functions.values()]) {
    for (const node of graph.nodes) {
      for (const name of called(node, library)) {
        const list = out.get(name);
        if (list === undefined) out.set(name, [{ graph, node }]);
        else if (list.length < 8) list.push({ graph, node });
      }
    }
  }
  return out;
}

/** Follows an operand back through operators, arguments and callers. `assets` are nodes that the loader feeds with the paths of assets. */
export function trace(input: string, graph: TfGraph, reach: Reach, callers: Callers, assets: ReadonlySet<string>): Traced {
  const texts: string[] = [];
  const through = new Set<string>();
  let [argument, asset] = [false, false];
  const seen = new Set<string>();
  const todo = [{ graph, input }];
  for (let step = 0; step < mostSteps; step += 1) {
    const one = todo.pop();
    if (one === undefined) break;
    const { node: name } = sourceOf(one.input);
    if (seen.has(key(one.graph.name, name))) continue;
    seen.add(key(one.graph.name, name));
    if (one.graph.name === '' && assets.has(name)) {
      asset = true;
      continue;
    }
    const node = reach.nodes(one.graph).get(name);
    if (node === undefined) {
      const index = one.graph.args.indexOf(name);
      const from = index < 0 ? [] : (callers.get(one.graph.name) ?? []);
      if (from.length === 0) argument = true;
      for (const caller of from) {
        const given = caller.node.inputs.filter((text) => !text.startsWith('^'));
        // Branches are handed all operands but the one that decides.
        const skip = /^(Stateless)?(If|Case)$/.test(caller.node.op) ? 1 : 0;
        const operand = given[index + skip];
        if (operand === undefined) argument = true;
        else todo.push({ graph: caller.graph, input: operand });
      }
    } else if (node.op === 'Const') {
      if (node.constant?.dtype === 'STRING') for (const text of node.constant.texts) if (texts.length < mostTexts && text !== '') texts.push(clip(text, 160));
    } else if (/^(Placeholder|_Arg)/.test(node.op)) argument = true;
    else {
      if (node.op !== 'Identity' && through.size < mostTexts && called(node, reach.library).length === 0) through.add(clip(node.op, 40));
      for (const operand of node.inputs) if (!operand.startsWith('^')) todo.push({ graph: one.graph, input: operand });
    }
  }
  return { texts, argument, asset, through: [...through].toSorted() };
}
