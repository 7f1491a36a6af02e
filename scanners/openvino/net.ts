// SPDX-License-Identifier: Apache-2.0
// IR of versions 7 to 11 (https://docs.openvino.ai/2025/documentation/openvino-ir-format.html): <net> with <layers> and <edges>; layers
// such as If and Loop have bodies with layers of their own.
import { Malformed } from '../../src/bytes/errors.ts';
import { xmlTokens, type XmlToken } from '../../src/grammar/xml.ts';
import type { Span } from '../../src/model/span.ts';

/** Numbers of a layer in the file of weights. */
export interface Piece {
  /** Name of the element that says so: data, weights, biases. */
  readonly part: string;
  readonly offset: string;
  readonly size: string;
  readonly type: string;
  readonly shape: string;
}

export interface Layer {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly version: string;
  readonly at: Span;
  readonly pieces: Piece[];
  /** Ports that results come out of. */
  readonly ports: string[];
  /** Shapes of the ports, as written. */
  readonly dims: Map<string, string[]>;
  readonly bodies: Net[];
  /** Of bodies: external port → layer inside. For each body in turn. */
  readonly maps: { readonly inputs: Map<string, string>; readonly outputs: Map<string, string> }[];
  shape: string;
  element: string;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly fromPort: string;
  readonly toPort: string;
}

export interface Net {
  readonly layers: Layer[];
  readonly edges: Edge[];
}

export interface Document {
  readonly net: Net;
  readonly name: string;
  readonly version: string;
  readonly doctypes: { readonly text: string; readonly at: number; readonly end: number }[];
  /** name → value of <info> and old-style elements of rt_info, as paths. */
  readonly info: [string, string][];
  readonly elements: Map<string, number>;
}

const deepest = 100;
const mostLayers = 1_000_000;
const mostInfo = 500;

type Open = Extract<XmlToken, { type: 'open' }>;

/** What the walk stands in. */
interface Place {
  readonly name: string;
  readonly net?: Net;
  readonly layer?: Layer;
  readonly path?: string;
  readonly port?: string;
  /** Which body's map a port_map belongs to. */
  readonly body?: number;
}

export function readNet(bytes: Uint8Array, tick: () => void): Document {
  const document: Document & { name: string; version: string } = { net: { layers: [], edges: [] }, name: '', version: '', doctypes: [], info: [], elements: new Map() };
  const stack: Place[] = [];
  let layers = 0;
  let tokens = 0;
  for (const token of xmlTokens(bytes, 'openvino')) {
    tokens += 1;
    if (tokens % 16_384 === 0) tick();
    if (token.type === 'doctype') {
      if (document.doctypes.length < 20) document.doctypes.push(token);
    } else if (token.type === 'text') textIn(token.text, stack.at(-1));
    else if (token.type === 'close') {
      const top = stack.pop();
      if (top?.name !== token.name) throw new Malformed('openvino/xml-tag', `tag ${token.name.slice(0, 80)} at ${token.at} closes ${top?.name ?? 'nothing'}`, token.at);
    } else if (token.type === 'open') {
      if (stack.length === 0) {
        if (token.name !== 'net') throw new Malformed('openvino/root', `document is a <${token.name.slice(0, 80)}>, not a <net>`, token.at);
        document.name = token.attributes.get('name') ?? '';
        document.version = token.attributes.get('version') ?? '';
      }
      if (token.name === 'layer' && (layers += 1) > mostLayers) throw new Malformed('openvino/layers', `more than ${mostLayers} layers`, token.at);
      const place = enter(token, stack.at(-1), document);
      if (!token.closed) stack.push(place);
      if (stack.length > deepest) throw new Malformed('openvino/depth', `elements nest deeper than ${deepest} levels`, token.at);
    }
  }
  if (stack.length > 0) throw new Malformed('openvino/xml-truncated', `document ends inside <${stack.at(-1)!.name.slice(0, 80)}>`, bytes.length);
  return document;
}

function enter(token: Open, parent: Place | undefined, document: Document): Place {
  const { name, attributes } = token;
  const get = (key: string): string => attributes.get(key) ?? '';
  const { layer } = parent ?? {};
  if (parent === undefined) return { name, net: document.net };
  if (parent.path !== undefined || name === 'rt_info' || name === 'meta_data') return information(token, parent, document);
  if (parent.net !== undefined && parent.name === 'layers' && name === 'layer') {
    const made: Layer = { id: get('id'), name: get('name'), type: get('type'), version: get('version'), at: [token.at, token.end], pieces: [], ports: [], dims: new Map(), bodies: [], maps: [], shape: '', element: get('precision') };
    parent.net.layers.push(made);
    return { name, layer: made };
  }
  if (parent.net !== undefined && parent.name === 'edges' && name === 'edge') {
    parent.net.edges.push({ from: get('from-layer'), to: get('to-layer'), fromPort: get('from-port'), toPort: get('to-port') });
    return { name };
  }
  if (layer !== undefined) return inLayer(token, parent, layer);
  return { name, ...(parent.net === undefined ? {} : { net: parent.net }) };
}

function inLayer({ name, attributes }: Open, parent: Place, layer: Layer): Place {
  const get = (key: string): string => attributes.get(key) ?? '';
  if (attributes.has('offset') && attributes.has('size')) {
    layer.pieces.push({ part: name, offset: get('offset'), size: get('size'), type: get('element_type') || get('precision') || layer.element, shape: get('shape') });
  } else if (name === 'data' && parent.name === 'layer') {
    layer.shape = get('shape');
    if (get('element_type') !== '') layer.element = get('element_type');
  }
  if (name === 'port' && parent.name === 'output') {
    layer.ports.push(get('id'));
    layer.dims.set(get('id'), []);
    return { name, layer, port: get('id') };
  }
  if (name === 'dim' && parent.port !== undefined) return { name, layer, port: parent.port };
  const body = /^(?:then_|else_)?body$/.test(name);
  if (body) {
    const net: Net = { layers: [], edges: [] };
    layer.bodies.push(net);
    return { name, net };
  }
  // <port_map> of TensorIterator and Loop, <then_port_map> and <else_port_map> of If.
  if (name.endsWith('port_map')) return { name, layer, body: name.startsWith('else') ? 1 : 0 };
  if (parent.body !== undefined && (name === 'input' || name === 'output')) {
    while (layer.maps.length <= parent.body) layer.maps.push({ inputs: new Map(), outputs: new Map() });
    const map = layer.maps[parent.body]!; // made just now
    (name === 'input' ? map.inputs : map.outputs).set(get('external_port_id'), get('internal_layer_id'));
  }
  return { name, layer };
}

function information({ name, attributes }: Open, parent: Place, document: Document): Place {
  const own = name === 'info' ? (attributes.get('name') ?? '') : name;
  const path = parent.path === undefined || parent.path === '' ? (parent.path === undefined ? '' : own) : `${parent.path}.${own}`.slice(0, 200);
  const value = attributes.get('value');
  // Those of layers are attributes of a compiler; those of the net say who made it.
  if (value !== undefined && parent.layer === undefined && document.info.length < mostInfo) document.info.push([path, value]);
  return { name, path, ...(parent.layer === undefined ? {} : { layer: parent.layer }) };
}

function textIn(text: string, place: Place | undefined): void {
  if (place?.name !== 'dim' || place.port === undefined) return;
  const dims = place.layer?.dims.get(place.port);
  if (dims !== undefined && dims.length < 64) dims.push(text.slice(0, 20));
}
