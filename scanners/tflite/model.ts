// SPDX-License-Identifier: Apache-2.0
// Tables and slots: schema.fbs of TFLite, version 3; metadata: metadata_schema.fbs of TFLite Support.
import { clip } from '../../src/bytes/clip.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import type { Budget } from '../../src/bytes/limits.ts';
import { FlatBuffer, type FlatTable } from '../../src/grammar/flatbuffers.ts';
import { learnedDepths } from '../../src/grammar/flow.ts';
import type { Graph } from '../../src/grammar/graph.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';
import { uncovered, type Span } from '../../src/model/span.ts';
import { builtins, controls, custom, tensorTypes, tfliteDialect } from './operators.ts';

export type Said = FactOf<'claim' | 'region' | 'tensor' | 'node' | 'anomaly' | 'malformed'>;

const shown = 20;
const mostOperators = 300_000;
const mostTensors = 300_000;
const mostDifferent = 5000;
const mostClaims = 500;
/** Bytes between what was looked at that are too few to hide something in: padding, and lists in options that are not walked. */
const hole = 128;
const mostLeftOver = 64 << 10;

interface Buffer_ {
  readonly at: Span | undefined;
  used: boolean;
}

interface TensorText {
  readonly name: string;
  readonly text: string;
  readonly constant: boolean;
}

interface Use {
  readonly operator: string;
  readonly domain: string;
  readonly name: string;
  readonly at: Span;
  count: number;
}

export class TfliteReader {
  readonly said: Said[] = [];
  readonly #flat: FlatBuffer;
  readonly #size: number;
  readonly #budget: Budget;
  readonly #counts = new Map<string, number>();
  #buffers: Buffer_[] = [];
  #codes: { readonly operator: string; readonly domain: string; readonly builtin: number }[] = [];
  readonly #uses = new Map<string, Use>();
  readonly #graphs: Graph[] = [];
  readonly #tensors: TensorText[][] = [];
  #claims = 0;
  #operators = 0;

  constructor(flat: FlatBuffer, size: number, budget: Budget) {
    this.#flat = flat;
    this.#size = size;
    this.#budget = budget;
    flat.track();
  }

  read(): void {
    const model = this.#flat.root();
    this.#flat.check(0, 8);
    this.#claim('format-version', `TFLite ${model.u32(0)}`);
    this.#claim('description', model.text(3) ?? '');
    this.#buffers = [...model.tables(4)].map((buffer, index) => this.#buffer(buffer, index));
    this.#codes = [...model.tables(1, mostDifferent)].map((code) => this.#code(code));
    const graphs = [...model.tables(2, 10_000)];
    // Operators name graphs that may stand behind them.
    for (const _ of graphs) this.#graphs.push({ nodes: [], inputs: [], outputs: [], initializers: new Set() });
    for (const [index, graph] of graphs.entries()) this.#graph(graph, index);
    for (const entry of model.tables(6, 1000)) this.#metadata(entry);
    for (const index of model.ints(5, 1000)) this.#use(index);
    for (const signature of model.tables(7, 1000)) this.#signature(signature);
    if (graphs.length === 0) this.complain('no-graph', 'model has no graph', 0);
    for (const { operator, domain, name, at, count } of this.#uses.values()) this.said.push({ kind: 'node', operator: clip(operator, 120), name: clip(name, 120), domain, count, at });
    this.#flow();
    this.#regions();
  }

  readonly complain = (code: string, what: string, at: number): void => {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= shown) this.said.push({ kind: 'malformed', code: `tflite/${code}`, what: clip(what, 400), at: [at, at] });
    else if (count === shown + 1) this.said.push({ kind: 'malformed', code: `tflite/${code}`, what: 'and more of the same' });
  };

  #claim(field: ClaimField, value: string): void {
    if (value.trim() === '' || (this.#claims += 1) > mostClaims) return;
    this.said.push({ kind: 'claim', field, value: clip(value.trim()) });
  }

  /** Buffer: data 0, offset 1 and size 2 where the data lies behind the tables. */
  #buffer(table: FlatTable, index: number): Buffer_ {
    const [offset, size] = [Number(BigInt.asUintN(64, table.i64(1))), Number(BigInt.asUintN(64, table.i64(2)))];
    if (offset > 1) {
      if (!Number.isSafeInteger(offset + size) || offset + size > this.#size) {
        this.complain('buffer-range', `buffer ${index} lies outside the file (${offset}..${offset + size} of ${this.#size})`, table.at);
        return { at: undefined, used: false };
      }
      return { at: size === 0 ? undefined : [offset, offset + size], used: false };
    }
    // Not through vector(): what no tensor uses is to stay untouched.
    const field = table.field(0);
    if (field === undefined) return { at: undefined, used: false };
    const at = field + this.#flat.u32(field);
    const length = this.#flat.u32(at);
    if (at + 4 + length > this.#flat.bytes.length) {
      this.complain('buffer-range', `buffer ${index} lies outside the file (${at + 4}..${at + 4 + length} of ${this.#flat.bytes.length})`, table.at);
      return { at: undefined, used: false };
    }
    return { at: length === 0 ? undefined : [at + 4, at + 4 + length], used: false };
  }

  /** What a buffer holds, which is used from now on. */
  #use(index: number): Span | undefined {
    const buffer = this.#buffers[index];
    if (buffer === undefined) return undefined;
    buffer.used = true;
    if (buffer.at !== undefined) this.#flat.touch(buffer.at[0], buffer.at[1] - buffer.at[0]);
    return buffer.at;
  }

  /** OperatorCode: deprecated_builtin_code 0, custom_code 1, version 2, builtin_code 3. The larger of the two numbers counts. */
  #code(table: FlatTable): { operator: string; domain: string; builtin: number } {
    const field = table.field(0);
    const deprecated = field === undefined ? 0 : (this.#flat.u8(field) << 24) >> 24;
    const builtin = Math.max(deprecated, table.i32(3));
    if (builtin === custom) {
      const name = table.text(1, 256) ?? '';
      return name.startsWith('Flex') && name.length > 4 ? { operator: name.slice(4), domain: 'flex', builtin } : { operator: name, domain: 'custom', builtin };
    }
    const operator = builtins[builtin];
    if (operator === undefined) this.complain('operator-code', `operator code ${builtin} is none of the schema's ${builtins.length}`, table.at);
    return { operator: operator ?? `operator ${builtin}`, domain: '', builtin };
  }

  /** SubGraph: tensors 0, inputs 1, outputs 2, operators 3, name 4. */
  #graph(table: FlatTable, index: number): void {
    const graph = this.#graphs[index]!; // made for each
    const tensors = [...table.tables(0, mostTensors)].map((tensor, at) => this.#tensor(tensor, index, at));
    this.#tensors.push(tensors);
    void table.text(4);
    const value = (at: number, what: string): string => {
      if (at === -1) return ''; // left out
      if (at >= 0 && at < tensors.length) return `t${at}`;
      this.complain('tensor-index', `${what} of graph ${index} names tensor ${at} of ${tensors.length}`, table.at);
      return '';
    };
    tensors.forEach(({ constant }, at) => { if (constant) graph.initializers.add(`t${at}`); });
    graph.inputs.push(...table.ints(1).map((at) => value(at, 'an input')));
    graph.outputs.push(...table.ints(2).map((at) => value(at, 'an output')));
    if (index === 0) for (const [field, slot] of [['input', 1], ['output', 2]] as const) for (const at of table.ints(slot, 200)) if (tensors[at] !== undefined) this.#claim(field, tensors[at].text);
    for (const operator of table.tables(3, mostOperators)) this.#operator(operator, graph, value, index);
  }

  /** Tensor: shape 0, type 1, buffer 2, name 3, quantization 4, is_variable 5, sparsity 6, shape_signature 7. */
  #tensor(table: FlatTable, graph: number, index: number): TensorText {
    const name = clip(table.text(3, 256) ?? '', 200);
    const label = name === '' ? `tensor ${index}` : name;
    const type = table.u8(1);
    const [dtype, bits] = tensorTypes[type] ?? [`type ${type}`, undefined];
    if (bits === undefined) this.complain('tensor-type', `${label} has the type ${type}, allowed 0 to ${tensorTypes.length - 1}`, table.at);
    const shape = table.ints(0, 64);
    for (const dim of table.ints(7, 64)) void dim;
    this.#details(table);
    const buffer = table.u32(2);
    if (buffer >= this.#buffers.length) this.complain('buffer-index', `${label} of graph ${graph} names buffer ${buffer} of ${this.#buffers.length}`, table.at);
    const at = this.#use(buffer);
    let elements = 1n;
    for (const dim of shape) elements *= BigInt(Math.max(dim, 0));
    const bytes = bits === undefined ? 0n : (elements * BigInt(bits) + 7n) / 8n;
    // Kernels multiply in 32 or 64 bits.
    if (shape.some((dim) => dim < -1) || bytes >= 2n ** 62n) this.complain('dimensions', `${label} has the shape [${shape.join(', ')}]`, table.at);
    const sparse = table.field(6) !== undefined;
    if (at !== undefined && !sparse && bits !== undefined && bits > 0 && BigInt(at[1] - at[0]) !== bytes) {
      this.complain(BigInt(at[1] - at[0]) < bytes ? 'tensor-short' : 'tensor-long', `${label} has ${at[1] - at[0]} bytes, but ${dtype} [${shape.join(', ')}] needs ${bytes}`, table.at);
    }
    if (at !== undefined && dtype !== 'STRING') this.said.push({ kind: 'tensor', name: label, dtype, shape: shape.map((dim) => Math.max(dim, 0)), at });
    if (this.said.length > this.#budget.left('facts')) throw new Malformed('tflite/size', 'more facts than are allowed', table.at);
    return { name: label, text: `${clip(label, 120)}: ${dtype}[${shape.join(',')}]`, constant: at !== undefined };
  }

  /** Quantisation (min 0, max 1, scale 2, zero_point 3, details 5) and sparsity (order 0, map 1, dimensions 2): walked so that they are accounted for. */
  #details(tensor: FlatTable): void {
    const quantisation = tensor.table(4);
    if (quantisation !== undefined) {
      for (const slot of [0, 1, 2]) quantisation.vector(slot, 4);
      quantisation.vector(3, 8);
      quantisation.table(5)?.vector(0, 1);
    }
    const sparsity = tensor.table(6);
    if (sparsity === undefined) return;
    sparsity.vector(0, 4);
    sparsity.vector(1, 4);
    for (const dimension of sparsity.tables(2, 64)) {
      for (const [type, slot] of [[2, 3], [4, 5]] as const) dimension.table(slot)?.vector(0, [4, 4, 2, 1][dimension.u8(type)] ?? 1);
    }
  }

  /** Operator: opcode_index 0, inputs 1, outputs 2, options type 3 and table 4, custom_options 5, mutating_variable_inputs 7, intermediates 8, large options 9 and 10, options 2 12. */
  #operator(table: FlatTable, graph: Graph, value: (at: number, what: string) => string, index: number): void {
    this.#operators += 1;
    if (this.#operators % 1024 === 0) this.#budget.tick();
    const code = this.#codes[table.u32(0)];
    if (code === undefined) {
      this.complain('operator-index', `an operator of graph ${index} names code ${table.u32(0)} of ${this.#codes.length}`, table.at);
      return;
    }
    const outputs = table.ints(2, 10_000);
    const at: Span = [table.at, table.at + 4];
    const key = `${code.domain}\0${code.operator}`;
    const use = this.#uses.get(key);
    if (use !== undefined) use.count += 1;
    else this.#uses.set(key, { operator: code.operator, domain: code.domain, name: this.#tensors[index]?.[outputs[0] ?? -1]?.name ?? '', at, count: 1 });
    table.vector(5, 1);
    table.vector(7, 1);
    table.vector(8, 4);
    const [offset, size] = [Number(BigInt.asUintN(64, table.i64(9))), Number(BigInt.asUintN(64, table.i64(10)))];
    if (offset > 1) {
      if (offset + size <= this.#size) this.#flat.touch(offset, size);
      else this.complain('buffer-range', `options of an operator lie outside the file (${offset}..${offset + size} of ${this.#size})`, table.at);
    }
    const options = table.table(4);
    const more = table.table(12);
    // Lists in options are numbers of dimensions and the like.
    for (const inner of [options, more]) if (inner !== undefined) touchLists(inner, this.#flat);
    const inputs = table.ints(1, 10_000).map((one) => value(one, `an operand of ${code.operator}`));
    const bodies = (code.builtin === controls.if || code.builtin === controls.while) && options !== undefined ? [0, 1].map((slot) => options.i32(slot)) : [];
    for (const body of bodies) if (this.#graphs[body] === undefined) this.complain('graph-index', `${code.operator} names graph ${body} of ${this.#graphs.length}`, table.at);
    graph.nodes.push({ operator: code.operator, domain: '', inputs, outputs: outputs.map((one) => value(one, `a result of ${code.operator}`)), bodies: bodies.flatMap((body) => this.#graphs[body] ?? []) });
  }

  /** Metadata: name 0, buffer 1. */
  #metadata(table: FlatTable): void {
    const name = table.text(0, 200) ?? '';
    const at = this.#use(table.u32(1));
    if (at === undefined) {
      if (table.u32(1) >= this.#buffers.length) this.complain('buffer-index', `metadata ${clip(name, 80)} names buffer ${table.u32(1)} of ${this.#buffers.length}`, table.at);
      return;
    }
    const bytes = this.#flat.bytes.subarray(at[0], at[1]);
    if (name === 'TFLITE_METADATA' && Buffer.from(bytes.subarray(4, 8)).toString('latin1') === 'M001') this.#about(new FlatBuffer(bytes, 'tflite', at[0]));
    else this.#claim('metadata', `${clip(name, 80)}=${bytes.length <= 64 ? Buffer.from(bytes).toString('latin1').replaceAll(/[^\x20-\x7e]+/g, '') : `${bytes.length} bytes`}`);
  }

  /** ModelMetadata: name 0, description 1, version 2, author 4, license 5, min_parser_version 7. */
  #about(flat: FlatBuffer): void {
    try {
      const table = flat.root();
      for (const [slot, field] of [[0, 'name'], [1, 'description'], [2, 'version'], [4, 'author'], [5, 'licence']] as const) this.#claim(field, table.text(slot, 1024) ?? '');
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.complain('metadata', `metadata cannot be read: ${error.message}`, flat.base);
    }
  }

  /** SignatureDef: inputs 0, outputs 1 { name 0, tensor_index 1 }, signature_key 2, subgraph_index 4. */
  #signature(table: FlatTable): void {
    const key = clip(table.text(2, 200) ?? '', 80);
    const tensors = this.#tensors[table.u32(4)] ?? [];
    for (const [field, slot] of [['input', 0], ['output', 1]] as const) {
      for (const entry of table.tables(slot, 200)) {
        const tensor = tensors[entry.u32(1)];
        if (tensor === undefined) this.complain('tensor-index', `signature ${key} names tensor ${entry.u32(1)} of ${tensors.length}`, table.at);
        else this.#claim('metadata', `signature=${key} ${field} ${clip(entry.text(0, 200) ?? '', 80)}: ${clip(tensor.text, 120)}`);
      }
    }
  }

  #flow(): void {
    const [main] = this.#graphs;
    if (main === undefined) return;
    const followed = this.#operators > mostOperators ? undefined : learnedDepths(named(main, this.#tensors[0] ?? []), new Map(), tfliteDialect);
    if (followed === undefined) this.said.push({ kind: 'anomaly', measure: 'graph-not-followed', value: this.#operators, detail: 'too many operators to follow data through them' });
    for (const depth of followed ?? []) this.said.push({ kind: 'anomaly', ...depth });
  }

  /** What was looked at, in a few pieces; buffers that nothing uses are left out, so that they are offered to all scanners. */
  #regions(): void {
    // Writers leave tables behind that they wrote twice: small ones, side by side.
    for (const [begin, end] of uncovered([...this.#flat.looked(hole)], this.#flat.bytes.length)) {
      if (end - begin <= mostLeftOver && this.#flat.leftOver(begin, end) >= 0.7 * (end - begin)) this.#flat.touch(begin, end - begin);
    }
    const spans = [...this.#flat.looked(hole)];
    for (const at of spans.slice(0, 1000)) this.said.push({ kind: 'region', name: 'model', at });
    for (const { at, used } of this.#buffers) if (used && at !== undefined && at[1] > this.#flat.bytes.length) this.said.push({ kind: 'region', name: 'buffer', at });
  }
}

/** Offsets to lists can only be told by their shape: a short vector inside the buffer, right behind or before the table. */
function touchLists(table: FlatTable, flat: FlatBuffer): void {
  for (let slot = 0; slot < 24; slot += 1) {
    const field = table.field(slot);
    if (field === undefined || field + 4 > flat.bytes.length) continue;
    const view = new DataView(flat.bytes.buffer, flat.bytes.byteOffset, flat.bytes.length);
    const at = field + view.getUint32(field, true);
    if (at + 4 > flat.bytes.length) continue;
    const length = view.getUint32(at, true);
    if (length <= 64 && at + 4 + 8 * length <= flat.bytes.length && at > field) flat.touch(at, 4 + 4 * length);
  }
}

/** The main graph's values by what people call them: only its inputs and outputs are shown. */
function named(graph: Graph, tensors: readonly TensorText[]): Graph {
  const counts = new Map<string, number>();
  for (const { name } of tensors) counts.set(name, (counts.get(name) ?? 0) + 1);
  const rename = (value: string): string => {
    const index = Number(value.slice(1));
    const name = tensors[index]?.name;
    return value === '' || name === undefined ? value : counts.get(name) === 1 ? name : `${name}#${index}`;
  };
  return {
    inputs: graph.inputs.map(rename), outputs: graph.outputs.map(rename), initializers: new Set([...graph.initializers].map(rename)),
    nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) })),
  };
}
