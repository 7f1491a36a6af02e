// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../src/bytes/errors.ts';
import { refusePointer } from '../../src/bytes/pointer.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { ProtoReader } from '../../src/grammar/protobuf.ts';
import { scanner, type Recognition, type Sample } from '../../src/model/scanner.ts';
import { ModelReader, type Said } from './model.ts';

export default scanner({
  id: 'onnx',
  title: 'ONNX model',
  extensions: ['.onnx'],
  holds: 'anything',
  says: ['claim', 'region', 'tensor', 'node', 'link', 'anomaly', 'malformed'],
  recognise,
  inspect,
});

/** Fields of ModelProto and their wire types. */
const wires: ReadonlyMap<number, number> = new Map([[1, 0], [2, 2], [3, 2], [4, 2], [5, 0], [6, 2], [7, 2], [8, 2], [14, 2], [20, 2], [25, 2], [26, 2]]);

/** ONNX has no magic: the fields at the beginning must be a ModelProto's, with a small ir_version and a graph inside the file. */
function recognise({ name, size, head }: Sample): Recognition {
  if (/\.onnx$/i.test(name)) return 'yes';
  if (head[0] !== 0x08 || !(head[1]! > 0 && head[1]! < 32)) return 'no';
  let at = 2;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; scale < 2 ** 56; scale *= 128) {
      const byte = head[at++];
      if (byte === undefined) return Number.NaN;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  let [graph, versions, producer] = [false, false, false];
  while (at < head.length && !(graph && versions)) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    if (wires.get(field) !== tag % 8) break;
    const value = varint();
    if (Number.isNaN(value)) break;
    if (tag % 8 === 0) continue;
    if (field === 2) producer = isName(head.subarray(at, at + value));
    // The first part of a model that was cut into pieces: the graph is longer than what there is of it.
    if (field === 7 && value > size - at && producer && (head[at] === 0x0a || head[at] === 0x12)) return 'yes';
    if (value > size - at || (field !== 7 && field !== 20 && field !== 25 && value > 65_536)) return 'no';
    versions ||= field === 8;
    graph ||= field === 7 && (head[at] === 0x0a || head[at] === 0x12 || head[at] === 0x2a);
    at += value;
  }
  return graph ? 'maybe' : 'no';
}

/** 'pytorch', 'tf2onnx', 'onnx.quantize': what a program calls itself. */
function isName(bytes: Uint8Array): boolean {
  return bytes.length >= 3 && bytes.length <= 64 && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}

async function* inspect(source: ByteSource, { head }: Sample): AsyncGenerator<Said> {
  refusePointer(head);
  if (source.size === 0) throw new Malformed('onnx/truncated', 'file is empty', 0);
  const model = new ModelReader(new ProtoReader(source, 'onnx'));
  let broken: unknown;
  try {
    await model.read();
  } catch (error) {
    broken = error; // thrown again below: what was read before is said first
  }
  yield* model.facts;
  if (broken !== undefined) throw broken;
}
