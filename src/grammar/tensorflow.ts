// SPDX-License-Identifier: Apache-2.0
// What several kinds of TensorFlow file share: types.proto, tensor_shape.proto, tensor.proto
// (https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/framework).
import { signed, unsigned, type MessageRange, type ProtoReader } from './protobuf.ts';

/** Name and bits of an element by DataType; 0 bits where elements have no fixed size. From 101 on, the same as references. */
const types: ReadonlyMap<number, readonly [name: string, bits: number]> = new Map<number, readonly [string, number]>([
  [1, ['F32', 32]], [2, ['F64', 64]], [3, ['I32', 32]], [4, ['U8', 8]], [5, ['I16', 16]], [6, ['I8', 8]], [7, ['STRING', 0]], [8, ['C64', 64]], [9, ['I64', 64]],
  [10, ['BOOL', 8]], [11, ['I8', 8]], [12, ['U8', 8]], [13, ['I32', 32]], [14, ['BF16', 16]], [15, ['I16', 16]], [16, ['U16', 16]], [17, ['U16', 16]], [18, ['C128', 128]],
  [19, ['F16', 16]], [20, ['RESOURCE', 0]], [21, ['VARIANT', 0]], [22, ['U32', 32]], [23, ['U64', 64]], [24, ['F8_E5M2', 8]], [25, ['F8_E4M3', 8]], [26, ['F8_E4M3FNUZ', 8]],
  [27, ['F8_E4M3B11FNUZ', 8]], [28, ['F8_E5M2FNUZ', 8]], [29, ['I4', 8]], [30, ['U4', 8]], [31, ['I2', 8]], [32, ['U2', 8]],
]);

/** Short name and bits of an element of a DataType; bits are undefined for one that types.proto does not know. */
export function dataType(number: number): { readonly name: string; readonly bits: number | undefined } {
  const [name, bits] = types.get(number > 100 ? number - 100 : number) ?? [`type ${number}`, undefined];
  return { name, bits };
}

/** Dimensions that are kept; TensorFlow allows 254. */
const mostDimensions = 64;

/** TensorShapeProto: dim 2 { size 1, name 2 }, unknown_rank 3. A size of -1 is unknown; undefined when the rank is. */
export async function readShape(reader: ProtoReader, range: MessageRange): Promise<bigint[] | undefined> {
  const dims: bigint[] = [];
  let unknown = false;
  for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
    if (field.number === 3) unknown = unsigned(field) !== 0;
    if (field.number !== 2 || dims.length > mostDimensions) continue;
    const inner = reader.enter(field);
    let size = 0n;
    for (let part = await reader.next(inner); part !== undefined; part = await reader.next(inner)) if (part.number === 1) size = signed(part);
    dims.push(size);
  }
  return unknown ? undefined : dims;
}

/** Elements and bytes that type and shape ask for; a text says why that cannot be told. */
export function sizeOf(dims: readonly bigint[], bits: number): { readonly elements: bigint; readonly bytes: bigint } | string {
  if (dims.length > mostDimensions) return `has more than ${mostDimensions} dimensions`;
  const negative = dims.findIndex((size) => size < 0n);
  if (negative >= 0) return `has the size ${dims[negative]} in dimension ${negative}, allowed 0 and up`;
  let elements = 1n;
  for (const size of dims) elements *= size;
  const bytes = (elements * BigInt(bits) + 7n) / 8n;
  // Any dimension of zero hides the others from a product.
  if (bytes >= 2n ** 63n || elements >= 2n ** 63n || dims.some((size) => size >= 2n ** 62n)) return `has [${dims.slice(0, 8).join(', ')}] elements, more than 2^62`;
  return { elements, bytes };
}
