// SPDX-License-Identifier: Apache-2.0
// GraphDef, NodeDef, AttrValue, FunctionDef (tensorflow/core/framework/{graph,node_def,attr_value,function,op_def}.proto).
import { unsigned, type Field, type MessageRange, type ProtoReader } from '../../src/grammar/protobuf.ts';
import { dataType, readShape } from '../../src/grammar/tensorflow.ts';
import type { Span } from '../../src/model/span.ts';
import { readConstant, type Constant } from './tensor.ts';

/** An operator as it is written down. */
export interface TfNode {
  readonly name: string;
  readonly op: string;
  /** As written: 'node', 'node:1', 'node:output:0', '^node' for order only. */
  readonly inputs: readonly string[];
  readonly at: Span;
  /** Text attributes, by name. */
  readonly texts: Readonly<Record<string, string>>;
  /** Functions it names: attribute → function. */
  readonly functions: Readonly<Record<string, string>>;
  readonly constant?: Constant;
  /** Of a placeholder: type and shape. */
  readonly value?: string;
}

/** A graph of its own: the main one, or a function of the library. */
export interface TfGraph {
  /** '' for the main graph. */
  readonly name: string;
  readonly nodes: TfNode[];
  /** A function's arguments and results, in order; of a result, the value that it is. */
  readonly args: string[];
  readonly results: string[];
  /** Values of the results by their names, and nodes that must have run. */
  readonly returns: Map<string, string>;
  readonly controls: string[];
  /** More nodes than are kept. */
  cut: boolean;
}

export interface Library {
  readonly main: TfGraph;
  readonly functions: Map<string, TfGraph>;
}

export interface Reading {
  readonly reader: ProtoReader;
  readonly complain: (code: string, what: string, at: number) => void;
  /** A field that the protocol does not know. */
  readonly strange: (field: Field, of: string) => void;
  /** Called for each node, also those that are not kept. */
  readonly node: (node: TfNode, graph: TfGraph) => void;
}

/** Nodes of all graphs that are kept. */
const mostNodes = 300_000;
const mostInputs = 10_000;
const mostFunctions = 50_000;

export function emptyLibrary(): Library {
  return { main: emptyGraph(''), functions: new Map() };
}

function emptyGraph(name: string): TfGraph {
  return { name, nodes: [], args: [], results: [], returns: new Map(), controls: [], cut: false };
}

export class GraphReader {
  readonly #to: Reading;
  readonly #library: Library;
  #kept = 0;
  #read = 0;

  constructor(to: Reading, library: Library) {
    this.#to = to;
    this.#library = library;
  }

  /** GraphDef: node 1, library 2, version 3, versions 4, debug_info 5. */
  async graph(range: MessageRange): Promise<void> {
    const { reader } = this.#to;
    for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
      if (field.number === 1) await this.#node(reader.enter(field), this.#library.main);
      else if (field.number === 2) await this.#functions(reader.enter(field));
      else if (field.number > 5) this.#to.strange(field, 'GraphDef');
    }
  }

  /** FunctionDefLibrary: function 1, gradient 2, registered_gradients 3. */
  async #functions(range: MessageRange): Promise<void> {
    const { reader } = this.#to;
    for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
      if (field.number === 1) await this.#function(reader.enter(field));
      else if (field.number > 3) this.#to.strange(field, 'FunctionDefLibrary');
    }
  }

  /** FunctionDef: signature 1, node_def 3, ret 4, attr 5, control_ret 6, arg_attr 7, resource_arg_unique_id 8. */
  async #function(range: MessageRange): Promise<void> {
    const { reader } = this.#to;
    const begin = range.offset;
    // The name may stand behind the nodes, which are said with it.
    const graph = emptyGraph('') as { -readonly [K in keyof TfGraph]: TfGraph[K] };
    for (let pass = 0; pass < 2; pass += 1) {
      const again: MessageRange = { offset: begin, end: range.end };
      for (let field = await reader.next(again); field !== undefined; field = await reader.next(again)) {
        if (pass === 0 && field.number === 1) await this.#signature(reader.enter(field), graph);
        else if (pass === 1 && field.number === 3) await this.#node(reader.enter(field), graph);
        else if (pass === 1 && field.number === 4) graph.returns.set(...(await this.#pair(reader.enter(field))));
        else if (pass === 1 && field.number === 6) graph.controls.push((await this.#pair(reader.enter(field)))[1]);
        else if (pass === 1 && (field.number > 8 || field.number === 2)) this.#to.strange(field, 'FunctionDef');
      }
    }
    const { functions } = this.#library;
    if (functions.has(graph.name)) this.#to.complain('function-twice', `function ${graph.name} is defined more than once`, begin);
    else if (functions.size < mostFunctions) functions.set(graph.name, graph);
    else this.#to.complain('functions', `more than ${mostFunctions} functions`, begin);
  }

  /** OpDef: name 1, input_arg 2 { name 1 }, output_arg 3 { name 1 }. */
  async #signature(range: MessageRange, graph: { name: string; args: string[]; results: string[] }): Promise<void> {
    const { reader } = this.#to;
    for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
      if (field.number === 1) graph.name = await reader.text(field);
      else if ((field.number === 2 || field.number === 3) && graph.args.length + graph.results.length < mostInputs) {
        const inner = reader.enter(field);
        for (let part = await reader.next(inner); part !== undefined; part = await reader.next(inner)) {
          if (part.number === 1) (field.number === 2 ? graph.args : graph.results).push(await reader.text(part));
        }
      }
    }
  }

  async #pair(range: MessageRange): Promise<[string, string]> {
    const { reader } = this.#to;
    let [key, value] = ['', ''];
    for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
      if (field.number === 1) key = await reader.text(field);
      else if (field.number === 2) value = await reader.text(field);
    }
    return [key, value];
  }

  /** NodeDef: name 1, op 2, input 3, device 4, attr 5, experimental_debug_info 6, experimental_type 7. */
  async #node(range: MessageRange, graph: TfGraph): Promise<void> {
    const { reader } = this.#to;
    const at: Span = [range.offset, range.end];
    this.#read += 1;
    if (this.#read % 1024 === 0) reader.source.budget.tick();
    let [name, op] = ['', ''];
    const inputs: string[] = [];
    const texts: Record<string, string> = Object.create(null) as Record<string, string>;
    const functions: Record<string, string> = Object.create(null) as Record<string, string>;
    const found: { constant?: Constant; type?: string; shape?: string } = {};
    for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
      if (field.number === 1) name = await reader.text(field);
      else if (field.number === 2) op = await reader.text(field);
      else if (field.number === 3 && inputs.length < mostInputs) inputs.push(await reader.text(field));
      else if (field.number === 5) await this.#attribute(reader.enter(field), texts, functions, found);
      else if (field.number > 7) this.#to.strange(field, 'NodeDef');
    }
    const node: TfNode = {
      name, op, inputs, at, texts, functions,
      ...(found.constant === undefined ? {} : { constant: found.constant }),
      ...(op.startsWith('Placeholder') ? { value: `${found.type ?? '?'}${found.shape ?? ''}` } : {}),
    };
    this.#to.node(node, graph);
    this.#kept += 1;
    if (this.#kept <= mostNodes) graph.nodes.push(node);
    else graph.cut = true;
  }

  /** A map entry: key 1, AttrValue 2 { list 1, s 2, type 6, shape 7, tensor 8, func 10 }; ListValue { s 2, tensor 8, func 9 }. */
  async #attribute(range: MessageRange, texts: Record<string, string>, functions: Record<string, string>, found: { constant?: Constant; type?: string; shape?: string }): Promise<void> {
    const { reader } = this.#to;
    let key = '';
    const values: Field[] = [];
    for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
      if (field.number === 1) key = await reader.text(field, 256);
      else if (field.number === 2 && values.length < 4) values.push(field);
    }
    const few = (record: Record<string, string>): boolean => Object.keys(record).length < 64;
    for (const value of values) {
      const inner = reader.enter(value);
      for (let part = await reader.next(inner); part !== undefined; part = await reader.next(inner)) {
        if (part.number === 2 && few(texts)) texts[key] = await reader.text(part, 512);
        else if (part.number === 6 && (key === 'dtype' || key === 'T')) found.type = dataType(unsigned(part)).name;
        else if (part.number === 7 && key === 'shape') found.shape = shapeText(await readShape(reader, reader.enter(part)));
        else if (part.number === 8 && part.wire === 2) found.constant = await readConstant(reader, reader.enter(part), this.#to.complain);
        else if (part.number === 10 && few(functions)) functions[key] = await this.#named(reader.enter(part));
        else if (part.number === 1 && part.wire === 2) await this.#list(reader.enter(part), key, texts, functions, few);
      }
    }
  }

  async #list(range: MessageRange, key: string, texts: Record<string, string>, functions: Record<string, string>, few: (record: Record<string, string>) => boolean): Promise<void> {
    const { reader } = this.#to;
    let index = 0;
    for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
      // Lists of texts are joined, so that a URL anywhere in debug_urls is seen.
      if (field.number === 2 && few(texts)) texts[key] = `${texts[key] === undefined ? '' : `${texts[key]} `}${await reader.text(field, 256)}`.slice(0, 1024);
      else if (field.number === 9 && few(functions)) {
        functions[`${key}[${index}]`] = await this.#named(reader.enter(field));
        index += 1;
      }
    }
  }

  async #named(range: MessageRange): Promise<string> {
    const { reader } = this.#to;
    for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) if (field.number === 1) return reader.text(field);
    return '';
  }
}

export function shapeText(dims: readonly bigint[] | undefined): string {
  return dims === undefined ? '[…]' : `[${dims.slice(0, 32).map((size) => (size < 0n ? '?' : String(size))).join(',')}]`;
}
