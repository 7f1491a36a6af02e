// SPDX-License-Identifier: Apache-2.0
// Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
import { clip } from '../../src/bytes/clip.ts';
import { LimitReached, Malformed } from '../../src/bytes/errors.ts';
import { learnedDepths } from '../../src/grammar/flow.ts';
import { emptyGraph, type Graph, type GraphNode } from '../../src/grammar/graph.ts';
import { unsigned, type Field, type MessageRange, type ProtoReader } from '../../src/grammar/protobuf.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';
import type { Span } from '../../src/model/span.ts';
import { External, outsideOf } from './external.ts';
import { onnxDialect } from './dialect.ts';
import { Operators } from './operators.ts';
import { dataTypes, readEntry, readTensor } from './tensor.ts';

export type Said = FactOf<'claim' | 'region' | 'tensor' | 'node' | 'link' | 'anomaly' | 'malformed'>;

/** Graphs inside attributes of nodes inside graphs; real models stay below ten. */
const deepest = 64;
const mostMetadata = 1000;
/** Unknown fields whose bytes are left unclaimed. */
const mostUnknown = 1000;
/** Attributes of a node that are put off until its name is known. */
const mostPutOff = 1000;
/** Nodes, subgraphs' included, that are kept to follow data through them. */
const mostKept = 300_000;
/** Facts of one code. */
const shown = 20;

const documented: Readonly<Record<string, ClaimField>> = {
  model_author: 'author', author: 'author', model_license: 'licence', license: 'licence', description: 'description', name: 'name', url: 'url', version: 'version',
};

/** Walks one ModelProto and collects what it says. Facts are in `facts` even when reading breaks off. */
export class ModelReader {
  readonly facts: Said[] = [];
  readonly #reader: ProtoReader;
  readonly #operators = new Operators();
  readonly #external = new External();
  readonly #values: { field: 'input' | 'output'; name: string; value: string; at: Span }[] = [];
  readonly #initializers = new Set<string>();
  readonly #unknown: Span[] = [];
  readonly #counts = new Map<string, number>();
  #producer = '';
  #metadata = 0;
  #graphs = 0;
  #flow: Graph | undefined;
  readonly #functions = new Map<string, Graph>();
  #kept = 0;

  constructor(reader: ProtoReader) {
    this.#reader = reader;
  }

  async read(): Promise<void> {
    const { size } = this.#reader.source;
    const range: MessageRange = { offset: 0, end: size };
    let end = size;
    let strange: number | undefined; // where a run of unknown fields began that no known one has followed yet
    for (;;) {
      const at = range.offset;
      let field: Field | undefined;
      try {
        field = await this.#reader.next(range);
      } catch (error) {
        if (!(error instanceof Malformed) || this.#graphs === 0) throw error;
        // behind a whole model: what follows is no part of it, and is looked at as unclaimed bytes
        end = strange ?? at;
        this.complain('trailing-bytes', `${size - end} bytes behind the model are no fields of it: ${error.message}`, end);
        break;
      }
      if (field === undefined) break;
      const known = await this.#model(field);
      strange = known ? undefined : (strange ?? field.at);
    }
    this.#finish(end);
  }

  readonly complain = (code: string, what: string, at: number): void => {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= shown) this.facts.push({ kind: 'malformed', code: `onnx/${code}`, what: clip(what, 400), at: [at, at] });
    else if (count === shown + 1) this.facts.push({ kind: 'malformed', code: `onnx/${code}`, what: 'and more of the same' });
  };

  /** ModelProto. False for a field that onnx.proto does not know. */
  async #model(field: Field): Promise<boolean> {
    const text = (): Promise<string> => this.#reader.text(field);
    switch (field.number) {
      case 1: this.#claim('format-version', String(unsigned(field)), field); break;
      case 2: this.#producer = `${await text()}${this.#producer}`; break;
      case 3: this.#producer = `${this.#producer} ${await text()}`; break;
      case 4: this.#claim('metadata', `domain=${await text()}`, field); break;
      case 5: if (unsigned(field) !== 0) this.#claim('version', String(unsigned(field)), field); break;
      case 6: this.#claim('description', await text(), field); break;
      case 7: this.#graphs += 1; this.#flow = await this.#graph(this.#reader.enter(field), 0, true); break;
      case 8: await this.#opset(field); break;
      case 14: await this.#entry(field); break;
      case 20: await this.#training(this.#reader.enter(field)); break;
      case 25: await this.#function(this.#reader.enter(field)); break;
      case 26: break; // device configurations
      default: this.#strange(field); return false;
    }
    return true;
  }

  async #graph(range: MessageRange, depth: number, main: boolean): Promise<Graph> {
    const begin = range.offset;
    const graph = emptyGraph();
    if (depth > deepest) throw new Malformed('onnx/depth', `graphs nest deeper than ${deepest} levels`, begin);
    let index = 0;
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      index += 1;
      if (index % 1024 === 0) this.#reader.source.budget.tick();
      switch (field.number) {
        case 1: await this.#node(this.#reader.enter(field), depth, graph); break;
        case 2: if (main) this.#claim('metadata', `graph=${await this.#reader.text(field)}`, field); break;
        case 5: graph.initializers.add(await this.#tensor(this.#reader.enter(field), `initializer ${index}`, main)); break;
        case 10: this.#claim('metadata', `doc_string=${await this.#reader.text(field)}`, field); break;
        case 11: graph.inputs.push(await this.#value('input', this.#reader.enter(field), main)); break;
        case 12: graph.outputs.push(await this.#value('output', this.#reader.enter(field), main)); break;
        case 13: case 14: break;
        case 15: await this.#sparse(this.#reader.enter(field), `sparse initializer ${index}`); break;
        case 16: await this.#entry(field); break;
        default: this.#strange(field);
      }
    }
    return graph;
  }

  async #node(range: MessageRange, depth: number, graph: Graph): Promise<void> {
    const at: Span = [range.offset, range.end];
    let [operator, domain, name] = ['', '', ''];
    const attributes: MessageRange[] = [];
    const [inputs, outputs, bodies]: [string[], string[], Graph[]] = [[], [], []];
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 1) inputs.push(await this.#reader.text(field));
      else if (field.number === 2) outputs.push(await this.#reader.text(field));
      else if (field.number === 3) name = await this.#reader.text(field);
      else if (field.number === 4) operator = await this.#reader.text(field);
      else if (field.number === 5) {
        if (attributes.length < mostPutOff) attributes.push(this.#reader.enter(field));
        else await this.#attribute(this.#reader.enter(field), clip(name, 80), depth, bodies);
      }
      else if (field.number === 7) domain = await this.#reader.text(field);
      else if (field.number > 10) this.#strange(field);
    }
    this.#operators.add(operator, domain, name, at);
    for (const attribute of attributes) await this.#attribute(attribute, clip(name === '' ? operator : name, 80), depth, bodies);
    this.#kept += 1;
    if (this.#kept <= mostKept) graph.nodes.push({ operator, domain, inputs, outputs, bodies } satisfies GraphNode);
  }

  /** AttributeProto: tensors and graphs may hide in any of them, whatever its declared type (field 20) says. */
  async #attribute(range: MessageRange, node: string, depth: number, bodies: Graph[]): Promise<void> {
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 5 || field.number === 10) await this.#tensor(this.#reader.enter(field), `attribute of ${node}`, false);
      else if (field.number === 6 || field.number === 11) bodies.push(await this.#graph(this.#reader.enter(field), depth + 1, false));
      else if (field.number === 22 || field.number === 23) await this.#sparse(this.#reader.enter(field), `sparse attribute of ${node}`);
      else if (field.number > 23) this.#strange(field);
    }
  }

  async #tensor(range: MessageRange, fallback: string, main: boolean): Promise<string> {
    const begin = range.offset;
    const tensor = await readTensor(this.#reader, range, fallback, this.complain);
    if (main) this.#initializers.add(tensor.name);
    const outside = outsideOf(tensor);
    this.#say({ kind: 'tensor', name: clip(tensor.name), dtype: tensor.dtype, shape: tensor.shape, ...(outside === undefined ? {} : { outside }), at: tensor.at });
    if (tensor.external.length > 0) this.#external.add(tensor, begin, this.complain);
    return tensor.name;
  }

  async #sparse(range: MessageRange, fallback: string): Promise<void> {
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 1 || field.number === 2) await this.#tensor(this.#reader.enter(field), fallback, false);
    }
  }

  /** FunctionProto: name 1, input 4, output 5, node 7, domain 10. */
  async #function(range: MessageRange): Promise<void> {
    let [name, domain] = ['', ''];
    const graph = emptyGraph();
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 1) name = await this.#reader.text(field);
      else if (field.number === 4) graph.inputs.push(await this.#reader.text(field));
      else if (field.number === 5) graph.outputs.push(await this.#reader.text(field));
      else if (field.number === 7) await this.#node(this.#reader.enter(field), 0, graph);
      else if (field.number === 10) domain = await this.#reader.text(field);
      else if (field.number === 11) await this.#attribute(this.#reader.enter(field), 'a function', 0, []);
    }
    this.#operators.define(name, domain);
    this.#functions.set(`${domain}\0${name}`, graph);
  }

  async #training(range: MessageRange): Promise<void> {
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 1 || field.number === 2) await this.#graph(this.#reader.enter(field), 0, false);
    }
  }

  async #opset(field: Field): Promise<void> {
    const range = this.#reader.enter(field);
    let [domain, version] = ['', 0];
    for (let part = await this.#reader.next(range); part !== undefined; part = await this.#reader.next(range)) {
      if (part.number === 1) domain = await this.#reader.text(part);
      else if (part.number === 2) version = unsigned(part);
    }
    this.#claim('metadata', `opset_import=${domain === '' ? 'ai.onnx' : domain} ${version}`, field);
  }

  async #entry(field: Field): Promise<void> {
    const [key, value] = await readEntry(this.#reader, this.#reader.enter(field));
    this.#claim('metadata', `${clip(key, 80)}=${value}`, field);
    if (Object.hasOwn(documented, key) && value !== '') this.#claim(documented[key]!, value, field);
  }

  /** ValueInfoProto: name 1, type 2 { tensor_type 1 { elem_type 1, shape 2 { dim 1 { dim_value 1, dim_param 2 } } } }. */
  async #value(field: 'input' | 'output', range: MessageRange, main: boolean): Promise<string> {
    const at: Span = [range.offset, range.end];
    let name = '';
    let type = '?';
    const walk = async (inner: MessageRange, level: 'value' | 'type' | 'tensor' | 'shape', dims: string[]): Promise<void> => {
      for (let part = await this.#reader.next(inner); part !== undefined; part = await this.#reader.next(inner)) {
        if (level === 'value' && part.number === 1) name = await this.#reader.text(part);
        else if (level === 'value' && part.number === 2) await walk(this.#reader.enter(part), 'type', dims);
        else if (level === 'type' && part.number === 1) await walk(this.#reader.enter(part), 'tensor', dims);
        else if (level === 'tensor' && part.number === 1) type = dataTypes.get(unsigned(part))?.[0] ?? '?';
        else if (level === 'tensor' && part.number === 2) await walk(this.#reader.enter(part), 'shape', dims);
        else if (level === 'shape' && part.number === 1 && dims.length < 64) dims.push(await this.#dimension(this.#reader.enter(part)));
      }
    };
    const dims: string[] = [];
    await walk(range, 'value', dims);
    if (main && this.#values.length < mostMetadata) this.#values.push({ field, name, value: `${clip(name, 120)}: ${type}[${dims.join(',')}]`, at });
    return name;
  }

  async #dimension(range: MessageRange): Promise<string> {
    let dimension = '?';
    for (let part = await this.#reader.next(range); part !== undefined; part = await this.#reader.next(range)) {
      if (part.number === 1) dimension = String(unsigned(part));
      else if (part.number === 2) dimension = clip(await this.#reader.text(part), 40);
    }
    return dimension;
  }

  /** Where data flows; a graph that is too large to follow says so. */
  #depths(): FactOf<'anomaly'>[] {
    const depths = this.#kept > mostKept || this.#flow === undefined ? undefined : learnedDepths(this.#flow, this.#functions, onnxDialect);
    return depths?.map((depth) => ({ kind: 'anomaly', ...depth })) ?? [{ kind: 'anomaly', measure: 'graph-not-followed', value: this.#kept, detail: 'too many nodes to follow data through them' }];
  }

  #claim(field: ClaimField, value: string, { at, end }: Field): void {
    if (value === '' || (this.#metadata += 1) > mostMetadata) return;
    this.#say({ kind: 'claim', field, value: clip(value), at: [at, end] });
  }

  #say(fact: Said): void {
    this.facts.push(fact);
    if (this.facts.length > this.#reader.source.budget.left('facts')) throw new LimitReached('facts', `more than ${this.facts.length} facts in one model`);
  }

  /** A field that onnx.proto does not know: readers pass over it, so that anything can lie there. */
  #strange(field: Field): void {
    this.complain('unknown-field', `field ${field.number} at ${field.at} with ${field.end - field.begin} bytes is none that onnx.proto knows`, field.at);
    if (field.wire === 2 && field.end > field.begin && this.#unknown.length < mostUnknown) this.#unknown.push([field.begin, field.end]);
  }

  /** What can only be said at the end. All bytes but the unknown fields are accounted for. */
  #finish(end: number): void {
    if (this.#graphs === 0) throw new Malformed('onnx/no-graph', 'model has no graph', 0);
    if (this.#graphs > 1) this.complain('graphs', `model has ${this.#graphs} graphs, which readers merge or drop`, 0);
    if (this.#producer.trim() !== '') this.#say({ kind: 'claim', field: 'producer', value: clip(this.#producer.trim()) });
    for (const { field, name, value, at } of this.#values) {
      if (field === 'output' || !this.#initializers.has(name)) this.#say({ kind: 'claim', field, value: clip(value), at });
    }
    for (const node of this.#operators.facts()) this.#say(node);
    for (const depth of this.#depths()) this.#say(depth);
    for (const link of this.#external.facts()) this.#say(link);
    let begin = 0;
    for (const [from, to] of this.#unknown) {
      if (from >= end) break;
      if (from > begin) this.#say({ kind: 'region', name: 'model', at: [begin, from] });
      begin = to;
    }
    if (end > begin) this.#say({ kind: 'region', name: 'model', at: [begin, end] });
  }
}
