// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { clip } from '../../src/bytes/clip.ts';
import { learnedDepths } from '../../src/grammar/flow.ts';
import { emptyGraph, type Graph } from '../../src/grammar/graph.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';
import { scanner, type Sample } from '../../src/model/scanner.ts';
import { uncovered, type Span } from '../../src/model/span.ts';
import { elementTypes, openvinoDialect } from './dialect.ts';
import { readNet, type Document, type Layer, type Net, type Piece } from './net.ts';

type Said = FactOf<'claim' | 'region' | 'tensor' | 'node' | 'link' | 'anomaly' | 'malformed'>;

const shown = 20;
const mostFollowed = 300_000;
const mostDifferent = 5000;

export default scanner({
  id: 'openvino',
  title: 'OpenVINO IR, network description',
  extensions: ['.xml'],
  holds: 'anything',
  says: ['claim', 'region', 'tensor', 'node', 'link', 'anomaly', 'malformed'],
  recognise: ({ head }) => (isNet(head) ? 'yes' : 'no'),
  async *inspect(source, sample) {
    const document = readNet(await source.read(0, source.size), () => { source.budget.tick(); });
    yield* new Teller(document, sample).all(source.size);
  },
});

/** <net … version= as the first element, behind an XML declaration, comments or a document type. */
function isNet(head: Uint8Array): boolean {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 4096)).toString('latin1');
  if (!/^(?:\xef\xbb\xbf)?\s{0,64}</.test(start)) return false;
  const at = start.search(/<net[\s>]/);
  return at >= 0 && /^<net\s[^>]{0,1000}\bversion\s?=/.test(start.slice(at)) && /<layers[\s>]/.test(asBuffer(head).toString('latin1'));
}

class Teller {
  readonly #document: Document;
  readonly #weights: string;
  readonly #counts = new Map<string, number>();
  readonly #out: Said[] = [];
  readonly #used: Span[] = [];

  constructor(document: Document, { name }: Sample) {
    this.#document = document;
    this.#weights = `${name.replace(/\.xml$/i, '')}.bin`;
  }

  *all(size: number): Generator<Said> {
    const { name, version, info, doctypes, net } = this.#document;
    this.#claim('format-version', `OpenVINO IR ${version}`);
    this.#claim('name', name);
    for (const [key, value] of info) this.#claim('metadata', `${clip(key, 80)}=${value}`);
    for (const { text, at, end } of doctypes) this.#out.push({ kind: 'malformed', code: 'openvino/doctype', what: clip(`document type or entity at ${at}: ${text.replaceAll(/\s+/g, ' ')}`), at: [at, end] });
    const uses = new Map<string, { layer: Layer; count: number }>();
    let layers = 0;
    for (const layer of everyLayer(net)) {
      layers += 1;
      const key = `${layer.version}\0${layer.type}`;
      const use = uses.get(key);
      if (use !== undefined) use.count += 1;
      else if (uses.size < mostDifferent) uses.set(key, { layer, count: 1 });
      for (const piece of layer.pieces) this.#piece(layer, piece);
    }
    for (const layer of net.layers) {
      if (layer.type === 'Parameter' || layer.type === 'Input') this.#claim('input', `${clip(layer.name, 120)}: ${elementTypes.get(layer.element.toLowerCase())?.[0] ?? '?'}[${shapeOf(layer)}]`);
      else if (layer.type === 'Result') this.#claim('output', clip(layer.name, 120));
    }
    for (const { layer, count } of uses.values()) this.#out.push({ kind: 'node', operator: clip(layer.type, 120), name: clip(layer.name, 120), domain: clip(layer.version, 120), count, at: layer.at });
    if (layers > mostFollowed) this.#out.push({ kind: 'anomaly', measure: 'graph-not-followed', value: layers, detail: 'too many layers to follow data through them' });
    else this.#flow(net, layers);
    if (this.#used.length > 0) this.#link();
    this.#out.push({ kind: 'region', name: 'description', at: [0, size] });
    yield* this.#out;
  }

  #claim(field: ClaimField, value: string): void {
    if (value.trim() !== '') this.#out.push({ kind: 'claim', field, value: clip(value) });
  }

  #complain(code: string, what: string, at: Span): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= shown) this.#out.push({ kind: 'malformed', code: `openvino/${code}`, what: clip(what, 400), at });
    else if (count === shown + 1) this.#out.push({ kind: 'malformed', code: `openvino/${code}`, what: 'and more of the same' });
  }

  #piece(layer: Layer, { part, offset, size, type, shape }: Piece): void {
    const label = clip(part === 'data' ? layer.name : `${layer.name}/${part}`, 200);
    const whole = (text: string): number => (/^\d{1,16}$/.test(text) ? Number(text) : Number.NaN);
    const [begin, length] = [whole(offset), whole(size)];
    if (!Number.isSafeInteger(begin + length)) {
      this.#complain('range', `${label} has the offset '${clip(offset, 40)}' and the size '${clip(size, 40)}', which are no whole numbers from 0 to 2^53`, layer.at);
      return;
    }
    const [dtype, bits] = elementTypes.get(type.toLowerCase()) ?? [clip(type, 20), 0];
    const dims = shape.trim() === '' ? (layer.dims.values().next().value ?? []).map(Number) : shape.split(',').map((one) => Number(one.trim()));
    const known = dims.every((one) => Number.isSafeInteger(one) && one >= 0);
    const bytes = known ? (dims.reduce((product, one) => product * BigInt(one), BigInt(bits)) + 7n) / 8n : 0n;
    if (part === 'data' && (!known || (bits > 0 && bytes !== BigInt(length)))) this.#complain('size', `${label} has ${length} bytes, but ${dtype} [${clip(shape, 120)}] needs ${known ? bytes : 'whole numbers'}`, layer.at);
    if (length === 0) return;
    this.#used.push([begin, begin + length]);
    const flat = part === 'data' && known ? dims : bits > 0 ? [Math.floor((length * 8) / bits)] : [length];
    this.#out.push({ kind: 'tensor', name: label, dtype, shape: flat, outside: { file: this.#weights, at: [begin, begin + length] } });
  }

  #link(): void {
    const to = this.#used.reduce((most, [, end]) => Math.max(most, end), 0);
    const unused = uncovered(this.#used, to).reduce((sum, [begin, end]) => sum + end - begin, 0);
    this.#out.push({ kind: 'link', target: clip(this.#weights), role: 'external-data', detail: `offset=0 length=${to} tensors=${this.#used.length} unused=${unused}` });
  }

  #flow(net: Net, layers: number): void {
    const depths = learnedDepths(graphOf(net), new Map(), openvinoDialect);
    if (depths === undefined) this.#out.push({ kind: 'anomaly', measure: 'graph-not-followed', value: layers, detail: 'bodies that nest too deep to follow data through them' });
    for (const depth of depths ?? []) this.#out.push({ kind: 'anomaly', ...depth });
  }
}

/** Layers of a net and of all bodies; the reader has capped how deep they nest. */
function* everyLayer(net: Net): Generator<Layer> {
  for (const layer of net.layers) {
    yield layer;
    for (const body of layer.bodies) yield* everyLayer(body);
  }
}

function shapeOf(layer: Layer): string {
  return clip(layer.shape === '' ? (layer.dims.values().next().value ?? []).join(',') : layer.shape, 80);
}

/** Values are a layer and a port; inputs and outputs go by their layers' names where those are the only ones. */
function graphOf(net: Net): Graph {
  const graph = emptyGraph();
  const byId = new Map(net.layers.map((layer) => [layer.id, layer]));
  const counts = new Map<string, number>();
  for (const { name } of net.layers) counts.set(name, (counts.get(name) ?? 0) + 1);
  const label = ({ id, name }: Layer): string => (name !== '' && counts.get(name) === 1 ? name : `${name}#${id}`);
  const value = (id: string, port: string): string => {
    const layer = byId.get(id);
    return layer?.type === 'Parameter' || layer?.type === 'Input' ? label(layer) : `${id}:${port}`;
  };
  const incoming = Map.groupBy(net.edges, ({ to }) => to);
  const ports = new Map<string, Set<string>>();
  for (const { from, fromPort } of net.edges) {
    const set = ports.get(from);
    if (set === undefined) ports.set(from, new Set([fromPort]));
    else set.add(fromPort);
  }
  for (const layer of inOrder(net, byId, incoming)) {
    const edges = (incoming.get(layer.id) ?? []).toSorted((a, b) => Number(a.toPort) - Number(b.toPort));
    const inputs = edges.map(({ from, fromPort }) => value(from, fromPort));
    const out = [...new Set([...layer.ports, ...(ports.get(layer.id) ?? [])])];
    if (layer.type === 'Parameter' || layer.type === 'Input') graph.inputs.push(label(layer));
    else if (layer.type === 'Const' || layer.type === 'Constant') for (const port of out) graph.initializers.add(`${layer.id}:${port}`);
    else if (layer.type === 'Result') {
      graph.nodes.push({ operator: 'Result', domain: '', inputs, outputs: [label(layer)], bodies: [] });
      graph.outputs.push(label(layer));
    } else {
      const operands = edges.map(({ toPort }) => toPort);
      const bodies = layer.bodies.map((body, index) => bodyOf(body, layer, index, operands, out));
      // Versions before 10 have no Result: what nobody uses comes out. Weights lie in the layer itself then.
      const weighed = layer.pieces.length > 0 ? [...inputs, `${layer.id}/weights`] : inputs;
      graph.nodes.push({ operator: layer.type, domain: '', inputs: weighed, outputs: out.map((port) => `${layer.id}:${port}`), bodies });
    }
  }
  if (graph.outputs.length === 0) for (const layer of net.layers) if (!ports.has(layer.id) && layer.type !== 'Const') for (const port of layer.ports) graph.outputs.push(`${layer.id}:${port}`);
  return graph;
}

/** A body's inputs and results in the order of the operator's own. */
function bodyOf(body: Net, layer: Layer, index: number, operands: readonly string[], results: readonly string[]): Graph {
  const graph = graphOf(body);
  const map = layer.maps[index];
  const byId = new Map(body.layers.map((one) => [one.id, one]));
  const nameOf = (id: string | undefined): string => {
    const found = id === undefined ? undefined : byId.get(id);
    if (found === undefined) return '';
    return [found.name, `${found.name}#${found.id}`].find((name) => graph.inputs.includes(name) || graph.outputs.includes(name)) ?? '';
  };
  const inputs = operands.map((port) => nameOf(map?.inputs.get(port)));
  const outputs = results.map((port) => nameOf(map?.outputs.get(port)));
  return { ...graph, inputs, outputs };
}

/** Layers after what they need, where no cycle forbids it. */
function inOrder(net: Net, byId: ReadonlyMap<string, Layer>, incoming: ReadonlyMap<string, readonly { readonly from: string }[]>): Layer[] {
  const out: Layer[] = [];
  const seen = new Set<string>();
  for (const start of net.layers) {
    if (seen.has(start.id)) continue;
    seen.add(start.id);
    const stack = [{ layer: start, next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const edge = incoming.get(top.layer.id)?.[top.next];
      top.next += 1;
      if (edge === undefined) {
        out.push(top.layer);
        stack.pop();
        continue;
      }
      const before = byId.get(edge.from);
      if (before === undefined || seen.has(edge.from)) continue;
      seen.add(edge.from);
      stack.push({ layer: before, next: 0 });
    }
  }
  return out;
}
