// SPDX-License-Identifier: Apache-2.0
// tf.train.Example (tensorflow/core/example/example.proto, feature.proto): features { feature: map<string, Feature> }.
import { Malformed } from '../../src/bytes/errors.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Budget } from '../../src/bytes/limits.ts';
import { ProtoReader, signed, type Field } from '../../src/grammar/protobuf.ts';
import type { Cell } from '../../src/model/scanner.ts';

const most = { features: 2000, values: 65_536 } as const;

/** The features of an Example by name, or undefined when the bytes are none. A feature of one value is that value. */
export async function exampleOf(bytes: Uint8Array, budget: Budget): Promise<Map<string, Cell> | undefined> {
  const reader = new ProtoReader(new MemorySource(bytes, budget), 'tfrecord');
  const out = new Map<string, Cell>();
  try {
    const top = { offset: 0, end: bytes.length };
    for (let field = await reader.next(top); field !== undefined; field = await reader.next(top)) {
      if ((field.number !== 1 && field.number !== 2) || field.wire !== 2) return undefined; // 2: the lists of a SequenceExample
      if (field.number === 2) continue;
      const features = reader.enter(field);
      for (let entry = await reader.next(features); entry !== undefined; entry = await reader.next(features)) {
        if (entry.number !== 1 || entry.wire !== 2) return undefined;
        const [name, value] = await entryOf(reader, entry);
        if (name !== undefined && out.size < most.features) out.set(name, value);
      }
    }
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
  return out;
}

async function entryOf(reader: ProtoReader, entry: Field): Promise<[string | undefined, Cell]> {
  const range = reader.enter(entry);
  let name: string | undefined;
  let value: Cell = null;
  for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
    if (field.number === 1 && field.wire === 2) name = await reader.text(field, 1024);
    else if (field.number === 2 && field.wire === 2) value = await featureOf(reader, field);
  }
  return [name, value];
}

/** Feature: one of 1 bytes_list, 2 float_list, 3 int64_list; each has its values in field 1. */
async function featureOf(reader: ProtoReader, feature: Field): Promise<Cell> {
  const range = reader.enter(feature);
  const values: Cell[] = [];
  for (let list = await reader.next(range); list !== undefined; list = await reader.next(range)) {
    if (list.wire !== 2) continue;
    const inner = reader.enter(list);
    for (let field = await reader.next(inner); field !== undefined && values.length < most.values; field = await reader.next(inner)) {
      if (field.number !== 1) continue;
      if (list.number === 1 && field.wire === 2) values.push(textOrBytes(Buffer.from(await reader.bytes(field, field.end - field.begin))));
      else if (list.number === 2) values.push(...floats(await reader.bytes(field, Math.min(field.end - field.begin, 4 * most.values))));
      else if (list.number === 3) values.push(...(field.wire === 0 ? [signed(field)] : await reader.varints(field, most.values)).map(whole));
    }
  }
  return values.length === 1 ? values[0]! : values.length === 0 ? null : values;
}

function floats(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getFloat32(4 * i, true));
}

function whole(value: bigint): Cell {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** Texts are kept as bytes like everything else: what is sound UTF-8 without control characters is one. */
function textOrBytes(bytes: Buffer): Cell {
  if (bytes.subarray(0, 64).some((byte) => byte < 9)) return new Uint8Array(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new Uint8Array(bytes);
  }
}
