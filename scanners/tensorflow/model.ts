// SPDX-License-Identifier: Apache-2.0
// SavedModel and MetaGraphDef (tensorflow/core/protobuf/{saved_model,meta_graph,saver,saved_object_graph}.proto).
import { clip } from '../../src/bytes/clip.ts';
import { LimitReached, Malformed } from '../../src/bytes/errors.ts';
import { learnedDepths } from '../../src/grammar/flow.ts';
import { unsigned, type Field, type MessageRange, type ProtoReader } from '../../src/grammar/protobuf.ts';
import { dataType, readShape } from '../../src/grammar/tensorflow.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';
import type { Child } from '../../src/model/scanner.ts';
import type { Span } from '../../src/model/span.ts';
import { Common, sourceOf, tensorflowDialect } from './dialect.ts';
import { emptyLibrary, GraphReader, shapeText, type Library, type TfGraph, type TfNode } from './graph.ts';
import { ObjectReader } from './objects.ts';
import { Operators } from './operators.ts';
import { Reach, type Root } from './reach.ts';

export type Said = FactOf<'claim' | 'region' | 'tensor' | 'node' | 'link' | 'anomaly' | 'malformed'> | Child;

const mostMetadata = 1000;
const mostUnknown = 1000;
const mostChildren = 256;
const shown = 20;
/** Signatures that data is followed through. */
const mostSignatures = 8;
/** Numbers from which a constant that is no float is told: shapes and axes are all over a graph. */
const fewestNumbers = 64;

interface Signature {
  readonly key: string;
  readonly inputs: string[];
  readonly outputs: string[];
}

/** What one MetaGraph (or a bare GraphDef) holds besides its nodes. */
interface Meta {
  readonly library: Library;
  readonly operators: Operators;
  readonly signatures: Signature[];
  readonly roots: Root[];
  readonly assets: Set<string>;
  variables: boolean;
  graphs: number;
}

export type Form = 'saved-model' | 'meta-graph' | 'graph';

/** Walks one file; facts are in `said` even when reading breaks off. */
export class ModelReader {
  readonly said: Said[] = [];
  /** Whether any operator was read. */
  hasNodes = false;
  readonly #reader: ProtoReader;
  readonly #unknown: Span[] = [];
  readonly #counts = new Map<string, number>();
  #metadata = 0;
  #children = 0;
  #form: Form = 'graph';

  constructor(reader: ProtoReader) {
    this.#reader = reader;
  }

  async read(form: Form): Promise<void> {
    this.#form = form;
    const { size } = this.#reader.source;
    const range = { offset: 0, end: size };
    if (form === 'graph') {
      const meta = this.#newMeta();
      await this.#graphOf(meta).graph(range);
      this.#finish(meta);
    } else if (form === 'meta-graph') await this.#metaGraph(range);
    else {
      let graphs = 0;
      for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
        if (field.number === 1) this.#claim('format-version', `SavedModel ${unsigned(field)}`, field);
        else if (field.number === 2) {
          graphs += 1;
          await this.#metaGraph(this.#reader.enter(field));
        } else this.#strange(field, 'SavedModel');
      }
      if (graphs === 0) throw new Malformed('tensorflow/no-graph', 'SavedModel holds no graph', 0);
    }
    this.#regions(size);
  }

  #newMeta(): Meta {
    return { library: emptyLibrary(), operators: new Operators(), signatures: [], roots: [], assets: new Set(), variables: false, graphs: 0 };
  }

  #graphOf(meta: Meta): GraphReader {
    meta.graphs += 1;
    return new GraphReader({
      reader: this.#reader, complain: this.complain, strange: (field, of) => { this.#strange(field, of); },
      node: (node, graph) => { this.#node(node, graph, meta); },
    }, meta.library);
  }

  /** MetaGraphDef: meta_info_def 1, graph_def 2, saver_def 3, collection_def 4, signature_def 5, asset_file_def 6, object_graph_def 7. */
  async #metaGraph(range: MessageRange): Promise<void> {
    const meta = this.#newMeta();
    const objects = new ObjectReader(this.#reader, (child) => { this.#child(child); });
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      switch (field.number) {
        case 1: await this.#info(this.#reader.enter(field)); break;
        case 2: await this.#graphOf(meta).graph(this.#reader.enter(field)); break;
        case 3: await this.#saver(this.#reader.enter(field), meta); break;
        case 4: await this.#collection(this.#reader.enter(field), meta); break;
        case 5: await this.#signature(this.#reader.enter(field), meta); break;
        case 6: await this.#asset(this.#reader.enter(field), meta); break;
        case 7: await objects.graph(this.#reader.enter(field)); break;
        default: this.#strange(field, 'MetaGraphDef');
      }
    }
    if (meta.graphs > 1) this.complain('graphs', `a MetaGraphDef has ${meta.graphs} graphs, which readers merge`, range.end);
    meta.roots.push(...objects.roots());
    this.#finish(meta);
  }

  async #info(range: MessageRange): Promise<void> {
    const tags: string[] = [];
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 4 && tags.length < 16) tags.push(await this.#reader.text(field, 100));
      else if (field.number === 5) this.#claim('producer', `tensorflow ${await this.#reader.text(field, 100)}`, field);
    }
    if (tags.length > 0) this.#say({ kind: 'claim', field: 'metadata', value: clip(`tags=${tags.join(',')}`) });
  }

  async #saver(range: MessageRange, meta: Meta): Promise<void> {
    const nodes: string[] = [];
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 2 || field.number === 3) nodes.push(await this.#reader.text(field));
    }
    meta.roots.push({ occasion: 'restore', nodes });
  }

  /** A map entry: key 1, CollectionDef 2 { node_list 1 { value 1 } }. What these collections name runs when the model is loaded. */
  async #collection(range: MessageRange, meta: Meta): Promise<void> {
    let key = '';
    const nodes: string[] = [];
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 1) key = await this.#reader.text(field);
      else if (field.number === 2) {
        const inner = this.#reader.enter(field);
        for (let list = await this.#reader.next(inner); list !== undefined; list = await this.#reader.next(inner)) {
          if (list.number !== 1 || list.wire !== 2) continue;
          const values = this.#reader.enter(list);
          for (let value = await this.#reader.next(values); value !== undefined; value = await this.#reader.next(values)) if (value.number === 1 && nodes.length < 1000) nodes.push(await this.#reader.text(value));
        }
      }
    }
    if (/^(saved_model_main_op|legacy_init_op|table_initializer|saved_model_initializers|init_op|local_init_op)$/.test(key)) meta.roots.push({ occasion: 'load', nodes });
  }

  /** A map entry: key 1, SignatureDef 2 { inputs 1, outputs 2, method_name 3 }. */
  async #signature(range: MessageRange, meta: Meta): Promise<void> {
    let key = '';
    const values: { field: 'input' | 'output'; name: string; tensor: string; text: string; at: Span }[] = [];
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 1) key = await this.#reader.text(field, 256);
      else if (field.number === 2) {
        const inner = this.#reader.enter(field);
        for (let part = await this.#reader.next(inner); part !== undefined; part = await this.#reader.next(inner)) {
          if ((part.number === 1 || part.number === 2) && values.length < mostMetadata) values.push({ field: part.number === 1 ? 'input' : 'output', ...(await this.#value(this.#reader.enter(part))), at: [part.at, part.end] });
        }
      }
    }
    const tensors = (field: 'input' | 'output'): string[] => values.filter((one) => one.field === field).map(({ tensor }) => tensor);
    meta.signatures.push({ key, inputs: tensors('input'), outputs: tensors('output') });
    meta.roots.push({ occasion: key === '__saved_model_init_op' ? 'load' : 'signature', nodes: tensors('output') });
    if (key.startsWith('__saved_model_')) return;
    for (const { field, name, text, at } of values) this.#claim(field, `${clip(`${key}.${name}`, 160)}: ${text}`, { at: at[0], end: at[1] });
  }

  /** A map entry: key 1, TensorInfo 2 { name 1, dtype 2, tensor_shape 3 }. */
  async #value(range: MessageRange): Promise<{ name: string; tensor: string; text: string }> {
    let [name, tensor, type, shape] = ['', '', '?', '[…]'];
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 1) name = await this.#reader.text(field, 256);
      else if (field.number === 2) {
        const inner = this.#reader.enter(field);
        for (let part = await this.#reader.next(inner); part !== undefined; part = await this.#reader.next(inner)) {
          if (part.number === 1) tensor = await this.#reader.text(part);
          else if (part.number === 2) type = dataType(unsigned(part)).name;
          else if (part.number === 3) shape = shapeText(await readShape(this.#reader, this.#reader.enter(part)));
        }
      }
    }
    return { name, tensor, text: `${type}${shape}` };
  }

  /** AssetFileDef: tensor_info 1 { name 1 }, filename 2, relative to the folder 'assets'. */
  async #asset(range: MessageRange, meta: Meta): Promise<void> {
    const at: Span = [range.offset, range.end];
    let file = '';
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 2) file = await this.#reader.text(field);
      else if (field.number === 1) {
        const inner = this.#reader.enter(field);
        for (let part = await this.#reader.next(inner); part !== undefined; part = await this.#reader.next(inner)) if (part.number === 1) meta.assets.add(sourceOf(await this.#reader.text(part)).node);
      }
    }
    if (meta.assets.size <= mostMetadata) this.#say({ kind: 'link', target: clip(`assets/${file}`), role: 'external-data', detail: 'asset', at });
  }

  #node(node: TfNode, graph: TfGraph, meta: Meta): void {
    this.hasNodes ||= node.op !== '' && node.name !== '';
    meta.operators.add(node);
    if (node.op === 'VarHandleOp' || node.op === 'VariableV2' || node.op === 'Variable') meta.variables = true;
    const { constant } = node;
    if (constant === undefined) return;
    const name = clip(graph.name === '' ? node.name : `${graph.name}/${node.name}`, 200);
    const { dtype, shape, elements = 0, at, long } = constant;
    const isFloat = /^(B?F\d|C\d)/.test(dtype);
    if (dtype !== 'STRING' && elements >= (isFloat ? 2 : fewestNumbers)) this.#say({ kind: 'tensor', name, dtype, shape, ...(at === undefined ? {} : { at }) });
    // A graph in a text of a graph is how data sets carry theirs; whatever else is known by its content is looked at too.
    for (const [begin, end] of long) this.#child({ kind: 'child', name: `${clip(node.name, 100)}@${begin}`, source: this.#reader.source.slice(begin, end), at: [begin, end] });
  }

  #child(child: Child): void {
    this.#children += 1;
    if (this.#children <= mostChildren) this.said.push(child);
    else if (this.#children === mostChildren + 1) this.complain('many-texts', `more than ${mostChildren} long texts; the others are not looked at one by one`, child.at?.[0] ?? 0);
  }

  /** What can only be said when all of a graph is known. */
  #finish(meta: Meta): void {
    const { library, operators, roots, assets } = meta;
    const bare = roots.length === 0 ? ends(library.main) : undefined;
    const reach = new Reach(library, bare === undefined ? roots : [{ occasion: 'signature', nodes: bare.outputs }]);
    for (const fact of operators.facts(library, reach, assets)) this.#say(fact);
    if (bare !== undefined) for (const node of library.main.nodes) if (node.op === 'Placeholder') this.#claim('input', `${clip(node.name, 160)}: ${node.value ?? '?'}`, { at: node.at[0], end: node.at[1] });
    if (this.#form === 'saved-model' && meta.variables && roots.some(({ occasion }) => occasion === 'restore')) this.#say({ kind: 'link', target: 'variables/variables.index', role: 'external-data', detail: 'variables' });
    this.#flow(library, bare === undefined ? meta.signatures.filter(({ key }) => !key.startsWith('__saved_model_')) : [{ key: '', ...bare }]);
  }

  #flow(library: Library, signatures: readonly Signature[]): void {
    if ([library.main, ...library.functions.values()].some(({ cut }) => cut)) return this.#say({ kind: 'anomaly', measure: 'graph-not-followed', value: library.main.nodes.length, detail: 'too many nodes to follow data through them' });
    const common = new Common(library);
    const seen = new Set<string>();
    for (const { inputs, outputs } of signatures.slice(0, mostSignatures)) {
      if (inputs.length === 0 || outputs.length === 0) continue;
      const depths = learnedDepths(common.main(inputs, outputs), new Map(), tensorflowDialect);
      if (depths === undefined) return this.#say({ kind: 'anomaly', measure: 'graph-not-followed', value: library.main.nodes.length, detail: 'functions that nest too deep or too often to follow data through them' });
      for (const depth of depths) {
        const key = `${depth.measure} ${depth.detail}`;
        if (seen.has(key)) continue;
        seen.add(key);
        this.#say({ kind: 'anomaly', ...depth });
      }
    }
  }

  readonly complain = (code: string, what: string, at: number): void => {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= shown) this.said.push({ kind: 'malformed', code: `tensorflow/${code}`, what: clip(what, 400), at: [at, at] });
    else if (count === shown + 1) this.said.push({ kind: 'malformed', code: `tensorflow/${code}`, what: 'and more of the same' });
  };

  #strange(field: Field, of: string): void {
    this.complain('unknown-field', `field ${field.number} of ${of} at ${field.at} with ${field.end - field.begin} bytes is none that TensorFlow knows`, field.at);
    if (field.wire === 2 && field.end > field.begin && this.#unknown.length < mostUnknown) this.#unknown.push([field.begin, field.end]);
  }

  #claim(field: ClaimField, value: string, { at, end }: { at: number; end: number }): void {
    if (value === '' || (this.#metadata += 1) > mostMetadata) return;
    this.#say({ kind: 'claim', field, value: clip(value), at: [at, end] });
  }

  #say(fact: Said): void {
    this.said.push(fact);
    if (this.said.length > this.#reader.source.budget.left('facts')) throw new LimitReached('facts', `more than ${this.said.length} facts in one model`);
  }

  /** All bytes but those of unknown fields are accounted for. */
  #regions(size: number): void {
    let begin = 0;
    for (const [from, to] of this.#unknown.toSorted((a, b) => a[0] - b[0])) {
      if (from > begin) this.#say({ kind: 'region', name: 'graph', at: [begin, from] });
      begin = Math.max(begin, to);
    }
    if (size > begin) this.#say({ kind: 'region', name: 'graph', at: [begin, size] });
  }
}

/** A graph without signatures: placeholders go in, and what no other node uses comes out. */
function ends({ nodes }: TfGraph): { inputs: string[]; outputs: string[] } {
  const used = new Set(nodes.flatMap(({ inputs }) => inputs.map((input) => sourceOf(input).node)));
  const inputs = nodes.filter(({ op }) => op === 'Placeholder').map(({ name }) => name);
  return { inputs, outputs: nodes.filter(({ name, op }) => !used.has(name) && op !== 'Const' && op !== 'Placeholder').map(({ name }) => name).slice(0, 1000) };
}
