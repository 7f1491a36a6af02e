// SPDX-License-Identifier: Apache-2.0
// TensorProto: dims 1, data_type 2, float_data 4, double_data 10, name 8, raw_data 9, external_data 13, data_location 14.
import { clip } from '../../src/bytes/clip.ts';
import type { MessageRange, ProtoReader } from '../../src/grammar/protobuf.ts';
import { unsigned } from '../../src/grammar/protobuf.ts';
import type { Span } from '../../src/model/span.ts';

/** Name and bits of an element, by TensorProto.DataType; 0 bits where elements have no fixed size. */
export const dataTypes: ReadonlyMap<number, readonly [name: string, bits: number]> = new Map<number, readonly [string, number]>([
  [1, ['F32', 32]], [2, ['U8', 8]], [3, ['I8', 8]], [4, ['U16', 16]], [5, ['I16', 16]], [6, ['I32', 32]], [7, ['I64', 64]], [8, ['STRING', 0]],
  [9, ['BOOL', 8]], [10, ['F16', 16]], [11, ['F64', 64]], [12, ['U32', 32]], [13, ['U64', 64]], [14, ['C64', 64]], [15, ['C128', 128]],
  [16, ['BF16', 16]], [17, ['F8_E4M3', 8]], [18, ['F8_E4M3FNUZ', 8]], [19, ['F8_E5M2', 8]], [20, ['F8_E5M2FNUZ', 8]], [21, ['U4', 4]],
  [22, ['I4', 4]], [23, ['F4', 4]], [24, ['F8_E8M0', 8]], [25, ['U2', 2]], [26, ['I2', 2]], [27, ['F6_E2M3', 6]],
  [28, ['F6_E3M2', 6]],
]);

export interface TensorProto {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes that type and dimensions ask for; undefined when that cannot be told. */
  readonly bytes: bigint | undefined;
  /** The raw data, or the whole message where data is stored otherwise. */
  readonly at: Span;
  /** Keys and values of external_data, in order; empty when the data is inside. */
  readonly external: readonly (readonly [key: string, value: string])[];
}

const mostDimensions = 64;
const mostExternal = 32;
type Complain = (code: string, what: string, at: number) => void;

export async function readTensor(reader: ProtoReader, range: MessageRange, fallback: string, complain: Complain): Promise<TensorProto> {
  const whole: Span = [range.offset, range.end];
  const dims: bigint[] = [];
  const external: (readonly [string, string])[] = [];
  let [name, type, location] = ['', 0, 0];
  let raw: Span | undefined;
  let floats = 0;
  let doubles = 0;
  for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
    const length = field.end - field.begin;
    if (field.number === 1) dims.push(...(await reader.varints(field, mostDimensions + 1)));
    else if (field.number === 2) type = unsigned(field);
    else if (field.number === 4) floats += length;
    else if (field.number === 8) name = await reader.text(field);
    else if (field.number === 9) raw = [field.begin, field.end];
    else if (field.number === 10) doubles += length;
    else if (field.number === 13 && external.length < mostExternal) external.push(await readEntry(reader, reader.enter(field)));
    else if (field.number === 14) location = unsigned(field);
    if (dims.length > mostDimensions) dims.length = mostDimensions + 1;
  }
  const label = clip(name === '' ? fallback : name, 80);
  const odd = (code: string, what: string): void => complain(code, `tensor ${label} ${what}`, whole[0]);
  const [dtype, bits] = dataTypes.get(type) ?? [`type ${type}`, 0];
  if (!dataTypes.has(type)) odd('unknown-type', `has the type ${type}, which onnx.proto does not know`);
  const bytes = sizeOf(dims, bits, odd);
  const stored = raw !== undefined ? raw[1] - raw[0] : floats > 0 && bits === 32 ? floats : doubles > 0 && bits === 64 ? doubles : undefined;
  if (stored !== undefined && bytes !== undefined && external.length === 0 && BigInt(stored) !== bytes) {
    odd('size-differs', `has ${stored} bytes, but ${dtype} [${clip(dims.join(', '), 120)}] needs ${bytes}`);
  }
  if (location === 1 && external.every(([key]) => key !== 'location')) odd('external-location', 'is stored outside, but names no location');
  return { name: name === '' ? fallback : name, dtype, shape: dims.slice(0, mostDimensions).map(Number), bytes, at: raw ?? whole, external };
}

/** Product and bytes in BigInt: both may wrap around on purpose. */
function sizeOf(dims: readonly bigint[], bits: number, odd: (code: string, what: string) => void): bigint | undefined {
  if (dims.length > mostDimensions) {
    odd('dimension', `has more than ${mostDimensions} dimensions`);
    return undefined;
  }
  const negative = dims.findIndex((size) => size < 0n);
  if (negative >= 0) {
    odd('dimension', `has the size ${dims[negative]} in dimension ${negative}, allowed 0 and up`);
    return undefined;
  }
  let elements = 1n;
  for (const size of dims) elements *= size;
  const bytes = (elements * BigInt(bits) + 7n) / 8n;
  if (elements >= 2n ** 63n || bytes >= 2n ** 63n) {
    odd('overflow', `has [${clip(dims.join(', '), 120)}] elements, ${clip(String(bytes), 60)} bytes, more than 2^63`);
    return undefined;
  }
  return bits === 0 ? undefined : bytes;
}

/** StringStringEntryProto: key 1, value 2. */
export async function readEntry(reader: ProtoReader, range: MessageRange, most = 4096): Promise<readonly [key: string, value: string]> {
  let [key, value] = ['', ''];
  for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
    if (field.number === 1 && field.wire === 2) key = await reader.text(field);
    else if (field.number === 2 && field.wire === 2) value = await reader.text(field, most);
  }
  return [key, value];
}
