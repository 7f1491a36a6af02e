// SPDX-License-Identifier: Apache-2.0
// Layout: u64 little-endian length N at 0, N bytes of JSON at 8, tensor data from 8 + N to the end.
// https://github.com/huggingface/safetensors#format

/** Bits of one element. From `Dtype` in the reference implementation (safetensors/src/tensor.rs). */
const bits: ReadonlyMap<string, number> = new Map(Object.entries({
  F4: 4, F6_E2M3: 6, F6_E3M2: 6,
  BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8,
  U16: 16, I16: 16, F16: 16, BF16: 16,
  U32: 32, I32: 32, F32: 32,
  U64: 64, I64: 64, F64: 64, C64: 64,
}));

/** The longest header that the reference implementation reads: 100 MB. */
export const longestHeader = 100_000_000;

/** Dimensions that a tensor may have here; the format names no limit, and frameworks stop at 64 (NumPy). */
export const mostDimensions = 64;

/** A tensor's entry in the header, with what is wrong with it. */
export interface TensorHeader {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Offsets into the data section; undefined when they are no offsets. */
  readonly begin: number | undefined;
  readonly end: number | undefined;
  /** Bytes that dtype and shape ask for; undefined when that cannot be told. */
  readonly bytes: bigint | undefined;
}

/** Something odd in an entry: the code's last part, and the words. */
export type Complaint = readonly [code: string, what: string];

/** One entry of the header, attacker-controlled in every part. */
export function readTensor(name: string, value: unknown, complain: (...complaint: Complaint) => void): TensorHeader {
  const entry = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const dtype = typeof entry['dtype'] === 'string' ? entry['dtype'] : '?';
  const width = bits.get(dtype);
  if (width === undefined) complain('unknown-dtype', `has the dtype '${dtype}', which the format does not know`);
  const shape = readShape(entry['shape'], complain);
  const [begin, end] = readOffsets(entry['data_offsets'], complain);
  return { name, dtype, shape: shape ?? [], begin, end, bytes: bytesOf(shape, width, complain) };
}

function readShape(value: unknown, complain: (...complaint: Complaint) => void): number[] | undefined {
  if (!Array.isArray(value)) {
    complain('shape', 'has no shape');
    return undefined;
  }
  if (value.length > mostDimensions) {
    complain('shape', `has ${value.length} dimensions, allowed ${mostDimensions}`);
    return undefined;
  }
  const wrong = value.findIndex((size) => !isCount(size));
  if (wrong === -1) return value as number[];
  complain('shape', `has the size ${String(value[wrong])} in dimension ${wrong}, which is no whole number from 0 to 2^53`);
  return undefined;
}

function readOffsets(value: unknown, complain: (...complaint: Complaint) => void): [number | undefined, number | undefined] {
  if (!Array.isArray(value) || value.length !== 2 || !isCount(value[0]) || !isCount(value[1])) {
    complain('offsets', 'has data_offsets that are not two whole numbers from 0 to 2^53');
    return [undefined, undefined];
  }
  const [begin, end] = value as [number, number];
  if (begin <= end) return [begin, end];
  complain('offsets', `begins behind its end (${begin}..${end})`);
  return [undefined, undefined];
}

/** Dtype × shape. BigInt, since the product of sizes may pass 2^64 on purpose. */
function bytesOf(shape: readonly number[] | undefined, width: number | undefined, complain: (...complaint: Complaint) => void): bigint | undefined {
  if (shape === undefined || width === undefined) return undefined;
  let elements = 1n;
  for (const size of shape) elements *= BigInt(size);
  if (elements >= 2n ** 64n) {
    complain('overflow', `has [${shape.join(', ')}] elements, more than 2^64`);
    return undefined;
  }
  const total = elements * BigInt(width);
  if (total % 8n !== 0n) {
    complain('size-differs', `has ${elements} elements of ${width} bits, which fill no whole bytes`);
    return undefined;
  }
  return total / 8n;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
