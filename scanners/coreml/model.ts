// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import { LimitReached, Malformed } from '../../src/bytes/errors.ts';
import { learnedDepths } from '../../src/grammar/flow.ts';
import { emptyGraph, type Graph } from '../../src/grammar/graph.ts';
import { unsigned, type Field, type MessageRange, type ProtoReader } from '../../src/grammar/protobuf.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';
import type { Span } from '../../src/model/span.ts';
import { coremlDialect, kinds, layerTypes } from './names.ts';

export type Said = FactOf<'claim' | 'region' | 'tensor' | 'node' | 'link' | 'anomaly' | 'malformed'>;

const deepest = 32;
const mostClaims = 500;
const mostUses = 5000;
const mostKept = 300_000;

interface Use {
  readonly operator: string;
  readonly name: string;
  readonly at: Span;
  readonly detail: Record<string, string>;
  count: number;
}

/** Walks one Model message. Facts are in `said` even when reading breaks off. */
export class ModelReader {
  readonly said: Said[] = [];
  readonly #reader: ProtoReader;
  readonly #uses = new Map<string, Use>();
  readonly #files = new Map<string, number>();
  #claims = 0;
  #kept = 0;

  constructor(reader: ProtoReader) {
    this.#reader = reader;
  }

  async read(): Promise<void> {
    const { size } = this.#reader.source;
    await this.#model({ offset: 0, end: size }, 0);
    for (const { operator, name, at, detail, count } of this.#uses.values()) this.#say({ kind: 'node', operator, name: clip(name, 120), count, at, ...(Object.keys(detail).length === 0 ? {} : { detail }) });
    for (const [file, count] of this.#files) this.#say({ kind: 'link', target: clip(file), role: 'external-data', detail: `tensors=${count}` });
    this.#say({ kind: 'region', name: 'model', at: [0, size] });
  }

  /** Model: specificationVersion 1, description 2, isUpdatable 10, and one kind of model. */
  async #model(range: MessageRange, depth: number): Promise<void> {
    if (depth > deepest) throw new Malformed('coreml/depth', `models nest deeper than ${deepest} levels`, range.offset);
    const io: { inputs: string[]; outputs: string[] } = { inputs: [], outputs: [] };
    let known = false;
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 1 && depth === 0) this.#claim('format-version', `Core ML ${unsigned(field)}`, field);
      else if (field.number === 2) await this.#description(this.#reader.enter(field), depth, io);
      if (field.number < 200) continue;
      const kind = kinds.get(field.number);
      if (kind === undefined) this.#say({ kind: 'malformed', code: 'coreml/kind', what: `model at ${field.at} is of the kind ${field.number}, which is not known`, at: [field.at, field.at] });
      known = true;
      this.#use(kind ?? `kind ${field.number}`, '', [field.at, field.end]);
      const inner = this.#reader.enter(field);
      if (field.number <= 202) await this.#pipeline(inner, field.number === 202, depth);
      else if (field.number === 303 || field.number === 403 || field.number === 500) await this.#network(inner, io);
      else if (field.number === 502) await this.#program(inner, io);
      else if (field.number === 555) await this.#custom(inner, 'customModel');
      else if (field.number === 556) await this.#linked(inner);
    }
    if (!known) this.#say({ kind: 'malformed', code: 'coreml/no-model', what: 'no kind of model is in it', at: [0, 0] });
  }

  /** ModelDescription: input 1, output 10 { name 1 }, metadata 100 { shortDescription 1, versionString 2, author 3, license 4, userDefined 100 }. */
  async #description(range: MessageRange, depth: number, io: { inputs: string[]; outputs: string[] }): Promise<void> {
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.wire !== 2) continue;
      const inner = this.#reader.enter(field);
      if (field.number === 1 || field.number === 10) {
        for (let part = await this.#reader.next(inner); part !== undefined; part = await this.#reader.next(inner)) {
          if (part.number !== 1) continue;
          const name = await this.#reader.text(part, 256);
          (field.number === 1 ? io.inputs : io.outputs).push(name);
          if (depth === 0) this.#claim(field.number === 1 ? 'input' : 'output', name, field);
        }
      } else if (field.number === 100) {
        for (let part = await this.#reader.next(inner); part !== undefined; part = await this.#reader.next(inner)) {
          const to = ([undefined, 'description', 'version', 'author', 'licence'] as const)[part.number];
          if (to !== undefined && part.wire === 2) this.#claim(to, await this.#reader.text(part), part);
          else if (part.number === 100 && part.wire === 2) this.#claim('metadata', (await this.#pair(this.#reader.enter(part))).join('='), part);
        }
      }
    }
  }

  async #pair(range: MessageRange): Promise<[string, string]> {
    const out: [string, string] = ['', ''];
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if ((field.number === 1 || field.number === 2) && field.wire === 2) out[field.number - 1] = await this.#reader.text(field, 512);
    }
    return out;
  }

  /** Pipeline: models 1; those of classifiers and regressors hold one in field 1. */
  async #pipeline(range: MessageRange, bare: boolean, depth: number): Promise<void> {
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number !== 1 || field.wire !== 2) continue;
      if (bare) await this.#model(this.#reader.enter(field), depth + 1);
      else await this.#pipeline(this.#reader.enter(field), true, depth);
    }
  }

  /** NeuralNetwork: layers 1 { name 1, input 2, output 3, one kind of layer from 100 on }. */
  async #network(range: MessageRange, io: { inputs: readonly string[]; outputs: readonly string[] }): Promise<void> {
    const graph = emptyGraph();
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 1 && field.wire === 2) await this.#layer(this.#reader.enter(field), graph);
    }
    this.#flow(graph, io);
  }

  async #layer(range: MessageRange, graph: Graph): Promise<void> {
    const at: Span = [range.offset, range.end];
    let name = '';
    let type = '';
    const [inputs, outputs]: [string[], string[]] = [[], []];
    let body: Field | undefined;
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number === 1) name = await this.#reader.text(field, 256);
      else if (field.number === 2) inputs.push(await this.#reader.text(field, 256));
      else if (field.number === 3) outputs.push(await this.#reader.text(field, 256));
      else if (field.number >= 100 && field.wire === 2) {
        type = layerTypes.get(field.number) ?? `layer ${field.number}`;
        body = field;
      }
    }
    if (body?.number === 500) await this.#custom(this.#reader.enter(body), 'customLayer');
    else this.#use(type === '' ? 'layer' : type, name, at);
    if (body !== undefined && body.number < 500) await this.#weights(this.#reader.enter(body), clip(name, 160), body.number);
    this.#keep(graph, type, inputs, outputs, []);
  }

  /** WeightParams { floatValue 1, float16Value 2, rawValue 30, int8RawValue 31 } in convolution (90, 91), innerProduct and embedding (20, 21), batchnorm (15 to 18). */
  async #weights(range: MessageRange, layer: string, type: number): Promise<void> {
    const fields: readonly number[] = type === 100 ? [90, 91] : type === 160 ? [15, 16, 17, 18] : type === 140 || type === 150 ? [20, 21] : [];
    for (let field = await this.#reader.next(range); field !== undefined && fields.length > 0; field = await this.#reader.next(range)) {
      if (!fields.includes(field.number) || field.wire !== 2) continue;
      const inner = this.#reader.enter(field);
      for (let part = await this.#reader.next(inner); part !== undefined; part = await this.#reader.next(inner)) {
        const [dtype, bytes] = part.number === 1 ? ['F32', 4] as const : part.number === 2 ? ['F16', 2] as const : part.number === 30 || part.number === 31 ? ['U8', 1] as const : ['', 0] as const;
        const length = part.end - part.begin;
        if (bytes > 0 && part.wire === 2 && length > 0 && length % bytes === 0) this.#say({ kind: 'tensor', name: `${layer}/${field.number}`, dtype, shape: [length / bytes], at: [part.begin, part.end] });
      }
    }
  }

  /** CustomLayerParams and CustomModel: className 10, description 40. */
  async #custom(range: MessageRange, operator: string): Promise<void> {
    const at: Span = [range.offset, range.end];
    let name = '';
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) if (field.number === 10 && field.wire === 2) name = await this.#reader.text(field, 256);
    this.#use(operator, name, at, { class: clip(name, 200) });
  }

  /** LinkedModel: linkedModelFile 1 { linkedModelFileName 1, linkedModelSearchPath 2 { defaultValue 1 } }. */
  async #linked(range: MessageRange): Promise<void> {
    const at: Span = [range.offset, range.end];
    const texts: string[] = [];
    const walk = async (inner: MessageRange, level: number): Promise<void> => {
      for (let field = await this.#reader.next(inner); field !== undefined; field = await this.#reader.next(inner)) {
        if (field.wire !== 2) continue;
        if (level === 2) texts.push(await this.#reader.text(field, 512));
        else await walk(this.#reader.enter(field), level + 1);
      }
    };
    await walk(range, 0);
    for (const text of texts.slice(0, 2)) this.#say({ kind: 'link', target: clip(text), role: 'external-data', detail: 'linked model', at });
  }

  /** Program: functions 2 { key 1, Function 2 { inputs 1, block_specializations 3 { key 1, Block 2 } } }. */
  async #program(range: MessageRange, io: { inputs: readonly string[]; outputs: readonly string[] }): Promise<void> {
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.number !== 2 || field.wire !== 2) continue;
      for (const fn of await this.#valuesOf(this.#reader.enter(field))) {
        const inner = this.#reader.enter(fn);
        for (let part = await this.#reader.next(inner); part !== undefined; part = await this.#reader.next(inner)) {
          if (part.number !== 3 || part.wire !== 2) continue;
          for (const block of await this.#valuesOf(this.#reader.enter(part))) this.#flow(await this.#block(this.#reader.enter(block), 0), io);
        }
      }
    }
  }

  /** The values (2) of a map's entry. */
  async #valuesOf(range: MessageRange): Promise<Field[]> {
    const out: Field[] = [];
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) if (field.number === 2 && field.wire === 2) out.push(field);
    return out;
  }

  /** Block: inputs 1 { name 1 }, outputs 2, operations 3. */
  async #block(range: MessageRange, depth: number): Promise<Graph> {
    if (depth > deepest) throw new Malformed('coreml/depth', `blocks nest deeper than ${deepest} levels`, range.offset);
    const graph = emptyGraph();
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.wire !== 2) continue;
      if (field.number === 1) graph.inputs.push(await this.#first(this.#reader.enter(field)));
      else if (field.number === 2) graph.outputs.push(await this.#reader.text(field, 256));
      else if (field.number === 3) await this.#operation(this.#reader.enter(field), graph, depth);
    }
    return graph;
  }

  async #first(range: MessageRange): Promise<string> {
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) if (field.number === 1 && field.wire === 2) return this.#reader.text(field, 256);
    return '';
  }

  /** Operation: type 1, inputs 2 { key 1, Argument 2 { arguments 1 { name 1 } } }, outputs 3 { name 1 }, blocks 4, attributes 5. */
  async #operation(range: MessageRange, graph: Graph, depth: number): Promise<void> {
    const at: Span = [range.offset, range.end];
    let type = '';
    const inputs: { key: string; names: string[] }[] = [];
    const [outputs, bodies]: [string[], Graph[]] = [[], []];
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.wire !== 2) continue;
      if (field.number === 1) type = await this.#reader.text(field, 128);
      else if (field.number === 2) inputs.push(await this.#operand(this.#reader.enter(field)));
      else if (field.number === 3) outputs.push(await this.#first(this.#reader.enter(field)));
      else if (field.number === 4) bodies.push(await this.#block(this.#reader.enter(field), depth + 1));
      else if (field.number === 5) await this.#attribute(this.#reader.enter(field));
    }
    this.#use(type, outputs[0] ?? '', at);
    if (type === 'const' || type.startsWith('constexpr')) for (const output of outputs) graph.initializers.add(output);
    else {
      // Operands come as a map: those whose place matters are put first.
      const order = ['pred', 'x', 'indices'];
      const place = ({ key }: { key: string }): number => (order.includes(key) ? order.indexOf(key) : order.length);
      this.#keep(graph, type, inputs.toSorted((a, b) => place(a) - place(b)).flatMap(({ names }) => names), outputs, bodies);
    }
  }

  async #operand(range: MessageRange): Promise<{ key: string; names: string[] }> {
    let key = '';
    const names: string[] = [];
    for (let field = await this.#reader.next(range); field !== undefined; field = await this.#reader.next(range)) {
      if (field.wire !== 2) continue;
      if (field.number === 1) key = await this.#reader.text(field, 128);
      else if (field.number === 2) {
        const list = this.#reader.enter(field);
        for (let binding = await this.#reader.next(list); binding !== undefined; binding = await this.#reader.next(list)) {
          if (binding.number === 1 && binding.wire === 2) names.push(await this.#first(this.#reader.enter(binding)));
        }
      }
    }
    return { key, names: names.filter((name) => name !== '') };
  }

  /** A map's entry whose value lies in a file: Value { blobFileValue 5 { fileName 1, offset 2 } }. */
  async #attribute(range: MessageRange): Promise<void> {
    for (const value of await this.#valuesOf(range)) {
      const inner = this.#reader.enter(value);
      for (let part = await this.#reader.next(inner); part !== undefined; part = await this.#reader.next(inner)) {
        if (part.number !== 5 || part.wire !== 2) continue;
        const file = (await this.#first(this.#reader.enter(part))).replace(/^@model_path\//, '');
        if (this.#files.size < 1000 || this.#files.has(file)) this.#files.set(file, (this.#files.get(file) ?? 0) + 1);
      }
    }
  }

  #keep(graph: Graph, operator: string, inputs: string[], outputs: string[], bodies: Graph[]): void {
    this.#kept += 1;
    if (this.#kept % 1024 === 0) this.#reader.source.budget.tick();
    if (this.#kept <= mostKept) graph.nodes.push({ operator, domain: '', inputs, outputs, bodies });
  }

  #flow(graph: Graph, { inputs, outputs }: { readonly inputs: readonly string[]; readonly outputs: readonly string[] }): void {
    graph.inputs.length = 0;
    graph.inputs.push(...inputs);
    if (graph.outputs.length === 0) graph.outputs.push(...outputs);
    const depths = this.#kept > mostKept ? undefined : learnedDepths(graph, new Map(), coremlDialect);
    if (depths === undefined) this.#say({ kind: 'anomaly', measure: 'graph-not-followed', value: this.#kept, detail: 'too many layers to follow data through them' });
    for (const depth of depths ?? []) this.#say({ kind: 'anomaly', ...depth });
  }

  #use(operator: string, name: string, at: Span, detail: Record<string, string> = {}): void {
    const key = `${operator}\0${detail['class'] ?? ''}`;
    const use = this.#uses.get(key);
    if (use !== undefined) use.count += 1;
    else if (this.#uses.size < mostUses) this.#uses.set(key, { operator: clip(operator, 120), name, at, detail, count: 1 });
  }

  #claim(field: ClaimField, value: string, { at, end }: Field): void {
    if (value.trim() === '' || (this.#claims += 1) > mostClaims) return;
    this.#say({ kind: 'claim', field, value: clip(value), at: [at, end] });
  }

  #say(fact: Said): void {
    this.said.push(fact);
    if (this.said.length > this.#reader.source.budget.left('facts')) throw new LimitReached('facts', `more than ${this.said.length} facts in one model`);
  }
}
