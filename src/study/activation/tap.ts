// SPDX-License-Identifier: Apache-2.0
// Makes a model tell what its last layer is given: one more output, written behind the bytes of the model. Parsers of Protocol
// Buffers merge a message field that comes twice (protobuf.dev/programming-guides/encoding, "Last One Wins"), lists by joining them.
import { MemorySource } from '../../bytes/source.ts';
import { ProtoReader, type Field, type MessageRange } from '../../grammar/protobuf.ts';
import type { Budget } from '../../bytes/limits.ts';

/** Layers that turn activations into scores: one operand is data, another learned. */
const last = new Set(['Gemm', 'MatMul', 'FusedGemm', 'FusedMatMul']);
const mostNodes = 200_000;

interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The bytes with another output, and its name; undefined where no last layer is found. Throws `Malformed`. */
export async function tapped(model: Uint8Array, budget: Budget): Promise<{ readonly bytes: Uint8Array; readonly name: string } | undefined> {
  const reader = new ProtoReader(new MemorySource(model, budget), 'onnx');
  const nodes: Node[] = [];
  const constants = new Set<string>();
  const outputs: string[] = [];
  for await (const field of fields(reader, { offset: 0, end: model.length })) {
    if (field.number !== 7 || field.wire !== 2) continue;
    for await (const part of fields(reader, reader.enter(field))) {
      if (part.wire !== 2) continue;
      if (part.number === 1 && nodes.length < mostNodes) nodes.push(await nodeOf(reader, part, model));
      else if (part.number === 5) constants.add(await nameOf(reader, part, 8, model));
      else if (part.number === 12) outputs.push(await nameOf(reader, part, 1, model));
    }
  }
  for (const { operator, outputs: made } of nodes) if (operator === 'Constant') for (const name of made) constants.add(name);
  const layer = layerBefore(outputs[0], nodes, constants);
  const name = layer?.inputs.find((one) => one !== '' && !constants.has(one));
  if (name === undefined) return undefined;
  // ValueInfoProto { name = 1 } as GraphProto.output = 12 in ModelProto.graph = 7
  const value = message(1, Buffer.from(name, 'utf8'));
  return { bytes: Buffer.concat([model, message(7, message(12, value))]), name };
}

/** From the first output backwards along single ways: the last learned layer. */
function layerBefore(output: string | undefined, nodes: readonly Node[], constants: ReadonlySet<string>): Node | undefined {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let name = output;
  for (let steps = 0; name !== undefined && steps < 64; steps += 1) {
    const node = makers.get(name);
    if (node === undefined) return undefined;
    if (last.has(node.operator) && node.inputs.some((one) => constants.has(one) || makers.get(one)?.operator === 'Transpose')) return node;
    name = node.inputs.find((one) => one !== '' && !constants.has(one));
  }
  return undefined;
}

async function* fields(reader: ProtoReader, range: MessageRange): AsyncGenerator<Field> {
  for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) yield field;
}

async function nodeOf(reader: ProtoReader, field: Field, model: Uint8Array): Promise<Node> {
  const [inputs, outputs]: [string[], string[]] = [[], []];
  let operator = '';
  for await (const part of fields(reader, reader.enter(field))) {
    if (part.wire !== 2) continue;
    if (part.number === 1) inputs.push(textOf(part, model));
    else if (part.number === 2) outputs.push(textOf(part, model));
    else if (part.number === 4) operator = textOf(part, model);
  }
  return { operator, inputs, outputs };
}

async function nameOf(reader: ProtoReader, field: Field, number: number, model: Uint8Array): Promise<string> {
  for await (const part of fields(reader, reader.enter(field))) if (part.number === number && part.wire === 2) return textOf(part, model);
  return '';
}

function textOf({ begin, end }: Field, model: Uint8Array): string {
  return Buffer.from(model.buffer, model.byteOffset + begin, Math.min(end - begin, 4096)).toString('utf8');
}

function message(number: number, body: Uint8Array): Buffer {
  const length: number[] = [];
  for (let rest = body.length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      length.push(rest);
      break;
    }
    length.push((rest % 128) + 128);
  }
  return Buffer.concat([Buffer.of((number << 3) | 2, ...length), body]);
}
